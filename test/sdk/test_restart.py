"""A server killed and started again under a running client: nothing lost, nothing doubled."""

import signal
import time

import pytest
import wandb

from conftest import fresh, script, Server, wait_for
from readpath import ReadPath


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM], ids=["kill", "term"])
def test_restart_under_a_client(tmp_path_factory, monkeypatch, how):
    server = Server(tmp_path_factory.mktemp("restart") / "data").start()
    try:
        key = server.user("dora")
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        monkeypatch.setenv("WANDB_API_KEY", key)
        p = script(server, """
import time, wandb
run = wandb.init(project="p", id="long")
for i in range(600):
    run.log({"i": i})
    time.sleep(0.02)
run.finish()
print("done", flush=True)
""")
        api = wandb.Api(api_key=key, overrides={"base_url": server.url})
        for _ in range(3):
            wait_for("rows", lambda: fresh(api, "dora/p/long").lastHistoryStep > 0, 60)
            time.sleep(1.0)
            code = server.stop(how)
            assert how is signal.SIGKILL or code == 0
            time.sleep(0.5)
            server.start()
        out, _ = p.communicate(timeout=180)
        assert p.returncode == 0 and "done" in out, out
        api = wandb.Api(api_key=key, overrides={"base_url": server.url})
        rows = [(r["_step"], r["i"]) for r in api.run("dora/p/long").scan_history()]
        assert rows == [(i, i) for i in range(600)]
        assert api.run("dora/p/long").state == "finished"
        assert ReadPath(server.url, key).points("dora/p", "long", "i") == [(i, i) for i in range(600)]
    finally:
        server.stop()
