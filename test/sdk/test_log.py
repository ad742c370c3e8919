"""Point 7: everything that init, log, config, summary, define_metric and finish send."""

import json
import math

import pytest
import wandb

from conftest import fresh, script, wait_for
from readpath import same


def test_a_training_run(server, project, api, read):
    with wandb.init(project=project, name="first", config={"lr": 0.1, "nested": {"a": [1, 2], "b": None}},
                    tags=["one", "two"], notes="a note", group="g", job_type="train") as run:
        for i in range(20):
            run.log({"loss": 1 / (i + 1), "acc": i})
        run.summary["best"] = 7
    r = api.run(f"alice/{project}/{run.id}")
    assert (r.name, r.state, r.group, r.job_type, r.notes, sorted(r.tags)) == ("first", "finished", "g", "train", "a note", ["one", "two"])
    assert r.config == {"lr": 0.1, "nested": {"a": [1, 2], "b": None}}
    assert r.summary["best"] == 7 and r.summary["loss"] == 1 / 20 and r.summary["_step"] == 19
    assert r.user.username == "alice"
    rows = list(r.scan_history())
    assert [(row["_step"], row["loss"], row["acc"]) for row in rows] == [(i, 1 / (i + 1), i) for i in range(20)]
    assert read.points(f"alice/{project}", run.id, "loss") == [(i, 1 / (i + 1)) for i in range(20)]
    row = read.runs(f"alice/{project}", columns=["config.lr", "summary_metrics.best"])["rows"][0]
    assert (row["display"], row["state"], row["values"]) == ("first", "finished", {"config.lr": 0.1, "summary_metrics.best": 7})


def test_generated_names(server, project, api):
    names = []
    for _ in range(2):
        with wandb.init(project=project) as run:
            names.append(run.name)
    assert len(set(names)) == 2
    for name in names:
        assert len(name.split("-")) == 3 and name.split("-")[2].isdigit(), name


def test_steps(server, project, api, read):
    with wandb.init(project=project) as run:
        run.log({"a": 1}, step=10)
        run.log({"b": 2}, step=10)          # merges
        run.log({"a": 2}, step=25)
        run.log({"a": 9}, step=3)           # behind: dropped by the client
        run.log({"c": 1}, commit=False)
        run.log({"c": 2, "d": 4})
    rows = [{k: v for k, v in row.items() if v is not None} for row in api.run(f"alice/{project}/{run.id}").scan_history()]
    got = [{k: v for k, v in row.items() if not k.startswith("_") or k == "_step"} for row in rows]
    assert got[0] == {"_step": 10, "a": 1, "b": 2}
    assert got[1] == {"_step": 25, "a": 2, "c": 2, "d": 4}
    assert read.points(f"alice/{project}", run.id, "a") == [(10, 1), (25, 2)]


def test_values_of_every_kind(server, project, api, read):
    values = {"int": 3, "big": 2**53 + 1, "float": 0.1, "whole": 2.0, "neg": -0.0, "tiny": 5e-324, "true": True, "text": "héllo \"quoted\" \\ \n",
              "none": None, "nan": math.nan, "inf": math.inf, "ninf": -math.inf, "list": [1, 2, 3], "a/b": 1}
    with wandb.init(project=project) as run:
        run.log(values)
        run.log({"d": {"val1": 1.0, "deep": {"x": 2}}, "d.literal": 5})
    r = api.run(f"alice/{project}/{run.id}")
    rows = list(r.scan_history())
    for k, v in values.items():
        if v is None:
            assert rows[0].get(k) is None
        else:
            assert same(rows[0][k], v), (k, rows[0][k], v)
            assert type(rows[0][k]) is type(v) or isinstance(v, (int, float)), (k, type(rows[0][k]))
    assert rows[1]["d.val1"] == 1.0 or rows[1]["d"]["val1"] == 1.0
    keys = r.history_keys["keys"]
    assert keys["d.val1"]["previousValue"] == 1.0 and keys["d.deep.x"]["previousValue"] == 2
    assert same([y for _, y in read.points(f"alice/{project}", run.id, "nan")], [math.nan])
    assert read.points(f"alice/{project}", run.id, "inf") == [(0, math.inf)]
    assert read.points(f"alice/{project}", run.id, "ninf") == [(0, -math.inf)]
    types = {k["key"]: k["type"] for k in read.keys(f"alice/{project}", [run.id])["history"]}
    assert types["float"] == "number" and types["text"] == "string"


def test_a_line_of_ten_megabytes(server, project, api):
    text = "x" * (9 * 1024 * 1024)
    with wandb.init(project=project) as run:
        run.log({"small": 1})
        run.log({"large": text})
        run.log({"small": 2})
    rows = list(api.run(f"alice/{project}/{run.id}").scan_history())
    assert [row["_step"] for row in rows] == [0, 1, 2] and rows[1]["large"] == text and rows[2]["small"] == 2


def test_many_keys_in_a_row(server, project, api, read):
    with wandb.init(project=project) as run:
        for step in range(3):
            run.log({f"layer{i}/weight": i + step for i in range(5000)})
    assert len(api.run(f"alice/{project}/{run.id}").history_keys["keys"]) >= 5000
    assert read.points(f"alice/{project}", run.id, "layer4711/weight") == [(0, 4711), (1, 4712), (2, 4713)]


