"""Offline runs and wandb sync: twice without doubling, resumed, cut short."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

import wandb

from conftest import fresh, script

WANDB = str(pathlib.Path(sys.executable).with_name("wandb"))


def sync(*paths):
    """Syncs folders of offline runs; marks that say "synced" are ignored."""
    inherited = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
    done = subprocess.run([WANDB, "sync", "--include-synced", *map(str, paths)], env=inherited, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def folders():
    return sorted(pathlib.Path("wandb").glob("offline-run-*"))


def rows(api, project, id):
    return [(row["_step"], row["v"]) for row in fresh(api, f"alice/{project}/{id}").scan_history()]


def offline(project, id, values, **kw):
    before = set(folders())
    with wandb.init(project=project, id=id, mode="offline", **kw) as run:
        for v in values:
            run.log({"v": v})
        print(f"line {values[0]}")
        pathlib.Path("note.txt").write_text("a note")
        run.save("note.txt")
    return (set(folders()) - before).pop()


def test_sync_twice(server, project, api, read):
    folder = offline(project, "r", range(50), config={"lr": 1})
    for _ in range(2):
        sync(folder)
        assert rows(api, project, "r") == [(i, i) for i in range(50)]
        assert read.points(f"alice/{project}", "r", "v") == [(i, i) for i in range(50)]
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and r.config == {"lr": 1} and r.summary["v"] == 49
    assert r.file("note.txt").download(root="down").read() == "a note"
    assert read.lines(f"alice/{project}", "r").count("line 0") == 1


def test_a_copy_is_synced_from_elsewhere(server, project, api):
    folder = offline(project, "r", range(5))
    sync(folder)
    copy = pathlib.Path("elsewhere") / folder.name
    shutil.copytree(folder, copy)
    sync(copy)
    assert rows(api, project, "r") == [(i, i) for i in range(5)]


def test_sync_of_a_machine_that_died(server, project, api):
    p = script(server, f"""
import time, wandb, os, signal
run = wandb.init(project={project!r}, id="r", mode="offline")
for i in range(2000):
    run.log({{"v": i}})
time.sleep(3)
os.kill(os.getpid(), signal.SIGKILL)
""")
    p.communicate(timeout=60)
    assert p.returncode == -signal.SIGKILL
    (folder,) = folders()
    (log,) = folder.glob("*.wandb")
    data = log.read_bytes()
    assert len(data) > 10_000
    log.write_bytes(data[:len(data) * 2 // 3 + 5])  # in the middle of a record
    sync(folder)
    got = rows(api, project, "r")
    assert 100 < len(got) < 2000 and got == [(i, i) for i in range(len(got))]
    sync(folder)
    assert rows(api, project, "r") == got


def test_sync_of_a_resumed_run_twice(server, project, api, read):
    """An online run, gone on offline, then synced twice, and gone on online."""
    with wandb.init(project=project, id="r") as run:
        for v in range(3):
            run.log({"v": v})
    folder = offline(project, "r", range(3, 6), resume="allow")
    # Before 0.31 the SDK ignores resume offline: the run starts over.
    want = list(range(6)) if newer() else [3, 4, 5]
    for _ in range(2):
        sync(folder)
        assert [v for _, v in rows(api, project, "r")] == want
        assert read.lines(f"alice/{project}", "r").count("line 3") == 1
    with wandb.init(project=project, id="r", resume="must") as run:
        run.log({"v": 6})
    assert [v for _, v in rows(api, project, "r")] == want + [6]


def newer():
    return tuple(map(int, wandb.__version__.split(".")[:2])) >= (0, 31)
