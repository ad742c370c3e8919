"""What wandb.Api does with one run: every edit, files, history and logs, values compared."""

import math
import pathlib

import pytest
import wandb

from conftest import fresh
from readpath import same


@pytest.fixture
def run(server, project):
    with wandb.init(project=project, config={"a": 1, "drop": True, "nested": {"deep": [1, 2]}}, tags=["x"], group="g0", job_type="j0", notes="n0", name="first") as r:
        for i in range(40):
            r.log({"loss": 1 / (i + 1), "count": i} | ({"val": i * 2.5} if i % 10 == 0 else {}))
        r.summary["kept"] = "yes"
        r.summary["gone"] = 3
    return r


def path(run):
    return f"alice/{run.project}/{run.id}"


def test_every_field_that_can_be_edited(run, api):
    r = api.run(path(run))
    r.config["a"] = 2
    r.config["new"] = {"list": [1, None, "x"]}
    del r.config["drop"]
    r.name, r.notes, r.group, r.job_type = "second", "n1", "g1", "j1"
    r.tags = ["y", "z"]
    r.update()
    r = fresh(api, path(run))
    assert r.config == {"a": 2, "nested": {"deep": [1, 2]}, "new": {"list": [1, None, "x"]}}
    assert (r.name, r.notes, r.group, r.job_type, sorted(r.tags)) == ("second", "n1", "g1", "j1", ["y", "z"])
    assert "python_version" in r.rawconfig["_wandb"], "what the SDK keeps for itself must survive an edit"
    assert r.state == "finished" and r.lastHistoryStep == 39

    r.tags, r.notes = [], ""
    r.save()  # the same as update
    r = fresh(api, path(run))
    assert r.tags == [] and not r.notes and r.name == "second"


def test_summary_edits_and_deletes(run, api):
    r = api.run(path(run))
    before = dict(r.summary)
    del r.summary["gone"]
    r.summary["kept"] = {"now": [1, 2.5, None]}
    r.summary["nan"], r.summary["inf"] = float("nan"), float("inf")  # the client makes null of NaN itself
    r.summary.update({"more": 7})
    after = dict(fresh(api, path(run)).summary)
    assert "gone" not in after and after["more"] == 7 and after["nan"] is None and after["inf"] == math.inf
    assert dict(after["kept"]) == {"now": [1, 2.5, None]}
    assert after["loss"] == before["loss"] and after["_step"] == 39


def test_edits_of_a_live_run_are_kept(server, project, api):
    """The run's own process sends its config and summary again: what was edited beside it stays."""
    with wandb.init(project=project, config={"a": 1}) as live:
        live.log({"v": 1}, commit=True)
        r = api.run(f"alice/{project}/{live.id}")
        r.name, r.notes, r.tags = "renamed beside it", "noted", ["beside"]
        r.update()
        live.log({"v": 2})
    r = fresh(api, f"alice/{project}/{live.id}")
    assert (r.name, r.notes, r.tags) == ("renamed beside it", "noted", ["beside"])
    assert r.summary["v"] == 2 and [row["v"] for row in r.scan_history(keys=["v"])] == [1, 2]


def test_lazy_and_full(run, api):
    [lazy] = api.runs(f"alice/{run.project}", lazy=True)
    assert "config" not in lazy._attrs and lazy.name == "first" and lazy.tags == ["x"]
    assert lazy.config["nested"] == {"deep": [1, 2]} and lazy.summary["kept"] == "yes"
    [full] = api.runs(f"alice/{run.project}", lazy=False)
    assert full.config["nested"] == {"deep": [1, 2]} and full.summary_metrics["count"] == 39
    assert full.user.username == "alice" and full.entity == "alice" and full.storage_id == lazy.storage_id
    many = api.runs(f"alice/{run.project}")
    assert len(many) == 1 and many[0].id == run.id
    many.upgrade_to_full()
    assert many[0].config["a"] == 1
    assert full.url.endswith(f"/alice/{run.project}/runs/{run.id}") and full.path == ["alice", run.project, run.id]
    assert full.metadata["python"] and full.sweep is None and full.sweep_name is None
    assert "loss" in api.run(path(run)).history_keys["keys"] if hasattr(full, "history_keys") else True


