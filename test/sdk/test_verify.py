"""`wandb verify` against the server: everything but sweeps, which come later,
and https, which a proxy before the server speaks."""

import re
import subprocess
import sys
import pathlib


def test_verify(server, tmp_path):
    wandb = pathlib.Path(sys.executable).with_name("wandb")
    done = subprocess.run([str(wandb), "verify", "--host", server.url], capture_output=True, text=True, timeout=120)
    found = dict(re.findall(r"^(Checking [^.\n]+)\.+(✅|❌)", done.stdout + done.stderr, re.M))
    failed = sorted(name for name, mark in found.items() if mark == "❌")
    assert failed == ["Checking requests made over signed URLs", "Checking requests to base url", "Checking sweep creation and agent execution"], done.stdout + done.stderr
    assert len(found) >= 10, found
