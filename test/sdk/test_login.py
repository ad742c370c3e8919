"""Point 6: keys, wandb login, /authorize; wrong and revoked keys get a clear refusal."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
import wandb


def login_cli(*args, key=None):
    env = {k: v for k, v in os.environ.items() if k not in ("WANDB_API_KEY", "WANDB_SILENT")}
    return subprocess.run([sys.executable, "-m", "wandb", "login", *args], input=key, capture_output=True, text=True, env=env, timeout=120)


def test_login_command(server, tmp_path):
    done = login_cli("--host", server.url, "--relogin", "--verify", server.alice_key)
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.alice_key in (tmp_path / "netrc").read_text()


def test_login_function(server, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY")
    assert wandb.login(key=server.bob_key, host=server.url, relogin=True, verify=True)
    assert wandb.Api().viewer.username == "bob"


def test_wrong_key(server, monkeypatch):
    monkeypatch.delenv("WANDB_API_KEY")
    with pytest.raises(Exception) as e:
        wandb.login(key="local-" + "0" * 40, host=server.url, relogin=True, verify=True)
    text = str(e.value).lower()
    assert "key" in text or "401" in text or "auth" in text, text


def test_revoked_key(server, monkeypatch):
    out = json.loads(server.admin("key", "create", "--user", "alice", "--name", "short-lived", "--json"))
    secret = next(v for v in out.values() if isinstance(v, str) and len(v) >= 40)
    monkeypatch.setenv("WANDB_API_KEY", secret)
    assert wandb.Api(api_key=secret).viewer.username == "alice"
    listed = json.loads(server.admin("key", "list", "--user", "alice", "--json"))
    listed = listed if isinstance(listed, list) else listed["keys"]
    one = next(k for k in listed if k["name"] == "short-lived")
    server.admin("key", "revoke", str(one["id"]))
    time.sleep(5.2)  # revocation works within five seconds
    with pytest.raises(Exception):
        wandb.Api(api_key=secret).viewer.username


def test_import_key_of_any_shape(server):
    for i, key in enumerate(["f" * 40, "local-" + "a1" * 20, "user_x-" + "b_2" * 20, "aaaa.bbbb" + "c" * 40 + ".dddd"]):
        server.admin("user", "create", f"mover{i}", "--email", f"mover{i}@example.com")
        server.admin("key", "import", "--user", f"mover{i}", stdin=key + "\n")
        if len(key.split("-", 1)[-1]) >= 40:
            assert wandb.Api(api_key=key).viewer.username == f"mover{i}"


def test_key_with_another_key_shape_is_refused(server):
    server.admin("user", "create", "shape", "--email", "shape@example.com")
    with pytest.raises(AssertionError):
        server.admin("key", "import", "--user", "shape", stdin="too short\n")


def test_authorize_is_a_page(server):
    with urllib.request.urlopen(urllib.request.Request(server.url + "/authorize?ref=models", headers={"Accept": "text/html"})) as r:
        assert r.status == 200 and "text/html" in r.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/sdk/otel/v1/metrics", "/sdk/otel/v1/logs"])
def test_telemetry_is_not_wanted(server, path):
    with pytest.raises(urllib.error.HTTPError) as e:
        urllib.request.urlopen(urllib.request.Request(server.url + path, data=b"", method="POST"))
    assert e.value.code in (404, 405)