def test_history_in_every_form(run, api):
    r = api.run(path(run))
    rows = r.history(pandas=False)
    assert len(rows) == 40 and [row["count"] for row in rows] == list(range(40)) and "val" not in rows[1]
    val = r.history(keys=["val"], pandas=False)
    assert [(row["_step"], row["val"]) for row in val] == [(0, 0.0), (10, 25.0), (20, 50.0), (30, 75.0)]
    by_count = r.history(keys=["loss"], x_axis="count", samples=1000, pandas=False)
    assert [row["count"] for row in by_count] == list(range(40)) and by_count[3]["loss"] == 0.25
    few = r.history(keys=["loss"], samples=7, pandas=False)
    assert len(few) == 7 and few[0]["_step"] == 0 and few[-1]["_step"] == 39
    assert same(few, fresh(api, path(run)).history(keys=["loss"], samples=7, pandas=False)), "sampling must be deterministic"
    frame = r.history(keys=["loss", "count"])
    assert list(frame["count"]) == list(range(40)) and frame["loss"][1] == 0.5
    assert isinstance(r.history(stream="system", pandas=False), list)
    assert r.history(keys=["nothing"], pandas=False) == []
    assert list(r.scan_history(keys=["nothing"])) == []


def test_scan_history(run, api):
    r = api.run(path(run))
    scan = lambda **kw: [(row["_step"], row["count"]) for row in r.scan_history(**kw)]
    whole = [(i, i) for i in range(40)]
    assert scan() == whole and scan(page_size=7) == whole and scan(keys=["count"], page_size=3) == whole
    assert scan(min_step=5, max_step=11) == whole[5:11] and scan(keys=["count"], min_step=5, max_step=11, page_size=2) == whole[5:11]
    assert scan(min_step=38, max_step=1000) == whole[38:] and scan(min_step=40) == []
    assert [row["val"] for row in r.scan_history(keys=["val"])] == [0.0, 25.0, 50.0, 75.0], "only rows that have all keys"
    assert scan(use_cache=False) == whole
    assert [row["count"] for row in r.beta_scan_history(keys=["count"], page_size=11)] == list(range(40))
    again = r.scan_history(keys=["count"])
    assert [row["count"] for row in again] == [row["count"] for row in again], "a scan can be walked twice"


def test_histories_of_many_runs(server, project, api):
    for k in range(3):
        with wandb.init(project=project, id=f"run{k}") as r:
            for i in range(5):
                r.log({"v": k * 100 + i, "s": "t"})
    runs = api.runs(f"alice/{project}", filters={"name": {"$in": ["run0", "run2"]}})
    rows = runs.histories(keys=["v"], format="default")
    assert [(row["run_id"], row["_step"], row["v"]) for row in rows] == [(f"run{k}", i, k * 100 + i) for k in (0, 2) for i in range(5)]
    frame = runs.histories(keys=["v"], samples=3, format="pandas")
    assert list(frame["v"]) == [0, 2, 4, 200, 202, 204] and set(frame["run_id"]) == {"run0", "run2"}
    table = runs.histories(keys=["v"], format="polars")
    assert table.columns == ["_step", "run_id", "v"] and table["v"].to_list() == [0, 1, 2, 3, 4, 200, 201, 202, 203, 204]
    assert runs.histories(keys=["nothing"], format="default") == []


