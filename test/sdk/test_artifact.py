"""Point 5: artifacts as far as runs need them, read back byte by byte."""

import hashlib
import base64
import os
import pathlib
import urllib.error
import urllib.request

import pytest
import wandb

from test_api import graphql


def folder(name, **files):
    """Makes a folder with files of the given contents."""
    root = pathlib.Path(name)
    for path, content in files.items():
        p = root / path.replace("__", "/")
        p.parent.mkdir(parents=True, exist_ok=True)
        p.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def log_folder(project, root, name="data", type="dataset", aliases=None, tags=None, **more):
    with wandb.init(project=project, entity="alice") as run:
        art = wandb.Artifact(name, type=type, **more)
        art.add_dir(str(root))
        return run.log_artifact(art, aliases=aliases, tags=tags).wait(), run.id


def contents(root):
    root = pathlib.Path(root)
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def stored(server):
    """The objects of artifacts' contents in the store, without manifests."""
    root = next(server.data.glob("**/artifacts"), None)
    return set() if root is None else {p.name.split("-")[0] for p in root.rglob("*") if p.is_file() and "/m/" not in str(p)}


def test_log_and_use(server, project, api):
    root = folder("in", a="hello", b__c="world", b__big=os.urandom(300_000), empty="")
    art, maker = log_folder(project, root, metadata={"rows": 3, "nested": {"x": [1, 2]}}, description="first")
    assert (art.version, art.state, art.size, art.type) == ("v0", "COMMITTED", 300_010, "dataset")
    assert sorted(art.aliases) == ["latest"]

    with wandb.init(project=project, entity="alice") as run:
        for name in ("data:latest", "data:v0", f"alice/{project}/data:latest"):
            used = run.use_artifact(name)
            assert used.digest == art.digest
        path = used.download(root="out")
        user = run.id
    assert contents(path) == contents(root)
    used.verify(root="out")

    got = api.artifact(f"alice/{project}/data:{art.digest}")
    assert got.metadata == {"rows": 3, "nested": {"x": [1, 2]}} and got.description == "first"
    assert got.logged_by().id == maker
    assert [r.id for r in got.used_by()] == [user]
    assert [a.name for a in api.run(f"alice/{project}/{user}").used_artifacts()] == ["data:v0"]
    assert [a.name for a in api.run(f"alice/{project}/{maker}").logged_artifacts() if a.type == "dataset"] == ["data:v0"]
    assert sorted(f.name for f in got.files()) == sorted(contents(root)) and got.file_count == 4
    pathlib.Path("out/a").write_text("changed")
    with pytest.raises(ValueError):
        got.verify(root="out")
    entry = got.get_entry("b/c")
    assert pathlib.Path(entry.download(root="one")).read_text() == "world"


def test_same_content_and_changed_file(server, project, api):
    first, other = f"first {project} {wandb.__version__}", f"other {project} {wandb.__version__}"
    root = folder("in", a=first, b="stays")
    v0, _ = log_folder(project, root, aliases=["best"])
    before = stored(server)
    again, second = log_folder(project, root, aliases=["again"])
    assert (again.version, again.id) == ("v0", v0.id)
    assert stored(server) == before
    assert [a.name for a in api.run(f"alice/{project}/{second}").logged_artifacts()] == ["data:v0"]

    (root / "a").write_text(other)
    v1, _ = log_folder(project, root, aliases=["best"])
    assert v1.version == "v1"
    assert stored(server) - before == {hashlib.md5(other.encode()).hexdigest()}, "more than the changed file was sent"
    api.flush()
    assert sorted(api.artifact(f"alice/{project}/data:v0").aliases) == ["again"]
    assert sorted(api.artifact(f"alice/{project}/data:v1").aliases) == ["best", "latest"]
    assert [a.version for a in api.artifacts("dataset", f"alice/{project}/data")] == ["v1", "v0"]
    # What stays was stored once and is read from both.
    for v in ("v0", "v1"):
        assert contents(api.artifact(f"alice/{project}/data:{v}").download(root="out" + v))["b"] == b"stays"


def test_aliases_tags_and_edits(server, project, api):
    log_folder(project, folder("in", a="1"), tags=["one", "two"])
    log_folder(project, folder("in", a="2"))
    art = api.artifact(f"alice/{project}/data:v0")
    assert sorted(art.tags) == ["one", "two"]
    art.aliases.append("prod")
    art.tags = ["two", "three"]
    art.description, art.metadata["k"] = "new text", [1.5, None, "x"]
    art.save()
    api.flush()
    art = api.artifact(f"alice/{project}/data:prod")
    assert (art.version, sorted(art.aliases), sorted(art.tags), art.description) == ("v0", ["prod"], ["three", "two"], "new text")
    assert art.metadata == {"k": [1.5, None, "x"]}
    assert [a.version for a in api.artifacts("dataset", f"alice/{project}/data", tags=["three"])] == ["v0"]
    newer = api.artifact(f"alice/{project}/data:v1")
    newer.aliases.append("prod")  # the alias moves
    newer.save()
    api.flush()
    assert api.artifact(f"alice/{project}/data:prod").version == "v1"
    assert api.artifact(f"alice/{project}/data:v0").aliases == []
    newer.aliases.remove("prod")
    newer.save()
    assert not api.artifact_exists(f"alice/{project}/data:prod")


