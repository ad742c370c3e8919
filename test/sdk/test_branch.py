"""Fork (fork_from) and rewind (resume_from) of runs."""

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
