"""`wandb verify` against a server behind TLS: everything but sweeps, which come
later."""

import os
import pathlib
import re
import subprocess
import sys

from conftest import Server
from proxy import Forwarder, certificate


def test_verify(tmp_path):
    proof = certificate(tmp_path)
    front = Forwarder(0, proof)
    server = Server(tmp_path / "data")
    server.url, inside = f"https://127.0.0.1:{front.port}", f"http://127.0.0.1:{server.port}"
    front.target = server.port
    server.start(inside)
    try:
        key = server.user("alice")
        env = os.environ | {"WANDB_API_KEY": key, "SSL_CERT_FILE": str(proof), "REQUESTS_CA_BUNDLE": str(proof)}
        wandb = pathlib.Path(sys.executable).with_name("wandb")
        done = subprocess.run([str(wandb), "verify", "--host", server.url], capture_output=True, text=True, timeout=180, env=env)
    finally:
        server.stop()
        front.close()
    found = dict(re.findall(r"^(Checking [^.\n]+)\.+(✅|❌)", done.stdout + done.stderr, re.M))
    failed = sorted(name for name, mark in found.items() if mark == "❌")
    assert failed == ["Checking sweep creation and agent execution"], done.stdout + done.stderr
    assert len(found) >= 10, found
