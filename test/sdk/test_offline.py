"""Offline runs and wandb sync: twice without doubling, resumed, cut short."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import wandb

from conftest import fresh, script

WANDB = str(pathlib.Path(sys.executable).with_name("wandb"))


def sync(*paths):
    """Syncs folders of offline runs; marks that say "synced" are ignored."""
    return command("--include-synced", *paths)


def command(*args):
    inherited = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
    done = subprocess.run([WANDB, "sync", *map(str, args)], env=inherited, capture_output=True, text=True, timeout=120)
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


def test_everything_of_an_offline_run(server, project, api, read):
    """Media, tables, files, artifacts, tags, notes and summary, synced twice."""
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    before = set(folders())
    with wandb.init(project=project, id="r", name="shown", notes="why", tags=["a", "b"], group="g", job_type="t", config={"lr": 1, "n": {"x": [1, 2]}}, mode="offline") as run:
        run.define_metric("acc", summary="max")
        for i in range(3):
            run.log({"acc": 2 - i, "img": wandb.Image(pixels, caption=f"c{i}")})
        run.log({"t": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]]), "h": wandb.Histogram([1, 2, 2])})
        pathlib.Path("sub").mkdir()
        pathlib.Path("sub/w.bin").write_bytes(b"\0\1\2" * 1000)
        run.save("sub/w.bin", base_path=".")
        a = wandb.Artifact("data", type="dataset", metadata={"m": 1})
        with a.new_file("d.txt") as f:
            f.write("bytes")
        run.log_artifact(a, aliases=["best"])
        run.summary["own"] = {"k": 7}
        print("a line")
    (folder,) = set(folders()) - before
    for _ in range(2):
        sync(folder)
        r = fresh(api, f"alice/{project}/r")
        assert (r.state, r.name, r.notes, sorted(r.tags), r.group, r.job_type) == ("finished", "shown", "why", ["a", "b"], "g", "t")
        assert r.config == {"lr": 1, "n": {"x": [1, 2]}}
        s = r.summary._json_dict
        assert s["acc"] == {"max": 2} and s["own"] == {"k": 7} and s["h"]["_type"] == "histogram"
        rows = list(r.scan_history())
        assert [x["_step"] for x in rows] == [0, 1, 2, 3] and [x.get("acc") for x in rows] == [2, 1, 0, None]
        images = [x["img"] for x in rows[:3]]
        assert [i["caption"] for i in images] == ["c0", "c1", "c2"]
        for m in [*images, rows[3]["t"]]:
            f = r.file(m["path"])
            assert f.size == m["size"]
        import PIL.Image
        assert (np.asarray(PIL.Image.open(r.file(images[1]["path"]).download(root="down", replace=True).name)) == pixels).all()
        assert pathlib.Path(r.file("sub/w.bin").download(root="down", replace=True).name).read_bytes() == b"\0\1\2" * 1000
        made = [a for a in r.logged_artifacts() if a.type == "dataset"]
        assert [(a.name, sorted(a.aliases), a.metadata) for a in made] == [("data:v0", ["best", "latest"], {"m": 1})]
        assert (pathlib.Path(made[0].download(root="art")) / "d.txt").read_text() == "bytes"
        assert read.lines(f"alice/{project}", "r").count("a line") == 1


def test_all_at_once(server, project, api):
    """One command for a folder with several runs; a second one sends none again."""
    for i in range(4):
        offline(project, f"r{i}", range(i * 10, i * 10 + 5))
    every = ["--yes"] if newer() else ["--sync-all"]
    for _ in range(2):
        command(*every)
        for i in range(4):
            assert rows(api, project, f"r{i}") == [(j, i * 10 + j) for j in range(5)]


def test_sync_elsewhere(server, project, api):
    """Into another project, run id and entity than the run was made for."""
    if "team-sync" not in server.admin("team", "list"):
        server.admin("team", "create", "team-sync", "--owner", "alice")
    folder = offline(project, "r", range(5), config={"lr": 1})
    for _ in range(2):
        command("--include-synced", "--id", "other", "--project", f"{project}-b", "--entity", "team-sync", folder)
        r = fresh(api, f"team-sync/{project}-b/other")
        assert [(x["_step"], x["v"]) for x in r.scan_history()] == [(i, i) for i in range(5)]
        assert r.config == {"lr": 1} and r.state == "finished" and "note.txt" in [f.name for f in r.files()]
    with pytest.raises(Exception):
        fresh(api, f"alice/{project}/r").load()


def test_append(server, project, api):
    """A second offline part of a run, by the option that older SDKs have for it."""
    if newer():
        pytest.skip("0.31 has no --append: an offline run with resume= is resumed by wandb sync")
    command("--legacy", offline(project, "r", range(3)))
    command("--legacy", "--append", offline(project, "r", range(3, 6)))
    # The client counts steps from 0 in each part.
    assert sorted(rows(api, project, "r")) == [(0, 0), (0, 3), (1, 1), (1, 4), (2, 2), (2, 5)]


def test_parts_of_one_run(server, project, api):
    """The parts of a resumed run are synced in one command, in the order in which they began, into one id."""
    parts = [offline(project, f"part{i}", range(i * 3, i * 3 + 3), **({"resume": "allow"} if i else {})) for i in range(3)]
    if not newer():
        pytest.skip("before 0.31 each part of a run starts over: the client ignores resume offline")
    command("--id", "whole", *parts)
    assert [v for _, v in rows(api, project, "whole")] == list(range(9))


def test_a_machine_that_died_before_its_files_were_sent(server, project, api):
    """A run whose log is cut anywhere: what is whole is synced, media and files with it, and nothing fails."""
    p = script(server, f"""
import pathlib, wandb, numpy as np
with wandb.init(project={project!r}, id="r", mode="offline") as run:
    for i in range(4):
        run.log({{"v": i, "img": wandb.Image(np.full((4, 4, 3), i, np.uint8))}})
    pathlib.Path("note.txt").write_text("a note")
    run.save("note.txt")
""")
    out, _ = p.communicate(timeout=60)
    assert p.returncode == 0, out
    (folder,) = folders()
    (log,) = folder.glob("*.wandb")
    data = log.read_bytes()
    for k, part in enumerate((0.5, 0.8, 1.0)):
        log.write_bytes(data[:int(len(data) * part)])
        command("--include-synced", "--id", f"cut{k}", folder)
        got = [] if k < 2 and not exists(api, project, f"cut{k}") else list(fresh(api, f"alice/{project}/cut{k}").scan_history())
        assert [x["v"] for x in got] == list(range(len(got)))
    files = {f.name for f in fresh(api, f"alice/{project}/cut2").files()}
    assert len(got) == 4 and {x["img"]["path"] for x in got} <= files and "note.txt" in files
    # The cut run, synced again once its log is whole, has everything once.
    command("--include-synced", "--id", "cut1", folder)
    assert rows(api, project, "cut1") == [(i, i) for i in range(4)]


def exists(api, project, id):
    try:
        return fresh(api, f"alice/{project}/{id}").id == id
    except Exception:
        return False
