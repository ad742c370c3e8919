"""Files of runs: run.save by every policy, replaced while sent, many, oddly named, restored, never arrived."""

import base64
import glob
import json
import os
import pathlib
import time
import urllib.error
import urllib.request

import numpy as np
import pytest
import wandb

import sent
from conftest import fresh, script, wait_for


def test_policies(server, project, api):
    """now and live are there while the run goes on, end when it ended; each with its last content."""
    for name in ("now", "live", "end"):
        pathlib.Path(name + ".txt").write_text(name + " first")
    with wandb.init(project=project, id="r") as run:
        for name in ("now", "live", "end"):
            run.save(name + ".txt", policy=name)
        there = wait_for("the first files", lambda: {"now.txt", "live.txt"} <= (names := {f.name for f in fresh(api, f"alice/{project}/r").files()}) and names)
        assert "end.txt" not in there
        assert fresh(api, f"alice/{project}/r").file("now.txt").download(root="mid").read() == "now first"
        for name in ("now", "live", "end"):
            pathlib.Path(name + ".txt").write_text(name + " last")
    files = sent.stored(fresh(api, f"alice/{project}/r"))
    assert files["live.txt"] == b"live last" and files["end.txt"] == b"end last"
    assert files["now.txt"] == b"now first"


def test_globs_and_base_paths(server, project, api):
    for name in ("a/b/one.txt", "a/b/two.txt", "a/b/three.bin", "a/c/one.txt", "a/c/[1].txt"):
        path = pathlib.Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    here = pathlib.Path.cwd()
    with wandb.init(project=project, id="r") as run:
        run.save("a/b/*.txt")
        run.save("a/c/*.txt", base_path="a")
        run.save(str(here / "a/b/three.bin"))
        run.save(str(here / "a/c/one.txt"), base_path=str(here.parent))
        if "glob" in __import__("inspect").signature(run.save).parameters:
            run.save("a/c/[1].txt", glob=False)
    files = sent.stored(fresh(api, f"alice/{project}/r"))
    want = {"a/b/one.txt": "a/b/one.txt", "a/b/two.txt": "a/b/two.txt", "c/one.txt": "a/c/one.txt", "c/[1].txt": "a/c/[1].txt",
            "b/three.bin": "a/b/three.bin", f"{here.name}/a/c/one.txt": "a/c/one.txt"}
    assert {name: files[name].decode() for name in want} == want