def test_delete(server, project, api):
    art, _ = log_folder(project, folder("in", a="1"))
    log_folder(project, folder("in", a="2"))
    with pytest.raises(Exception, match="alias"):
        api.artifact(f"alice/{project}/data:v1").delete()
    api.artifact(f"alice/{project}/data:v0").delete()
    api.artifact(f"alice/{project}/data:v1").delete(delete_aliases=True)
    api.flush()
    assert not api.artifact_exists(f"alice/{project}/data:v0") and not api.artifact_exists(f"alice/{project}/data:latest")
    again, _ = log_folder(project, folder("in", a="1"))
    assert again.version == "v2" and again.id != art.id
    assert contents(again.download(root="out")) == {"a": b"1"}
    collection = api.artifact_collection("dataset", f"alice/{project}/data")
    collection.delete()
    api.flush()
    assert not api.artifact_exists(f"alice/{project}/data:v2")


def test_delete_run(server, project, api):
    _, first = log_folder(project, folder("in", a="1"))
    _, again = log_folder(project, folder("in", a="1"))  # the same version: not this run's
    _, other = log_folder(project, folder("in", a="2"))
    api.run(f"alice/{project}/{again}").delete(delete_artifacts=True)
    api.run(f"alice/{project}/{other}").delete(delete_artifacts=False)
    api.flush()
    assert api.artifact_exists(f"alice/{project}/data:v0") and api.artifact(f"alice/{project}/data:v1").logged_by() is None
    api.run(f"alice/{project}/{first}").delete(delete_artifacts=True)
    api.flush()
    assert not api.artifact_exists(f"alice/{project}/data:v0") and api.artifact_exists(f"alice/{project}/data:v1")


def test_references(server, project, api):
    local = folder("big", x="far away", sub__y="more")
    with wandb.init(project=project, entity="alice") as run:
        art = wandb.Artifact("refs", type="dataset")
        art.add_reference("file://" + str(local.resolve()))
        art.add_reference("custom://bucket/key.bin", name="far.bin")
        run.log_artifact(art).wait()
    got = api.artifact(f"alice/{project}/refs:latest")
    assert got.manifest.entries["far.bin"].ref == "custom://bucket/key.bin"
    assert not stored(server) & {hashlib.md5(b"far away").hexdigest()}, "the bytes of a reference were sent"
    (pathlib.Path("out")).mkdir()
    entry = got.get_entry("sub/y")
    assert pathlib.Path(entry.download(root="out")).read_text() == "more"


def test_reference_to_an_artifact(server, project, api):
    log_folder(project, folder("in", a="theirs"), name="source")
    with wandb.init(project=project, entity="alice") as run:
        source = run.use_artifact("source:latest")
        art = wandb.Artifact("derived", type="dataset")
        art.add_reference(source.get_entry("a").ref_url(), name="borrowed")
        run.log_artifact(art).wait()
    got = api.artifact(f"alice/{project}/derived:latest")
    assert contents(got.download(root="out")) == {"borrowed": b"theirs"}


def test_model(server, project, api):
    weights = folder("model", w="weights " + project)
    with wandb.init(project=project, entity="alice") as run:
        run.log_model(path=str(weights / "w"), name="net", aliases=["candidate"])
    with wandb.init(project=project, entity="alice") as run:
        path = run.use_model("net:candidate")
        assert pathlib.Path(path).read_text() == "weights " + project
        linked = run.link_model(path=str(weights / "w"), registered_model_name="Registered-" + project[-40:], name="net", aliases=["prod"])
    assert linked is not None
    got = api.artifact(f"alice/model-registry/Registered-{project[-40:]}:prod")
    assert got.is_link and got.source_name == "net:v0" and got.type == "model"
    assert contents(got.download(root="out")) == {"w": ("weights " + project).encode()}
    got.unlink()
    api.flush()
    assert not api.artifact_exists(f"alice/model-registry/Registered-{project[-40:]}:prod")
    assert api.artifact_exists(f"alice/{project}/net:v0")


def test_link(server, project, api):
    art, _ = log_folder(project, folder("in", a="1"))
    with wandb.init(project=project, entity="alice") as run:
        used = run.use_artifact("data:v0")
        run.link_artifact(used, f"alice/{project}-shelf/best", aliases=["gold"])
    got = api.artifact(f"alice/{project}-shelf/best:gold")
    assert (got.version, got.digest, got.is_link) == ("v0", art.digest, True)
    assert [a.name for a in api.artifact(f"alice/{project}/data:v0").linked_artifacts] == ["best:v0"]


