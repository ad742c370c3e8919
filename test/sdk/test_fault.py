"""A server killed with SIGKILL in the middle of a sync, a fork and a rewind: afterwards everything once, nothing half-made."""

import base64
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
import wandb

from conftest import fresh, script, Server
from readpath import ReadPath


@pytest.fixture
def mortal(tmp_path_factory, monkeypatch):
    """A server of the test's own, which it may kill."""
    server = Server(tmp_path_factory.mktemp("mortal") / "data").start()
    server.key_of_dora = server.user("dora")
    monkeypatch.setenv("WANDB_BASE_URL", server.url)
    monkeypatch.setenv("WANDB_API_KEY", server.key_of_dora)
    yield server
    server.stop()


def api_of(server):
    return wandb.Api(api_key=server.key_of_dora, overrides={"base_url": server.url})


def test_kill_in_the_middle_of_a_sync(mortal):
    p = script(mortal, """
import pathlib, wandb, numpy as np
with wandb.init(project="p", id="off", mode="offline") as run:
    for i in range(4000):
        run.log({"v": i, "w": f"text {i} " * 10} | ({"img": wandb.Image(np.full((8, 8, 3), i % 255, np.uint8))} if i % 200 == 0 else {}))
    for i in range(20):
        pathlib.Path(f"f{i}.bin").write_bytes(bytes([i]) * 10000)
        run.save(f"f{i}.bin")
    a = wandb.Artifact("data", type="dataset")
    a.add_file("f0.bin")
    run.log_artifact(a)
    print("the last line")
""")
    out, _ = p.communicate(timeout=90)
    assert p.returncode == 0, out
    (folder,) = pathlib.Path("wandb").glob("offline-run-*")
    env = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
    wandb_bin = pathlib.Path(sys.executable).with_name("wandb")
    sync = subprocess.Popen([wandb_bin, "sync", "--include-synced", folder], env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    kills = 0
    while sync.poll() is None and kills < 4:
        time.sleep(0.4 + random.random())
        if sync.poll() is None:
            mortal.stop(signal.SIGKILL)
            kills += 1
            mortal.start()
    out, _ = sync.communicate(timeout=240)
    assert kills > 0 and sync.returncode == 0, out
    for again in range(2):
        api = api_of(mortal)
        rows = list(api.run("dora/p/off").scan_history(keys=["_step", "v"]))
        assert [(r["_step"], r["v"]) for r in rows] == [(i, i) for i in range(4000)], f"after {kills} kills"
        r = api.run("dora/p/off")
        assert r.state == "finished" and r.summary["v"] == 3999
        files = {f.name: f for f in r.files()}
        for i in range(20):
            assert files[f"f{i}.bin"].size == 10000
        assert pathlib.Path(files["f7.bin"].download(root=f"down{again}").name).read_bytes() == bytes([7]) * 10000
        assert sum(n.startswith("media/") for n in files) == 20
        assert [a.name for a in r.logged_artifacts() if a.type == "dataset"] == ["data:v0"]
        assert ReadPath(mortal.url, mortal.key_of_dora).lines("dora/p", "off").count("the last line") == 1
        if not again:  # a second sync changes nothing
            subprocess.run([wandb_bin, "sync", "--include-synced", folder], env=env, check=True, capture_output=True, timeout=120)


FORK = """mutation Fork($name: String!, $config: JSONString!) {
  upsertBucket(input: {entityName: "dora", modelName: "p", name: $name, host: "vm", config: $config}) { inserted bucket { historyLineCount } }
}"""
REWIND = """mutation Rewind($step: Float!) {
  rewindRun(input: {entityName: "dora", projectName: "p", runName: "parent", metricName: "_step", metricValue: $step}) { rewoundRun { historyLineCount } }
}"""


def graphql(server, query, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    auth = "Basic " + base64.b64encode(b"api:" + server.key_of_dora.encode()).decode()
    with urllib.request.urlopen(urllib.request.Request(server.url + "/graphql", body, {"Authorization": auth, "Content-Type": "application/json"}), timeout=10) as r:
        got = json.loads(r.read())
    assert "errors" not in got, got
    return got["data"]


def fork(server, name, step):
    point = {"_wandb": {"value": {"t": {"5": "0.31.0"}, "branch_point": {"run_id": "parent", "step": step}}}}
    return graphql(server, FORK, name=name, config=json.dumps(point))


def parent_of(server, rows=3000, files=60):
    with wandb.init(project="p", id="parent", config={"lr": 1}) as run:
        for i in range(rows):
            run.log({"v": i, "w": f"text {i} " * 5})
        for i in range(files):
            pathlib.Path(f"f{i}.bin").write_bytes(bytes([i]))
            run.save(f"f{i}.bin")


def under_fire(server, call, after):
    """Makes the call in a thread, kills the server within milliseconds, and starts it again. Reports whether the call was answered."""
    answered = []

    def go():
        try:
            answered.append(call())
        except (OSError, urllib.error.URLError):
            pass
    t = threading.Thread(target=go)
    t.start()
    time.sleep(after)
    server.stop(signal.SIGKILL)
    t.join()
    server.start()
    return bool(answered)


def whole(server, name, rows):
    """Everything of a fork at step rows-1 is there."""
    r = api_of(server).run(f"dora/p/{name}")
    assert [(x["_step"], x["v"]) for x in r.scan_history(keys=["_step", "v"])] == [(i, i) for i in range(rows)], name
    assert r.summary["v"] == rows - 1 and r.config == {"lr": 1}, name
    assert sum(f.name.endswith(".bin") for f in r.files()) == 60, name


def test_kill_in_the_middle_of_a_fork(mortal):
    parent_of(mortal)
    begin = time.monotonic()
    fork(mortal, "measured", 2000)
    took = time.monotonic() - begin
    whole(mortal, "measured", 2001)
    for n in range(5):
        name = f"fork{n}"
        answered = under_fire(mortal, lambda: fork(mortal, name, 2000 + n), took * (0.2 + 0.3 * n))
        there = [r.id for r in api_of(mortal).runs("dora/p") if r.id == name]
        assert there or not answered, "a fork that was acknowledged is gone"
        if there:
            whole(mortal, name, 2001 + n)
        fork(mortal, name, 2000 + n)  # the client tries again
        whole(mortal, name, 2001 + n)
    # The last fork goes on as any other.
    with wandb.init(project="p", id="fork4", resume="must") as run:
        run.log({"v": -1})
    assert list(fresh(api_of(mortal), "dora/p/fork4").scan_history(keys=["v"]))[-1]["v"] == -1


def test_kill_in_the_middle_of_a_rewind(mortal):
    parent_of(mortal)
    last = 2999
    for n in range(6):
        to = last - 300
        answered = under_fire(mortal, lambda: graphql(mortal, REWIND, step=to), 0.004 * n)
        r = api_of(mortal).run("dora/p/parent")
        rows = [x["v"] for x in r.scan_history(keys=["v"])]
        assert len(rows) == to + 1 or not answered and len(rows) == last + 1, f"{len(rows)} rows, rewound from {last} to {to}"
        assert rows == list(range(len(rows))) and r.summary["v"] == rows[-1]
        assert r.lastHistoryStep == rows[-1]
        got = graphql(mortal, REWIND, step=to)
        assert got["rewindRun"]["rewoundRun"]["historyLineCount"] == to + 1
        last = to
    with wandb.init(project="p", id="parent", resume="must") as run:
        run.log({"v": -1})
    assert [x["v"] for x in fresh(api_of(mortal), "dora/p/parent").scan_history(keys=["v"])] == [*range(last + 1), -1]
