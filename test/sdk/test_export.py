"""History as Parquet files: download_history_exports, and the SDK's own reader over them."""

import json
import math
import pathlib

import pyarrow.parquet as pq
import pytest
import wandb
from wandb.apis import public

from conftest import fresh, script, wait_for

N = 250


def row(i):
    values = {"loss": i * 0.5, "acc": i, "name": f"s{i}", "ok": i % 2 == 0, "mixed": i if i % 2 else "x", "dict": {"deep": i}, "nan": math.nan if i % 3 else math.inf}
    return values | ({"sparse": i} if i % 10 == 0 else {}) | ({"hist": wandb.Histogram([1, 2, i])} if i % 50 == 0 else {})


@pytest.fixture
def run(server, project):
    with wandb.init(project=project) as r:
        for i in range(N):
            r.log(row(i))
    return r


def exported(r, folder, **kw):
    got = r.download_history_exports(str(folder), **kw)
    assert not got.errors
    return pq.read_table(got.paths), got


def test_every_value_is_in_the_file(run, project, api, tmp_path):
    table, got = exported(api.run(f"alice/{project}/{run.id}"), tmp_path)
    assert not got.contains_live_data and table.num_rows == N
    rows = table.to_pylist()
    for i, got in enumerate(rows):
        want = row(i)
        assert (got["_step"], got["loss"], got["acc"], got["name"], got["ok"], got["dict.deep"]) == (i, want["loss"], i, want["name"], want["ok"], i)
        assert json.loads(got["mixed"]) == want["mixed"] and got["sparse"] == want.get("sparse")
        assert math.isnan(got["nan"]) if i % 3 else got["nan"] == math.inf
        assert (json.loads(got["hist"])["_type"] == "histogram") if i % 50 == 0 else got["hist"] is None
        assert got["_timestamp"] > 1e9
    assert str(table.schema.field("_step").type) == "int64" and str(table.schema.field("loss").type) == "double" and str(table.schema.field("ok").type) == "bool"


def test_the_sdks_own_reader(run, project, api):
    """What reads files below scan_history, asked without the question that tells a scan from a download."""
    r = api.run(f"alice/{project}/{run.id}")
    scan = lambda keys: list(public.HistoryScan(service_api=r._service_api, run=r, min_step=0, max_step=N, keys=keys, use_cache=False))
    assert [(x["_step"], x["loss"], x["name"]) for x in scan(None)] == [(i, i * 0.5, f"s{i}") for i in range(N)]
    assert [(x["_step"], x["acc"], x["ok"]) for x in scan(["acc", "ok"])] == [(i, i, i % 2 == 0) for i in range(N)]


def test_a_scan_reads_rows_before_and_after_a_download(run, project, api, tmp_path):
    r = api.run(f"alice/{project}/{run.id}")
    for k in range(2):
        assert [x["sparse"] for x in r.scan_history(keys=["sparse"])] == list(range(0, N, 10))
        whole = list(r.scan_history())
        assert len(whole) == N and "sparse" not in whole[1] and whole[0]["hist"]["_type"] == "histogram"
        assert exported(r, tmp_path / str(k))[0].num_rows == N


def test_a_resumed_run_is_exported_again(run, project, api, tmp_path):
    r = api.run(f"alice/{project}/{run.id}")
    assert exported(r, tmp_path / "1")[0].num_rows == N
    assert len(list(r.scan_history())) == N
    with wandb.init(project=project, id=run.id, resume="must") as again:
        for i in range(N, N + 5):
            again.log(row(i) | {"new": i})
    r = fresh(api, f"alice/{project}/{run.id}")
    table, _ = exported(r, tmp_path / "2")
    assert table["acc"].to_pylist() == list(range(N + 5)) and table["new"].to_pylist()[-1] == N + 4
    assert [x["acc"] for x in r.scan_history()] == list(range(N + 5))


def test_a_run_that_goes_on(server, project, api, tmp_path):
    p = script(server, f"""
import time, wandb
with wandb.init(project={project!r}, id="live") as run:
    for i in range(50):
        run.log({{"v": i}})
    while not __import__("os").path.exists("stop"):
        time.sleep(0.1)
""")
    r = wait_for("rows", lambda: (lambda r: r if r.summary.get("v") == 49 else None)(fresh(api, f"alice/{project}/live")), timeout=60)
    with pytest.raises(Exception) as e:
        r.download_history_exports(str(tmp_path / "a"))
    assert type(e.value).__name__ == "IncompleteRunHistoryError"
    assert r.download_history_exports(str(tmp_path / "b"), require_complete_history=False).contains_live_data
    pathlib.Path("stop").touch()
    assert p.wait(timeout=60) == 0, p.stdout.read()
    table, got = exported(fresh(api, f"alice/{project}/live"), tmp_path / "c")
    assert table["v"].to_pylist() == list(range(50)) and not got.contains_live_data


def test_what_looks_like_a_scan_fails_loudly(run, project, api, tmp_path):
    """The last step is what a scan asks for first: a download right after it is told that nothing is exported, never given half."""
    r = api.run(f"alice/{project}/{run.id}")
    assert r.lastHistoryStep == N - 1
    with pytest.raises(Exception) as e:
        r.download_history_exports(str(tmp_path / "a"))
    assert type(e.value).__name__ == "IncompleteRunHistoryError"
    assert exported(r, tmp_path / "b")[0].num_rows == N