def test_define_metric(server, project, api, read):
    with wandb.init(project=project) as run:
        run.define_metric("epoch", hidden=True)
        run.define_metric("val/*", step_metric="epoch")
        run.define_metric("loss", summary="min")
        run.define_metric("acc", summary="max,mean,last,first")
        run.define_metric("quiet", summary="none")
        for i in range(5):
            run.log({"epoch": i * 10, "val/loss": 5 - i, "loss": [3, 1, 4, 1.5, 9][i], "acc": i, "quiet": i})
    r = api.run(f"alice/{project}/{run.id}")
    assert dict(r.summary["loss"]) == {"min": 1} and "quiet" not in r.summary.keys()
    assert {k: r.summary["acc"][k] for k in ("max", "mean", "last", "first")} == {"max": 4, "mean": 2, "last": 4, "first": 0}
    keys = {k["key"]: k for k in read.keys(f"alice/{project}", [run.id])["history"]}
    assert keys["val/loss"]["step"] == "epoch" and keys["epoch"]["hidden"] and not keys["loss"]["hidden"]
    assert read.points(f"alice/{project}", run.id, "val/loss", x="epoch") == [(i * 10, 5 - i) for i in range(5)]


def test_config_changes(server, project, api):
    with wandb.init(project=project, config={"lr": 0.1}) as run:
        run.config.update({"lr": 0.2, "late": {"x": [1, {"y": math.nan}]}}, allow_val_change=True)
        run.log({"a": 1})
    config = api.run(f"alice/{project}/{run.id}").config
    assert config["lr"] == 0.2 and same(config["late"], {"x": [1, {"y": math.nan}]}) or config["late"]["x"][1]["y"] in (None, "NaN")


def test_summary_is_the_last_whole_one(server, project, api):
    with wandb.init(project=project) as run:
        run.log({"a": 1, "b": {"c": 2, "d": 3}})
        run.summary.update({"x": math.inf, "text": "t"})
        del run.summary["a"]
    summary = dict(api.run(f"alice/{project}/{run.id}").summary.items())
    assert "a" not in summary and summary["x"] == math.inf and summary["text"] == "t"


@pytest.mark.parametrize("code,state", [(0, "finished"), (3, "failed")])
def test_exit_codes(server, project, api, code, state):
    run = wandb.init(project=f"{project[:60]}-{code}")
    run.log({"a": 1})
    run.finish(exit_code=code)
    assert api.run(run.path).state == state


def test_an_exception_fails_the_run(server, project, api):
    p = script(server, f"import wandb\nrun = wandb.init(project={project!r}, id='boom')\nrun.log({{'a': 1}})\nraise ValueError('no')\n")
    p.communicate(timeout=120)
    assert p.returncode != 0
    assert wait_for("the run to fail", lambda: fresh(api, f"alice/{project}/boom").state == "failed")


def test_files(server, project, api, tmp_path):
    (tmp_path / "sub dir").mkdir()
    (tmp_path / "sub dir" / "weights (1).bin").write_bytes(bytes(range(256)) * 1000)
    (tmp_path / "empty.txt").write_text("")
    with wandb.init(project=project) as run:
        run.save("sub dir/*", policy="now")
        run.save("empty.txt")
        run.log({"image": wandb.Image(__import__("numpy").zeros((4, 4, 3), "uint8"))})
    r = api.run(f"alice/{project}/{run.id}")
    files = {f.name: f for f in r.files()}
    assert {"sub dir/weights (1).bin", "empty.txt", "wandb-summary.json", "config.yaml", "requirements.txt", "wandb-metadata.json", "output.log"} <= files.keys() | {"output.log"}
    assert files["sub dir/weights (1).bin"].size == 256000
    files["sub dir/weights (1).bin"].download(root=str(tmp_path / "down"), replace=True)
    assert (tmp_path / "down" / "sub dir" / "weights (1).bin").read_bytes() == bytes(range(256)) * 1000
    assert any(name.startswith("media/images/image_0_") for name in files)
    assert json.loads((files["wandb-metadata.json"].download(root=str(tmp_path / "down"), replace=True)).read())["python"]


def test_console_with_progress_bars(server, project, api, read):
    p = script(server, f"""
import sys, time, wandb
run = wandb.init(project={project!r}, id="bars")
print("before")
for i in range(50):
    sys.stdout.write(f"\\rprogress {{i + 1}}/50")
    sys.stdout.flush()
    time.sleep(0.01)
print()
print("after")
print("to stderr", file=sys.stderr)
run.finish()
""")
    out, _ = p.communicate(timeout=120)
    assert p.returncode == 0, out
    lines = read.lines(f"alice/{project}", "bars")
    assert "before" in lines and "after" in lines and any("to stderr" in line for line in lines)
    bars = [line for line in lines if "progress" in line]
    assert len(bars) == 1 and bars[0].endswith("progress 50/50"), bars


def test_system_metrics_and_environment(server, project, api, read):
    with wandb.init(project=project, settings=wandb.Settings(x_stats_sampling_interval=0.5)) as run:
        run.log({"a": 1})
        import time
        time.sleep(2.5)
    r = api.run(f"alice/{project}/{run.id}")
    assert any(k.startswith("system.") for k in r.system_metrics), r.system_metrics
    rows = r.history(stream="system", pandas=False)
    assert rows and any(k.startswith("system.") for k in rows[0])
    assert r.metadata["host"]
    keys = [k["key"] for k in read.keys(f"alice/{project}", [run.id])["events"]]
    assert any(k.startswith("system.cpu") for k in keys), keys
    assert read.points(f"alice/{project}", run.id, next(k for k in keys if k.startswith("system.cpu")), x="_runtime", stream="events")
