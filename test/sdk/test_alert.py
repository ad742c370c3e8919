"""run.alert: stored, listed, the same title not twice within its time."""

import base64
import json
import urllib.request

import wandb


def test_alert(server, project):
    with wandb.init(project=project, id="r") as run:
        run.alert("Low", "accuracy is low", level=wandb.AlertLevel.WARN, wait_duration=300)
        run.alert("Low", "accuracy is low", level=wandb.AlertLevel.WARN, wait_duration=300)
        run.alert("Other", "…")
    query = """query($p: String) { project(entityName: "alice", name: $p) { run(name: "r") { alerts { title text severity } } } }"""
    body = json.dumps({"query": query, "variables": {"p": project}}).encode()
    auth = "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()
    with urllib.request.urlopen(urllib.request.Request(server.url + "/graphql", body, {"Authorization": auth, "Content-Type": "application/json"})) as r:
        alerts = json.loads(r.read())["data"]["project"]["run"]["alerts"]
    assert sorted((a["title"], a["text"], a["severity"]) for a in alerts) == [("Low", "accuracy is low", "WARN"), ("Other", "…", "INFO")]
