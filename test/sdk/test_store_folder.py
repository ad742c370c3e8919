"""A run's history read by somebody else: pyarrow, straight from the store's folder."""

import base64
import json
import random
import urllib.request

import pyarrow.parquet as pq

from conftest import wait_for

N, KEYS, BATCH = 60_000, 8, 5_000


def logged(i):
    r = random.Random(i)
    return {f"k{k}": r.random() for k in range(KEYS)} | {"count": i * 3} | ({"text": f"row {i}"} if i % 1000 == 0 else {})


def segments(server, path):
    """The live objects of a run's history, in row order, by its manifest: docs/format/manifest-v1.md."""
    for file in (server.data / "objects" / "history").glob("*/manifest.json"):
        manifest = json.loads(file.read_text())
        if manifest["path"] == path:
            assert manifest["format"] == "manifest/1" and manifest["hidden"] == []
            return [s for s in manifest["segments"] if s["stream"] == "history"]
    return []


def post(server, path, body):
    auth = "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json", "Authorization": auth})
    with urllib.request.urlopen(request, timeout=60) as r:
        assert r.status == 200


def test_pyarrow_reads_the_store(server, project):
    rows = [logged(i) for i in range(N)]
    # As the SDK sends it, but at once, so that rows are sealed soon.
    post(server, "/graphql", {"query": f'mutation{{upsertBucket(input:{{entityName:"alice",modelName:"{project}",name:"folder"}}){{bucket{{name}}}}}}'})
    for first in range(0, N, BATCH):
        lines = [json.dumps({"_step": i} | rows[i]) for i in range(first, first + BATCH)]
        post(server, f"/files/alice/{project}/folder/file_stream", {"files": {"wandb-history.jsonl": {"offset": first, "content": lines}}})
    found = wait_for("a part of the run to be sealed", lambda: segments(server, f"alice/{project}/folder"), timeout=60)
    next_row = 0
    for segment in found:
        path = server.data / "objects" / segment["object"]
        row0, visible = segment["row0"], segment["row_end"] - segment["row0"]
        assert row0 == next_row
        next_row += visible
        table = pq.read_table(path)
        assert table.column_names == ["key", "row", "step", "value", "integer", "json"]
        assert table.num_rows == segment["points"] and path.stat().st_size == segment["bytes"]
        assert pq.ParquetFile(path).metadata.metadata[b"ballast.format"].startswith(b"history/")
        frame = table.to_pandas()
        frame = frame[frame.row < row0 + visible]
        for k in range(KEYS):
            series = frame[frame.key == f"k{k}"]
            assert list(series.row) == list(range(row0, row0 + visible))
            assert list(series.step) == list(series.row)
            assert list(series.value) == [row[f"k{k}"] for row in rows[row0:row0 + visible]], "not bit for bit"
            assert not series.integer.any()
        counts = frame[frame.key == "count"]
        assert list(counts.value) == [i * 3 for i in range(row0, row0 + visible)] and counts.integer.all()
        texts = frame[frame.key == "text"]
        assert list(texts.json) == [f'"row {i}"' for i in range(row0, row0 + visible) if i % 1000 == 0] and texts.value.isna().all()
    assert next_row > 1000
