"""Point 8: resume in every mode, a second start after a crash, requests sent again."""

import signal
import urllib.error

import pytest
import wandb

from conftest import fresh, script, wait_for


def log(project, id, values, **kw):
    with wandb.init(project=project, id=id, **kw) as run:
        for v in values:
            run.log({"v": v})
    return run


def values(api, project, id):
    return [(row["_step"], row["v"]) for row in fresh(api, f"alice/{project}/{id}").scan_history()]


@pytest.mark.parametrize("mode", ["allow", "must"])
def test_resume_goes_on(server, project, api, read, mode):
    project = project.replace("[", "-").replace("]", "")
    log(project, "r", [0, 1, 2], config={"kept": 1}, tags=["t"])
    log(project, "r", [3, 4], resume=mode, config={"new": 2})
    assert values(api, project, "r") == [(i, i) for i in range(5)]
    r = api.run(f"alice/{project}/r")
    assert r.config == {"kept": 1, "new": 2} and r.tags == ["t"] and r.state == "finished"
    assert read.points(f"alice/{project}", "r", "v") == [(i, i) for i in range(5)]


def test_resume_must_needs_a_run(server, project):
    with pytest.raises(Exception):
        wandb.init(project=project, id="absent", resume="must")


def test_resume_never_refuses_an_old_run(server, project):
    log(project, "r", [0])
    with pytest.raises(Exception):
        wandb.init(project=project, id="r", resume="never")


def test_resume_allow_starts_a_new_one(server, project, api):
    log(project, "fresh", [0, 1], resume="allow")
    assert values(api, project, "fresh") == [(0, 0), (1, 1)]


def test_resume_auto_after_a_crash(server, project, api):
    text = f"""
import os, signal, time, wandb
run = wandb.init(project={project!r}, resume="auto")
print("started", run.id, flush=True)
for i in range(3):
    run.log({{"v": i + int(os.environ.get("SECOND", 0))}})
if not os.environ.get("SECOND"):
    time.sleep(18)  # the SDK sends every 15 seconds
    os.kill(os.getpid(), signal.SIGKILL)
run.finish()
"""
    first = script(server, text)
    out, _ = first.communicate(timeout=120)
    id = next(line.split()[1] for line in out.splitlines() if line.startswith("started"))
    wait_for("the first rows", lambda: len(values(api, project, id)) == 3, 60)
    second = script(server, text, SECOND="3")
    out, _ = second.communicate(timeout=120)
    assert second.returncode == 0 and f"started {id}" in out, out
    assert values(api, project, id) == [(i, i) for i in range(6)]


def test_the_same_id_again_without_resume_starts_over(server, project, api, read):
    log(project, "again", [0, 1, 2, 3])
    log(project, "again", [10, 11])
    assert values(api, project, "again") == [(0, 10), (1, 11)]
    assert read.points(f"alice/{project}", "again", "v") == [(0, 10), (1, 11)]


def test_a_request_sent_again_does_not_double(server, project, api, read):
    import base64, json, urllib.request
    log(project, "twice", [0])

    def send(files):
        body = json.dumps({"files": files}).encode()
        auth = "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()
        req = urllib.request.Request(f"{server.url}/files/alice/{project}/twice/file_stream", body, {"Authorization": auth, "Content-Type": "application/json"})
        with urllib.request.urlopen(req) as r:
            return json.loads(r.read())

    n = api.run(f"alice/{project}/twice").lastHistoryStep + 1
    chunk = {"wandb-history.jsonl": {"offset": n, "content": [json.dumps({"_step": n + i, "v": n + i}) for i in range(3)]}}
    for _ in range(3):
        send(chunk)
    longer = {"wandb-history.jsonl": {"offset": n, "content": chunk["wandb-history.jsonl"]["content"] + [json.dumps({"_step": n + 3, "v": n + 3})]}}
    send(longer)
    assert values(api, project, "twice") == [(i, i) for i in range(n + 4)]
    far = {"wandb-history.jsonl": {"offset": n + 400, "content": ['{"_step": 999, "v": 1}']}}
    with pytest.raises(urllib.error.HTTPError) as e:
        send(far)
    assert e.value.code in (429, 503) and e.value.headers["Retry-After"]
