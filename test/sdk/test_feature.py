"""What some switches of serverInfo.features promise, each where no other
scenario needs it."""

import wandb

from proxy import Forwarder


def test_gzip(server, project, read):
    front = Forwarder(server.port)
    try:
        settings = wandb.Settings(base_url=f"http://127.0.0.1:{front.port}", x_file_stream_no_gzip=False)
        with wandb.init(project=project, settings=settings) as run:
            for i in range(50):
                run.log({"loss": i})
    finally:
        front.close()
    assert b"Content-Encoding: gzip" in front.sent
    assert len(wandb.Api().run(f"alice/{project}/{run.id}").history(keys=["loss"], pandas=False)) == 50


def test_count_of_files(server, project, api):
    art = wandb.Artifact("data", "dataset")
    for i in range(3):
        with art.new_file(f"{i}.txt") as f:
            f.write(str(i))
    with wandb.init(project=project) as run:
        run.log_artifact(art).wait()
    assert len(api.artifact(f"alice/{project}/data:v0").files()) == 3


def test_collections_filtered(server, project, api):
    with wandb.init(project=project) as run:
        for name in ("apples", "pears", "plums"):
            art = wandb.Artifact(name, "fruit")
            with art.new_file("f.txt") as f:
                f.write(name)
            run.log_artifact(art).wait()
    kind = api.artifact_type("fruit", f"alice/{project}")
    fruit = lambda **how: [c.name for c in kind.collections(**how)]
    assert fruit(order="name") == ["apples", "pears", "plums"]
    assert fruit(order="-name") == ["plums", "pears", "apples"]
    assert fruit(filters={"name": {"$in": ["pears", "plums"]}}, order="name") == ["pears", "plums"]
    assert fruit(filters={"name": {"$regex": "^p"}}, order="-created_at") == ["plums", "pears"]