def test_table(server, project, api):
    rows = [[i, f"row {i}", i / 7, None] for i in range(500)]
    with wandb.init(project=project, entity="alice") as run:
        run.log({"results": wandb.Table(columns=["i", "text", "x", "none"], data=rows)})
    run_ = api.run(f"alice/{project}/{run.id}")
    tables = [a for a in run_.logged_artifacts() if a.type == "run_table"]
    assert len(tables) == 1
    table = tables[0].get("results")
    assert table.columns == ["i", "text", "x", "none"] and table.data == rows
    assert run_.summary["results"]["_type"] == "table-file"


def test_incremental(server, project, api):
    log_folder(project, folder("in", a="1", b="2"))
    with wandb.init(project=project, entity="alice") as run:
        art = wandb.Artifact("data", type="dataset", incremental=True)
        art.add_file(str(folder("more", b="changed", c="new") / "b"), name="b")
        art.add_file("more/c", name="c")
        run.log_artifact(art).wait()
    got = api.artifact(f"alice/{project}/data:latest")
    assert got.version == "v1"
    assert contents(got.download(root="out")) == {"a": b"1", "b": b"changed", "c": b"new"}


def test_distributed(server, project, api):
    group = "workers"
    for n in range(3):
        with wandb.init(project=project, entity="alice", group=group) as run:
            art = wandb.Artifact("parts", type="dataset")
            art.add_file(str(folder(f"w{n}", **{f"part{n}": f"by {n}"}) / f"part{n}"), name=f"part{n}")
            run.upsert_artifact(art)
    assert not api.artifact_exists(f"alice/{project}/parts:latest"), "a draft is visible"
    with wandb.init(project=project, entity="alice", group=group) as run:
        art = wandb.Artifact("parts", type="dataset")
        art.add_file(str(folder("w3", last="end") / "last"), name="last")
        run.finish_artifact(art).wait()
    got = api.artifact(f"alice/{project}/parts:latest")
    assert contents(got.download(root="out")) == {"part0": b"by 0", "part1": b"by 1", "part2": b"by 2", "last": b"end"}


def test_api_lists(server, project, api):
    log_folder(project, folder("in", a="1"), name="one")
    log_folder(project, folder("in", a="2"), name="two")
    log_folder(project, folder("in", a="3"), name="net", type="model")
    assert sorted(t.name for t in api.artifact_types(f"alice/{project}")) == ["dataset", "model"]
    assert sorted(c.name for c in api.artifact_collections(f"alice/{project}", "dataset")) == ["one", "two"]
    assert sorted(c.name for c in api.artifact_type("model", f"alice/{project}").collections()) == ["net"]
    collection = api.artifact_collection("dataset", f"alice/{project}/one")
    collection.description, collection.tags = "a text", ["x", "y"]
    collection.save()
    api.flush()
    collection = api.artifact_collection("dataset", f"alice/{project}/one")
    assert collection.description == "a text" and sorted(collection.tags) == ["x", "y"] and collection.aliases == ["latest"]
    collection.name = "renamed"
    collection.save()
    api.flush()
    assert api.artifact(f"alice/{project}/renamed:v0").type == "dataset"
    with pytest.raises(Exception, match="does not|not found|could not|Could not"):
        api.artifact(f"alice/{project}/nothing:v0")


def test_another_type_is_refused(server, project, api):
    log_folder(project, folder("in", a="1"), name="one")
    with pytest.raises(Exception):
        log_folder(project, folder("in", a="2"), name="one", type="model")
    assert [a.version for a in api.artifacts("dataset", f"alice/{project}/one")] == ["v0"]


def test_strangers(server, project, api):
    art, _ = log_folder(project, folder("in", a="secret"))
    theirs = wandb.Api(api_key=server.bob_key, overrides={"base_url": server.url})
    assert not theirs.artifact_exists(f"alice/{project}/data:v0")
    answer = graphql(server, "query($id: ID!) { artifact(id: $id) { digest } }", {"id": art.id}, server.bob_key)
    assert answer["data"]["artifact"] is None
    digest = hashlib.md5(b"secret").hexdigest()
    for path in (f"/artifactsV2/default/alice/{project}/data/x/{digest}/a", f"/artifacts/alice/{digest}"):
        for key, want in ((server.alice_key, 200), (server.bob_key, 404)):
            auth = "Basic " + base64.b64encode(b"api:" + key.encode()).decode()
            request = urllib.request.Request(server.url + path, headers={"Authorization": auth})
            try:
                with urllib.request.urlopen(request) as r:
                    assert (r.status, r.read()) == (want, b"secret")
            except urllib.error.HTTPError as e:
                assert e.code == want, path
