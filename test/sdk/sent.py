"""What the SDK sent: its own transaction log and the files that it wrote."""

import json
import pathlib
import struct
import urllib.request

from wandb.proto import wandb_internal_pb2

from conftest import wait_for
from readpath import same

BLOCK = 32768
HEADER = 7  # checksum, length, type


def records(path):
    """The records of a run-*.wandb file."""
    data = pathlib.Path(path).read_bytes()
    at, whole = HEADER, b""  # the file's own header has the size of a record's
    while at + HEADER <= len(data):
        if BLOCK - at % BLOCK < HEADER:
            at += BLOCK - at % BLOCK
            continue
        _, size, kind = struct.unpack_from("<IHB", data, at)
        whole += data[at + HEADER:at + HEADER + size]
        at += HEADER + size
        if kind in (1, 4):  # whole, or the last part
            yield wandb_internal_pb2.Record.FromString(whole)
            whole = b""


def rows(run_dir):
    """The rows of history as history() shows them: {"_step", dotted keys, media as dicts}."""
    (path,) = pathlib.Path(run_dir).parent.glob("run-*.wandb")
    # The SDK writes the end of its log shortly after finish() returned.
    log = wait_for("the end of the SDK's own log", lambda: ended(list(records(path))))
    out = []
    for record in log:
        if record.WhichOneof("record_type") == "history":
            row = {"_step": record.history.step.num}
            for item in record.history.item:
                keys = list(item.nested_key) or [item.key]
                if not keys[0].startswith("_"):
                    place(row, keys, json.loads(item.value_json))
            out.append(flat(row))
    return out


def ended(log):
    return any(record.WhichOneof("record_type") == "exit" for record in log) and log


def place(row, keys, value):
    for key in keys[:-1]:
        row = row.setdefault(key, {})
    row[keys[-1]] = value


def flat(row, prefix=""):
    out = {}
    for key, value in row.items():
        if isinstance(value, dict) and "_type" not in value:
            out |= flat(value, f"{prefix}{key}.")
        else:
            out[prefix + key] = value
    return out


def files(run_dir):
    """{name: bytes} of what lies in the run's folder of files; a link counts as its target."""
    root = pathlib.Path(run_dir)
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def stored(run):
    """{name: bytes} of a run's files on the server."""
    out = {}
    for f in run.files(per_page=500):
        with urllib.request.urlopen(f.direct_url, timeout=30) as r:
            out[f.name] = r.read()
        assert len(out[f.name]) == f.size, f.name
    return out


def check_rows(run, run_dir):
    """Each value of each row that the SDK sent comes back, by scan_history and by history. Returns the rows."""
    want, got = rows(run_dir), list(run.scan_history())
    shown = [{k: v for k, v in row.items() if k == "_step" or not k.startswith("_")} for row in got]
    assert same(shown, want)
    sampled = list(run.history(samples=10_000, pandas=False))
    assert same([{k: row.get(k) for k in w} for row, w in zip(sampled, want, strict=True)], want)
    return want


def check(run, run_dir):
    """As check_rows; each byte of each file too, and the summary has the last of each key. Returns rows and files."""
    want = check_rows(run, run_dir)
    here, there = files(run_dir), stored(run)
    assert sorted(here) == sorted(there)
    for name, data in here.items():
        assert there[name] == data, name
    last = {}
    for row in want:
        last |= row
    summary = flat({k: v for k, v in run.summary._json_dict.items() if not k.startswith("_")})
    assert same(summary, {k: v for k, v in last.items() if k != "_step"})
    return want, there
