"""Fork (fork_from) and rewind (resume_from) of runs."""

import pathlib

import numpy as np
import pytest
import wandb

from conftest import fresh


def log(project, id, values, **kw):
    with wandb.init(project=project, id=id, **kw) as run:
        for v in values:
            run.log({"v": v, "n": {"x": v}, "loss": 100 - v})
    return run


def rows(api, project, id):
    return [(row["_step"], row["v"]) for row in fresh(api, f"alice/{project}/{id}").scan_history()]


def summary(api, project, id):
    s = fresh(api, f"alice/{project}/{id}").summary._json_dict
    return {k: s.get(k) for k in ("_step", "v", "n", "loss", "only")}


def test_fork(server, project, api, read):
    log(project, "parent", range(6), config={"lr": 1, "kept": 2})
    with wandb.init(project=project, id="child", fork_from="parent?_step=3", config={"lr": 5}) as run:
        run.log({"v": 100, "only": 1})
        run.log({"v": 101})
    want = [(0, 0), (1, 1), (2, 2), (3, 3), (4, 100), (5, 101)]
    assert rows(api, project, "child") == want
    assert read.points(f"alice/{project}", "child", "v") == want
    assert summary(api, project, "child") == {"_step": 5, "v": 101, "n": {"x": 3}, "loss": 97, "only": 1}
    assert fresh(api, f"alice/{project}/child").config == {"lr": 5, "kept": 2}
    assert rows(api, project, "parent") == [(i, i) for i in range(6)]

    # A fork of the fork, in its own part and in what it inherited; then both
    # parents go.
    log(project, "grand", [200], fork_from="child?_step=4")
    log(project, "early", [300], fork_from="child?_step=1")
    for id in ("parent", "child"):
        api.run(f"alice/{project}/{id}").delete()
    assert rows(api, project, "grand") == want[:5] + [(5, 200)]
    assert rows(api, project, "early") == [(0, 0), (1, 1), (2, 300)]
    assert summary(api, project, "grand") == {"_step": 5, "v": 200, "n": {"x": 200}, "loss": -100, "only": 1}

    # It is resumed as any run.
    log(project, "grand", [201], resume="must")
    assert rows(api, project, "grand") == want[:5] + [(5, 200), (6, 201)]


def test_fork_of_what_is_not_there(server, project, api):
    log(project, "parent", range(3))
    log(project, "taken", range(3))
    for id, fork_from, text in (("c1", "parent?_step=3", "ends at step 2"), ("c2", "nobody?_step=0", "not in project"),
                                ("taken", "parent?_step=1", "an id that is new")):
        with pytest.raises(wandb.errors.CommError, match=text):
            wandb.init(project=project, id=id, fork_from=fork_from)
    assert rows(api, project, "taken") == [(0, 0), (1, 1), (2, 2)]


@pytest.mark.parametrize("again", [False, True])
def test_rewind(server, project, api, read, again):
    project = project.replace("[", "-").replace("]", "")
    with wandb.init(project=project, id="r", config={"lr": 1, "kept": 2}) as run:
        print("before")
        for i in range(6):
            run.log({"v": i, "loss": 100 - i})
        (run_file := __import__("pathlib").Path("kept.txt")).write_text("kept")
        run.save(str(run_file))
    with wandb.init(project=project, resume_from="r?_step=2", config={"lr": 7}) as run:
        assert run.id == "r"
        print("after")
        run.log({"v": 300})
    want = [(0, 0), (1, 1), (2, 2), (3, 300)]
    assert rows(api, project, "r") == want
    assert read.points(f"alice/{project}", "r", "v") == want
    r = fresh(api, f"alice/{project}/r")
    assert summary(api, project, "r") == {"_step": 3, "v": 300, "n": None, "loss": 98, "only": None}
    assert r.config == {"lr": 7, "kept": 2} and r.state == "finished"
    assert "kept.txt" in [f.name for f in r.files()]
    lines = read.lines(f"alice/{project}", "r")
    assert "before" not in lines and "after" in lines
    if again:
        log(project, None, [400], resume_from="r?_step=0")
        assert rows(api, project, "r") == [(0, 0), (1, 400)]
    with pytest.raises(Exception, match="ends at step"):
        wandb.init(project=project, resume_from="r?_step=50")
    assert len(rows(api, project, "r")) == (2 if again else 4)


def test_an_offline_fork_synced_twice(server, project, api):
    from test_offline import folders, sync
    log(project, "parent", range(4))
    log(project, "child", [100, 101], fork_from="parent?_step=1", mode="offline")
    for _ in range(2):
        sync(*folders())
        assert rows(api, project, "child") == [(0, 0), (1, 1), (2, 100), (3, 101)]
    assert summary(api, project, "child")["v"] == 101


def belongings(api, project, id):
    r = fresh(api, f"alice/{project}/{id}")
    return ({f.name: f.size for f in r.files() if f.name.endswith(".txt") and f.name != "requirements.txt" or f.name.startswith("media/")},
            sorted(a.name for a in r.logged_artifacts()), sorted(a.name for a in r.used_artifacts()))


