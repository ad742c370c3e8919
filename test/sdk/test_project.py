"""Projects through wandb.Api; renames and moves under a live run."""

import pytest
import wandb

from conftest import fresh
from test_api import graphql


def names(api, entity="alice"):
    return [p.name for p in api.projects(entity, per_page=3)]


def test_create_list_find(server, api):
    api.create_project("made-by-api", "alice")
    api.create_project("made-by-api", "alice")  # again: nothing happens
    assert names(api).count("made-by-api") == 1
    p = api.project("made-by-api", "alice")
    assert p.name == "made-by-api" and p.entity == "alice" and p.owner.username == "alice" and p.id and p.path == ["alice", "made-by-api"]
    assert p.url.endswith("/alice/made-by-api/workspace") and not p.is_benchmark and p.created_at
    assert [c.name for c in p.collections()] == []
    assert [t.name for t in p.artifacts_types()] == []
    assert list(api.runs("alice/made-by-api")) == [] and len(api.runs("alice/made-by-api")) == 0
    with pytest.raises(Exception):
        api.project("no-such-project", "alice").id
    with pytest.raises(Exception):
        api.create_project("x", "bob")
    for bad in ("", "a/b", "x" * 200):
        with pytest.raises(Exception):
            api.create_project(bad, "alice")


RENAME = """mutation R($new: String!, $old: String!) { renameProject(input: {entityName: "alice", oldProjectName: $old, newProjectName: $new}) { project { id name } inserted } }"""
MOVE = """mutation M($runs: [ID!]!, $to: String!) { moveRuns(input: {runs: $runs, projectName: $to}) { runs { id name project { name } } } }"""


def test_rename_under_a_live_run(server, project, api):
    with wandb.init(project=project) as run:
        run.log({"v": 0})
        got = graphql(server, RENAME, {"old": project, "new": project + "-new"})
        assert got["data"]["renameProject"]["project"]["name"] == project + "-new", got
        for i in range(1, 20):
            run.log({"v": i})
        run.config["later"] = True
        run.summary["done"] = 1
        with open("after.txt", "w") as f:
            f.write("after the rename")
        run.save("after.txt")
        print("a line after the rename")
    assert project + "-new" in names(api) and project not in names(api)
    r = fresh(api, f"alice/{project}-new/{run.id}")
    assert r.state == "finished" and [row["v"] for row in r.scan_history(keys=["v"])] == list(range(20))
    assert r.config["later"] and r.summary["done"] == 1 and r.file("after.txt").size == 16
    assert fresh(api, f"alice/{project}/{run.id}").storage_id == r.storage_id, "the old address leads to the run"
    with wandb.init(project=project, id="script") as other:  # a script that names the old project goes on logging
        other.log({"v": 1})
    assert sorted(x.id for x in api.runs(f"alice/{project}-new")) == sorted([run.id, "script"])
    api.create_project(project, "alice")  # somebody wants the old name: it is free
    with wandb.init(project=project, id="fresh") as other:
        other.log({"v": 1})
    assert [x.id for x in api.runs(f"alice/{project}")] == ["fresh"] and len(api.runs(f"alice/{project}-new")) == 2
    assert fresh(api, f"alice/{project}/{run.id}").storage_id == r.storage_id, "runs of before are still led to"
    assert "errors" in graphql(server, RENAME, {"old": project, "new": project + "-new"}), "a name that is taken"


def test_move_under_a_live_run(server, project, api):
    api.create_project(project + "-to", "alice")
    with wandb.init(project=project, id="mover") as run:
        run.log({"v": 0})
        rid = fresh(api, f"alice/{project}/mover").storage_id
        got = graphql(server, MOVE, {"runs": [rid], "to": project + "-to"})
        assert got["data"]["moveRuns"]["runs"][0]["project"]["name"] == project + "-to", got
        for i in range(1, 20):
            run.log({"v": i})
        run.config["later"] = True
    r = fresh(api, f"alice/{project}-to/mover")
    assert r.state == "finished" and [row["v"] for row in r.scan_history(keys=["v"])] == list(range(20)) and r.config["later"]
    assert [x.id for x in api.runs(f"alice/{project}")] == []
    assert [x.id for x in api.runs(f"alice/{project}-to")] == ["mover"]
    with wandb.init(project=project, id="mover", resume="must") as again:  # the old address goes on
        again.log({"v": 20})
    assert [row["v"] for row in fresh(api, f"alice/{project}-to/mover").scan_history(keys=["v"])] == list(range(21))


def test_delete_project(server, project, api):
    with wandb.init(project=project) as run:
        run.log({"v": 1})
    pid = api.project(project, "alice").id
    bob = graphql(server, "mutation D($id: String!) { deleteModel(input: {id: $id}) { success } }", {"id": pid}, key=server.bob_key)
    assert "errors" in bob
    assert graphql(server, "mutation D($id: String!) { deleteModel(input: {id: $id}) { success } }", {"id": pid})["data"]["deleteModel"]["success"]
    assert project not in names(api)
    with pytest.raises(Exception):
        fresh(api, f"alice/{project}/{run.id}")
    with wandb.init(project=project) as again:
        again.log({"v": 2})
    assert [r.id for r in api.runs(f"alice/{project}")] == [again.id]


def test_visibility_is_honest(server, api):
    """A project is for its entity's members; asking for more is refused, not ignored."""
    api.create_project("shown", "alice")
    access = lambda value: graphql(server, 'mutation A($a: String) { upsertModel(input: {name: "shown", entityName: "alice", access: $a}) { project { access } } }', {"a": value})
    assert access("ENTITY_READ")["errors"] if "errors" in access("ENTITY_READ") else True
    assert "errors" in access("PUBLIC") and "errors" in access("nonsense")
    got = graphql(server, '{ project(name: "shown", entityName: "alice") { access } }', {})
    assert got["data"]["project"]["access"] in ("PRIVATE", "TEAM", "ENTITY_READ")