def test_console_logs(server, project, api):
    import sys
    with wandb.init(project=project) as run:
        for i in range(30):
            print("out", i)
            print("err", i, file=sys.stderr)
    r = api.run(f"alice/{project}/{run.id}")
    if not hasattr(r, "console_logs"):
        pytest.skip("this SDK has no console_logs")
    lines = [x for x in r.console_logs(per_page=7) if x.content.startswith(("out ", "err "))]
    assert [x.content for x in lines if x.level != "error"] == [f"out {i}" for i in range(30)]
    assert [x.content for x in lines if x.level == "error"] == [f"err {i}" for i in range(30)]
    assert [x.number for x in lines] == sorted({x.number for x in lines}) and all(x.timestamp for x in lines)
    everything = list(r.console_logs())
    assert list(r.console_logs(last=5)) == everything[-5:]


def test_files(run, api, tmp_path):
    r = api.run(path(run))
    (tmp_path / "deep" / "er").mkdir(parents=True)
    wanted = {"deep/er/a b.txt": b"one", "deep/c%d#e.bin": bytes(range(256)) * 400, "empty.txt": b""}
    for name, content in wanted.items():
        (tmp_path / name).write_bytes(content)
        f = r.upload_file(str(tmp_path / name), root=str(tmp_path))
        assert (f.name, f.size) == (name, len(content))
    assert set(wanted) <= {f.name for f in r.files(per_page=2)}
    assert len(r.files()) == len(list(r.files()))
    for name, content in wanted.items():
        with r.file(name).download(root=str(tmp_path / "down")) as got:
            assert pathlib.Path(got.name).read_bytes() == content
    assert {f.name for f in r.files(pattern="deep/%")} == {n for n in wanted if n.startswith("deep/")}
    assert [f.name for f in r.files(names=["empty.txt"])] == ["empty.txt"]
    with pytest.raises(Exception):
        r.file("empty.txt").download(root=str(tmp_path / "down"))  # it is there, and may not be replaced
    (tmp_path / "empty.txt").write_text("not any more")
    assert r.upload_file(str(tmp_path / "empty.txt"), root=str(tmp_path)).size == 12
    r.file("empty.txt").download(root=str(tmp_path / "down"), replace=True)
    assert (tmp_path / "down" / "empty.txt").read_text() == "not any more"
    r.file("empty.txt").delete()
    assert "empty.txt" not in [f.name for f in fresh(api, path(run)).files()]
    assert fresh(api, path(run)).state == "finished", "a file sent later does not wake a run up"


def test_states_and_stop(server, project, api):
    r = api.create_run(project=project, entity="alice", run_id="made")
    assert r.id == "made" and fresh(api, f"alice/{project}/made").state == "running"
    assert r.update_state("failed") and fresh(api, f"alice/{project}/made").state == "failed"
    assert r.update_state("pending") and fresh(api, f"alice/{project}/made").state == "pending"
    with pytest.raises(Exception):
        r.update_state("finished")
    p = wandb.apis.public.Run.create(api, run_id="waits", project=project, entity="alice", state="pending")
    assert fresh(api, f"alice/{project}/waits").state == "pending" and p.id == "waits"
    fresh(api, f"alice/{project}/made").stop()


def test_delete_with_and_without_artifacts(server, project, api):
    for name in ("keeps", "loses"):
        with wandb.init(project=project, id=name) as run:
            a = wandb.Artifact(f"of-{name}", type="data")
            with a.new_file("x.txt") as f:
                f.write(name)
            run.log_artifact(a)
    fresh(api, f"alice/{project}/keeps").delete()
    fresh(api, f"alice/{project}/loses").delete(delete_artifacts=True)
    assert [r.id for r in api.runs(f"alice/{project}")] == []
    assert api.artifact(f"alice/{project}/of-keeps:v0").logged_by() is None
    with pytest.raises(Exception):
        wandb.Api(api_key=server.alice_key).artifact(f"alice/{project}/of-loses:v0")
    for name in ("keeps", "loses"):
        with pytest.raises(Exception):
            fresh(api, f"alice/{project}/{name}")


def test_notebook_frames(run, api):
    r = api.run(path(run))
    assert f"/runs/{run.id}?jupyter=true" in r.to_html()
    assert "?jupyter=true" in api.project(run.project, "alice").to_html()
