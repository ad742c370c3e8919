"""The server dies by kill -9 while clients commit and delete: a version is there wholly or not at all."""

import signal
import threading
import time

import pytest
import wandb

from conftest import Server, script
from test_api import graphql
from test_artifact import contents

WRITER = """
import pathlib, wandb
for n in range(30):
    with wandb.init(project="p", entity="alice", settings=wandb.Settings(console="off")) as run:
        art = wandb.Artifact("data", type="dataset", metadata={"n": n})
        pathlib.Path(f"f{n}").write_text(f"content {n}")
        art.add_file(f"f{n}", name="f")
        art.add_file("shared", name="shared")
        run.log_artifact(art, aliases=[f"a{n}", "best"], tags=["t"]).wait()
    print("logged", n, flush=True)
print("end", flush=True)
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    s = Server(tmp_path / "server").start()
    s.alice_key = s.user("alice")
    monkeypatch.setenv("WANDB_BASE_URL", s.url)
    monkeypatch.setenv("WANDB_API_KEY", s.alice_key)
    yield s
    wandb.teardown()
    assert s.stop() == 0


def versions(server):
    answer = graphql(server, """{ project(name: "p", entityName: "alice") { artifactCollection(name: "data") { artifacts(first: 1000) { edges { node {
        id versionIndex state metadata fileCount size digest aliases { alias } tags { name } createdBy { ... on Run { name } } files { edges { node { name directUrl sizeBytes } } } } } } } } }""",
                     {}, server.alice_key)
    assert "errors" not in answer, answer
    collection = answer["data"]["project"]["artifactCollection"]
    return [e["node"] for e in collection["artifacts"]["edges"]] if collection else []


def whole(version):
    """What a version that is seen has to be."""
    import json
    n = json.loads(version["metadata"])["n"]
    assert version["state"] == "COMMITTED" and version["fileCount"] == 2 and version["createdBy"]["name"]
    assert version["size"] == len(f"content {n}") + len("shared bytes")
    assert {t["name"] for t in version["tags"]} == {"t"} and f"a{n}" in {a["alias"] for a in version["aliases"]}
    assert [(f["node"]["name"], bool(f["node"]["directUrl"])) for f in version["files"]["edges"]] == [("f", True), ("shared", True)]
    return n


def test_killed(own, tmp_path):
    (tmp_path / "shared").write_text("shared bytes")
    writer = script(own, WRITER)
    logged, done = [], threading.Event()

    def follow():
        for line in writer.stdout:
            if line.startswith("logged"):
                logged.append(int(line.split()[1]))
            done.set() if line.startswith("end") else None
        done.set()
    threading.Thread(target=follow, daemon=True).start()
    deleted, kills, deadline = set(), 0, time.monotonic() + 240
    while not done.wait(0.13 + 0.07 * (kills % 5)) and time.monotonic() < deadline:
        if kills < 12 and logged:
            # A delete on its way when the server dies, of a version that was seen.
            seen = [v for v in versions(own) if "latest" not in {a["alias"] for a in v["aliases"]}]
            if seen:
                victim = seen[-1]
                one = threading.Thread(target=lambda: quiet(own, victim["id"]), daemon=True)
                one.start()
                deleted.add(whole(victim))
            own.stop(signal.SIGKILL)
            own.start()
            kills += 1
            for v in versions(own):
                whole(v)
    assert done.is_set() and logged == list(range(30)), f"{len(logged)} of 30 logged after {kills} kills"
    assert kills >= 5
    rest = {whole(v): v for v in versions(own)}
    assert set(range(30)) - set(rest) <= deleted, "a version that nobody deleted is gone"
    assert {a["alias"] for a in rest[29]["aliases"]} >= {"latest", "best", "a29"}
    for n, v in list(rest.items())[:5] + [(29, rest[29])]:
        got = wandb.Api().artifact(f"alice/p/data:a{n}")
        assert contents(got.download(root=f"out{n}", skip_cache=True)) == {"f": f"content {n}".encode(), "shared": b"shared bytes"}


def quiet(server, version):
    try:
        graphql(server, "mutation($id: ID!) { deleteArtifact(input: {artifactID: $id, deleteAliases: true}) { artifact { id } } }", {"id": version}, server.alice_key)
    except OSError:
        pass  # it died meanwhile