def test_odd_names(server, project, api):
    """Each comes back under its own name; one that the server refuses takes no other along."""
    odd = ["ünïcödé ☃.txt", "spaces  in it", "100%.txt", "%41.txt", "a+b&c=d?e#f.txt", "quote'\".txt", "-dash", ".hidden", "back\\slash",
           "semi;colon", "日本語/子.txt", "x" * 200, "e\u0301 and \u00e9", "tab\there.txt", "café.html"]
    with wandb.init(project=project, id="r") as run:
        for n, name in enumerate(odd):
            path = pathlib.Path("odd") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"content {n}")
            run.save(glob.escape(str(path)), base_path="odd")
    files = sent.stored(fresh(api, f"alice/{project}/r"))
    assert "tab\there.txt" not in files
    for n, name in enumerate(odd):
        if "\t" not in name:
            assert files[name] == f"content {n}".encode(), name
            with api.run(f"alice/{project}/r").file(name).download(root="down", replace=True) as f:
                assert f.read() == f"content {n}"
    # The same by the address that people share.
    auth = {"Authorization": "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()}
    for name in ("ünïcödé ☃.txt", "%41.txt", "a+b&c=d?e#f.txt"):
        url = f"{server.url}/files/alice/{project}/r/{urllib.request.quote(name)}"
        with urllib.request.urlopen(urllib.request.Request(url, headers=auth)) as r:
            assert r.read() == files[name]


def test_replaced_again_and_again_while_sent(server, project, api):
    """A live file that changes faster than it is sent: what it was at the end is what is kept."""
    with wandb.init(project=project, id="r") as run:
        path = pathlib.Path("w.bin")
        path.write_bytes(b"start")
        run.save("w.bin", policy="live")
        stop = time.monotonic() + 4
        n = 0
        while time.monotonic() < stop:
            n += 1
            fresh_file = pathlib.Path("w.new")
            fresh_file.write_bytes(n.to_bytes(4, "little") * 500_000)
            os.replace(fresh_file, path)
    data = sent.stored(fresh(api, f"alice/{project}/r"))["w.bin"]
    assert data == n.to_bytes(4, "little") * 500_000


def test_ten_thousand_small_files(server, project, api):
    def content(n):
        return f"file {n}\n".encode() * (n % 7 + 1)
    begun = time.monotonic()
    with wandb.init(project=project, id="r") as run:
        folder = pathlib.Path("many")
        for n in range(10_000):
            path = folder / f"{n // 100:02d}" / f"{n:05d}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(n))
        # Not "live": the client's own watcher locks itself up when so many files are added.
        run.save("many/[0-4]*/*.txt", policy="now")
        run.save("many/[5-9]*/*.txt", policy="end")
    took = time.monotonic() - begun
    r = fresh(api, f"alice/{project}/r")
    here = {f.name: f for f in r.files(per_page=1000) if f.name.startswith("many/")}
    assert sorted(here) == [f"many/{n // 100:02d}/{n:05d}.txt" for n in range(10_000)]
    assert all(here[f"many/{n // 100:02d}/{n:05d}.txt"].size == len(content(n)) for n in range(10_000))
    for n in range(0, 10_000, 501):
        with urllib.request.urlopen(here[f"many/{n // 100:02d}/{n:05d}.txt"].direct_url) as f:
            assert f.read() == content(n)
    assert {f.name for f in r.files(pattern="many/42/%", per_page=30)} == {f"many/42/{n:05d}.txt" for n in range(4200, 4300)}
    print(f"10,000 files in {took:.1f} s")
    assert took < 180


def test_restore(server, project, api):
    with wandb.init(project=project, id="r") as run:
        pathlib.Path("sub").mkdir()
        pathlib.Path("sub/w.txt").write_text("weights")
        run.save("sub/w.txt")
    assert wandb.restore("sub/w.txt", run_path=f"alice/{project}/r", root="down").read() == "weights"
    pathlib.Path("down/sub/w.txt").write_text("mine")
    assert wandb.restore("sub/w.txt", run_path=f"alice/{project}/r", root="down").read() == "mine"
    assert wandb.restore("sub/w.txt", run_path=f"alice/{project}/r", root="down", replace=True).read() == "weights"
    with pytest.raises(ValueError, match="not found"):
        wandb.restore("sub/none.txt", run_path=f"alice/{project}/r", root="down")
    with wandb.init(project=project, id="second") as run:
        assert run.restore("sub/w.txt", run_path=f"alice/{project}/r").read() == "weights"


def test_media_whose_file_never_arrives(server, project, api):
    """The process dies after the row was sent and before the file was: the row names it, and asking for it says so."""
    with wandb.init(project=project, id="r") as run:
        run.log({"image": wandb.Image(np.zeros((4, 4, 3), np.uint8)), "v": 1})
    auth = {"Authorization": "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode(), "Content-Type": "application/json"}

    def post(path, body):
        return urllib.request.urlopen(urllib.request.Request(server.url + path, json.dumps(body).encode(), auth)).read()
    lost = {"_type": "image-file", "path": "media/images/lost_1.png", "sha256": "0" * 64, "size": 69, "width": 4, "height": 4, "format": "png"}
    post("/graphql", {"query": "mutation($f:[String!]!){createRunFiles(input:{entityName:\"alice\",projectName:\"%s\",runName:\"r\",files:$f}){runID}}" % project,
                      "variables": {"f": [lost["path"]]}})
    post(f"/files/alice/{project}/r/file_stream", {"files": {"wandb-history.jsonl": {"offset": 1, "content": [json.dumps({"_step": 1, "image": lost, "v": 2})]}}})
    r = fresh(api, f"alice/{project}/r")
    rows = list(r.scan_history())
    assert rows[1]["image"] == lost and [row["v"] for row in rows] == [1, 2]
    assert lost["path"] not in {f.name for f in r.files()}
    missing = r.file(lost["path"])
    assert missing.size == 0 and not missing.updated_at and missing.md5 == "0"
    with pytest.raises(ValueError, match="not found"):
        wandb.restore(lost["path"], run_path=f"alice/{project}/r", root="down")

    def refused(name):
        with pytest.raises(urllib.error.HTTPError) as e:
            urllib.request.urlopen(urllib.request.Request(f"{server.url}/files/alice/{project}/r/{name}", headers=auth))
        assert e.value.code == 404
        return e.value.read().decode()
    assert "media/images/lost_1.png" in (text := refused(lost["path"])) and "have not arrived" in text
    assert "have not arrived" not in refused("media/images/never_named.png")
    # The other image is not touched by it.
    assert urllib.request.urlopen(r.file(rows[0]["image"]["path"]).direct_url).read()[:4] == b"\x89PNG"