def artifact(name, text):
    a = wandb.Artifact(name, type="data")
    with a.new_file("f.txt") as f:
        f.write(text)
    return a


def save(run, name):
    pathlib.Path(name).write_text(name)
    run.save(name, policy="now")


def test_files_and_artifacts_as_of_the_step(server, project, api):
    """Each part of the parent is sent whole (finish) before the next begins, so that the server knows what came when."""
    pixels = lambda v: wandb.Image(np.full((4, 4, 3), v, np.uint8))
    with wandb.init(project=project, id="parent") as run:
        for v in range(3):
            run.log({"v": v, "img": pixels(v)})
        run.log_artifact(artifact("early", "1")).wait()
        save(run, "early.txt")
        save(run, "replaced.txt")
    with wandb.init(project=project, id="parent", resume="must") as run:
        for v in range(3, 6):
            run.log({"v": v, "img": pixels(v)})
    with wandb.init(project=project, id="parent", resume="must") as run:
        run.use_artifact("early:latest")
        run.log_artifact(artifact("late", "2")).wait()
        save(run, "late.txt")
        pathlib.Path("replaced.txt").write_text("by something longer")
        run.save("replaced.txt", policy="now")
    log(project, "child", [10], fork_from="parent?_step=2")
    log(project, "whole", [10], fork_from="parent?_step=5")
    log(project, "grand", [20], fork_from="child?_step=3")
    files, logged, used = belongings(api, project, "parent")
    media = sorted(n for n in files if n.startswith("media/"))
    assert len(media) == 6 and logged == ["early:v0", "late:v0"] and used == ["early:v0"]
    then = {n: files[n] for n in media if int(n.split("_")[-2]) <= 2} | {"early.txt": 9}
    assert len(then) == 4
    for id, want in (("child", (then, ["early:v0"], [])), ("grand", (then, ["early:v0"], [])), ("whole", (files, logged, used))):
        assert belongings(api, project, id) == want, id
    assert api.artifact(f"alice/{project}/early:v0").logged_by().id == "parent"
    # What it inherited names files that it has: media of inherited rows are whole.
    rows = list(fresh(api, f"alice/{project}/child").scan_history(keys=["img"]))
    assert [r["img"]["path"] for r in rows] == [n for n in media if n in then]

    # The parent goes; the fork's files are there byte for byte. A fork that is
    # deleted with its artifacts leaves those of its parent.
    api.run(f"alice/{project}/whole").delete(delete_artifacts=True)
    api.run(f"alice/{project}/parent").delete()
    assert fresh(api, f"alice/{project}/grand").file("early.txt").download(root="down").read() == "early.txt"
    assert api.artifact(f"alice/{project}/early:v0").wait().download()

    # Rewound, a run has what it had then.
    with wandb.init(project=project, id="child", resume="must") as run:
        run.log({"v": 11})
        save(run, "own.txt")
        run.log_artifact(artifact("own", "3")).wait()
    with wandb.init(project=project, id="child", resume="must") as run:
        run.log({"v": 12})
    with wandb.init(project=project, id="child", resume="must") as run:
        save(run, "last.txt")
        run.log_artifact(artifact("last", "4")).wait()
    log(project, None, [13], resume_from="child?_step=4")
    assert belongings(api, project, "child") == (then | {"own.txt": 7}, ["early:v0", "own:v0"], [])
    assert api.artifact(f"alice/{project}/last:v0").digest, "a version stays"


def test_define_metric_is_inherited(server, project, api):
    with wandb.init(project=project, id="parent") as run:
        run.define_metric("epoch")
        run.define_metric("acc", step_metric="epoch", summary="max")
        for v in (1, 9, 5):
            run.log({"acc": v, "epoch": v * 10})
    with wandb.init(project=project, id="child", fork_from="parent?_step=2") as run:
        run.define_metric("loss", summary="min")
        run.log({"loss": 3, "other": 1})
    r = fresh(api, f"alice/{project}/child")
    assert r.summary._json_dict["acc"] == {"max": 9} and r.summary._json_dict["loss"] == {"min": 3}, r.summary
    metrics = r.rawconfig["_wandb"]["m"]
    by = {m["1"]: m for m in metrics if "1" in m}
    assert metrics[by["acc"]["5"] - 1]["1"] == "epoch" and by["acc"]["7"] == [2] and by["loss"]["7"] == [1]


def test_inherited_config_can_be_deleted(server, project, api):
    log(project, "parent", range(2), config={"a": 1, "b": 2})
    with wandb.init(project=project, id="child", fork_from="parent?_step=1", config={"c": 3}) as run:
        run.log({"v": 1})
        r = fresh(api, f"alice/{project}/child")
        del r.config["a"]
        r.update()
        run.config["d"] = 4
    assert fresh(api, f"alice/{project}/child").config == {"b": 2, "c": 3, "d": 4}
