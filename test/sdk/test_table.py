"""Tables: plain, by each way of logging, with media, joined, partitioned, and one of 200,000 rows."""

import json
import pathlib
import time

import numpy as np
import pandas as pd
import wandb

import sent
from conftest import fresh
from readpath import same


def start(project, **kw):
    return wandb.init(project=project, id="r", **kw)


def read(run, shown):
    """The table that a row names, from the run's files."""
    return json.loads(sent.stored(run)[shown["path"]])


def of_artifact(api, run, name, version="latest"):
    """A table as wandb.Api gives it from the artifact in which the SDK keeps it."""
    api.flush()
    # run-<id>-<key>, without what artifact names may not contain.
    return api.artifact(f"{run.entity}/{run.project}/run-{run.id}-{name.replace('/', '')}:{version}").get(f"{name}.table.json")


def test_cells_of_every_type(server, project, api):
    import datetime
    columns = ["int", "float", "text", "flag", "none", "list", "dict", "nan", "when", "image", "array"]
    when = datetime.datetime(2024, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    rows = [[i, i / 3, f"tëxt {i}\n☃", i % 2 == 0, None, [i, [i]], {"a": {"b": i}}, float("nan"), when,
             wandb.Image(np.full((4, 4, 3), 10 + i, np.uint8)), np.arange(6).reshape(2, 3) + i] for i in range(3)]
    with start(project) as run:
        run.log({"t": wandb.Table(columns=columns, data=rows, allow_mixed_types=True), "frame": wandb.Table(dataframe=pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}))})
    r = fresh(api, f"alice/{project}/r")
    (row,), files = sent.check(r, run.dir)
    assert (row["t"]["nrows"], row["t"]["ncols"]) == (3, 11)
    table = read(r, row["t"])
    assert table["columns"] == columns
    for i, cells in enumerate(table["data"]):
        assert same(cells[:7], rows[i][:7])
    assert read(r, row["frame"]) == {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]]}
    back = of_artifact(api, r, "t")
    for i, cells in enumerate(back.data):
        assert same(cells[:7], rows[i][:7]) and (np.asarray(cells[9].image)[..., :3] == 10 + i).all() and (np.asarray(cells[10]) == rows[i][10]).all()


def test_log_modes(server, project, api):
    """IMMUTABLE keeps its first content, MUTABLE a version for each change, INCREMENTAL the increments."""
    with start(project) as run:
        tables = {mode: wandb.Table(columns=["n", "s"], log_mode=mode) for mode in ("IMMUTABLE", "MUTABLE", "INCREMENTAL")}
        for n in range(4):
            for mode, table in tables.items():
                table.add_data(n, f"{mode} {n}")
            run.log({mode.lower(): table for mode, table in tables.items()})
    r = fresh(api, f"alice/{project}/r")
    rows, _ = sent.check(r, run.dir)
    assert [read(r, row["mutable"])["data"] for row in rows] == [[[i, f"MUTABLE {i}"] for i in range(n + 1)] for n in range(4)]
    increments = [row["incremental"] for row in rows]
    assert [i["_type"] for i in increments] == ["incremental-table-file"] * 4 and [i["increment_num"] for i in increments] == [0, 1, 2, 3]
    assert [len(i["previous_increments_paths"]) for i in increments] == [0, 1, 2, 3]
    assert [read(r, i)["data"] for i in increments] == [[[n, f"INCREMENTAL {n}"]] for n in range(4)]
    assert read(r, rows[0]["immutable"])["data"] == [[0, "IMMUTABLE 0"]]
    assert of_artifact(api, r, "mutable", "v1").data == [[0, "MUTABLE 0"], [1, "MUTABLE 1"]]
    assert of_artifact(api, r, "mutable").data[-1] == [3, "MUTABLE 3"]


def test_incremental_goes_on_after_a_resume(server, project, api):
    with start(project) as run:
        table = wandb.Table(columns=["n"], log_mode="INCREMENTAL")
        for n in range(2):
            table.add_data(n)
            run.log({"t": table})
    with start(project, resume="must") as run:
        table = wandb.Table(columns=["n"], log_mode="INCREMENTAL")
        table.add_data(2)
        run.log({"t": table})
    r = fresh(api, f"alice/{project}/r")
    assert [read(r, row["t"])["data"] for row in r.scan_history()] == [[[0]], [[1]], [[2]]]
    last = r.summary["t"]
    assert last["increment_num"] == 2 and len(last["previous_increments_paths"]) == 2


def test_joined_and_partitioned(server, project, api):
    with start(project) as run:
        left = wandb.Table(columns=["id", "l"], data=[[1, "a"], [2, "b"]])
        right = wandb.Table(columns=["id", "r"], data=[[2, "c"], [3, "d"]])
        a = wandb.Artifact("both", "dataset")
        a.add(left, "left"), a.add(right, "right")
        a.add(wandb.JoinedTable(left, right, "id"), "joined")
        for n in range(3):
            a.add(wandb.Table(columns=["n"], data=[[n], [n + 10]]), f"parts/{n}")
        parts = wandb.data_types.PartitionedTable("parts")
        a.add(parts, "partitioned")
        run.log_artifact(a).wait()
        run.log({"joined": a.get("joined"), "partitioned": a.get("partitioned")})
    r = fresh(api, f"alice/{project}/r")
    (row,), _ = sent.check(r, run.dir)
    assert row["joined"]["_type"] == "joined-table" and row["partitioned"]["_type"] == "partitioned-table"
    back = api.artifact(f"alice/{project}/both:latest")
    joined = back.get("joined")
    assert joined._join_key == "id" and joined._table1.data == left.data and joined._table2.data == right.data
    assert [cells for _, cells in back.get("partitioned").iterrows()] == [[0], [10], [1], [11], [2], [12]]


def test_two_hundred_thousand_rows(server, project, api, monkeypatch):
    """The client's own limit is 200,000 rows of an artifact and 10,000 of a file; raised, nothing is lost on the way."""
    n = 200_000
    monkeypatch.setattr(wandb.Table, "MAX_ROWS", 2 * n)
    monkeypatch.setattr(wandb.Table, "MAX_ARTIFACT_ROWS", 2 * n)
    data = [[i] for i in range(n + 1)]
    begun = time.monotonic()
    with start(project) as run:
        run.log({"big": wandb.Table(columns=["i"], data=data)})
    r = fresh(api, f"alice/{project}/r")
    (row,) = r.scan_history()
    assert row["big"]["nrows"] == n + 1
    assert read(r, row["big"])["data"] == data
    api.flush()
    a = api.artifact(f"alice/{project}/run-r-big:latest")
    assert a.type == "run_table" and json.loads(pathlib.Path(a.download(), "big.table.json").read_bytes())["data"] == data
    print(f"{n} rows in {time.monotonic() - begun:.1f} s, {row['big']['size']} bytes")
