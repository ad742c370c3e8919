"""Ballast's own read path: the API that the web app uses, decoded here."""

import base64
import json
import math
import struct
import urllib.request


class ReadPath:
    def __init__(self, url, key):
        self.url, self.key = url, key

    def _open(self, path, body=None):
        headers = {"Authorization": "Basic " + base64.b64encode(b"api:" + self.key.encode()).decode(), "X-Ballast": "1"}
        if body is not None:
            headers["Content-Type"] = "application/json"
            body = json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, body, headers), timeout=30) as r:
            return r.read()

    def panel(self, project, runs, key, x="_step", buckets=500, stream="history", **range_):
        """The series of a key: {run: {"mode", "x", "y" or "last"/"min"/"max"/"count"}}."""
        raw = self._open("/api/panel", {"project": project, "runs": runs, "key": key, "x": x, "stream": stream,
                                        "min": None, "max": None, "buckets": buckets} | range_)
        assert raw[:4] == b"BPN1"
        (size,) = struct.unpack_from("<I", raw, 4)
        meta = json.loads(raw[8:8 + size])
        at = 8 + size
        assert at % 8 == 0

        def column(fmt, n):
            nonlocal at
            width = struct.calcsize(fmt)
            values = struct.unpack_from(f"<{n}{fmt}", raw, at)
            at += (n * width + 7) // 8 * 8
            return values

        out = {}
        for r in meta["runs"]:
            n = r["n"]
            if r["mode"] == "points":
                out[r["run"]] = {"mode": "points", "x": column("d", n), "y": column("d", n)}
                continue
            if r["mode"] == "grid":
                valid = column("B", (n + 7) // 8)
                column("B", (n + 7) // 8)
                g = meta["grid"]
                x = [g["start"] + (i + 1) * g["width"] - 1 for i in range(n)]
                keep = [i for i in range(n) if valid[i // 8] >> (i % 8) & 1]
            else:
                x, keep = column("d", n), list(range(n))
            cols = {name: column("f", n) for name in ("last", "min", "max", "count")}
            out[r["run"]] = {"mode": r["mode"], "x": [x[i] for i in keep]} | {k: [v[i] for i in keep] for k, v in cols.items()}
        assert at == len(raw), "bytes left over in the panel"
        return out

    def points(self, project, run, key, **kw):
        """All points of a short series, as (x, y)."""
        p = self.panel(project, [run], key, **kw).get(run)
        if p is None:
            return []
        assert p["mode"] == "points", p["mode"]
        return list(zip(p["x"], p["y"]))

    def runs(self, project, **kw):
        return json.loads(self._open("/api/runs", {"project": project, "q": "", "filter": None, "order": [], "columns": [],
                                                   "offset": 0, "limit": 200} | kw))

    def keys(self, project, runs):
        return json.loads(self._open("/api/keys", {"project": project, "runs": runs}))

    def logs(self, project, run, query="from=0&n=1000"):
        return json.loads(self._open(f"/api/logs/{project}/{run}?{query}"))

    def lines(self, project, run):
        return [line["text"] for line in self.logs(project, run)["lines"]]


def same(a, b):
    """Equality in which NaN equals NaN, also inside lists and dicts."""
    if isinstance(a, float) and isinstance(b, float):
        return a == b or (math.isnan(a) and math.isnan(b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b
