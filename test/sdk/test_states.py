"""Point 9: the states of a run by the server's clock, and the stop button."""

import signal
import time

import wandb

from conftest import fresh, script, Server, wait_for


def test_stop_reaches_the_process(server, project, api):
    p = script(server, f"""
import time, wandb
run = wandb.init(project={project!r}, id="stopme")
for i in range(2400):
    run.log({{"i": i}})
    time.sleep(0.1)
""")
    run = wait_for("the run", lambda: fresh(api, f"alice/{project}/stopme"))
    assert wait_for("it to run", lambda: fresh(api, f"alice/{project}/stopme").state == "running")
    import base64, json, urllib.request
    auth = "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()
    body = {"query": "mutation StopRun($id: ID!) { stopRun(input: {id: $id}) { success clientMutationId } }", "variables": {"id": run.storage_id}}
    req = urllib.request.Request(server.url + "/graphql", json.dumps(body).encode(), {"Authorization": auth, "Content-Type": "application/json"})
    answer = json.loads(urllib.request.urlopen(req).read())
    assert answer["data"]["stopRun"]["success"], answer
    out, _ = p.communicate(timeout=230)
    assert p.returncode != 0, "the process was not stopped:\n" + out
    assert wait_for("the state", lambda: fresh(api, f"alice/{project}/stopme").state in ("killed", "failed")), api.run(f"alice/{project}/stopme").state
    assert fresh(api, f"alice/{project}/stopme").state == "killed"


def test_a_run_without_heartbeat_crashes_and_comes_back(tmp_path_factory, project, monkeypatch):
    server = Server(tmp_path_factory.mktemp("crash") / "data", env={"BALLAST_CRASH_AFTER": "3s"}).start()
    try:
        key = server.user("carol")
        monkeypatch.setenv("WANDB_BASE_URL", server.url)
        monkeypatch.setenv("WANDB_API_KEY", key)
        api = wandb.Api(api_key=key, overrides={"base_url": server.url})
        p = script(server, f"""
import time, wandb
run = wandb.init(project={project!r}, id="silent")
run.log({{"a": 1}})
print("logged", flush=True)
time.sleep(600)
""")
        p.stdout.readline()
        wait_for("the run", lambda: fresh(api, f"carol/{project}/silent").state == "running", 60)
        wait_for("a row", lambda: fresh(api, f"carol/{project}/silent").lastHistoryStep == 0, 60)
        p.send_signal(signal.SIGKILL)
        p.wait()
        wait_for("it to count as crashed", lambda: fresh(api, f"carol/{project}/silent").state == "crashed", 60)
        with wandb.init(project=project, id="silent", resume="must") as run:
            assert fresh(api, f"carol/{project}/silent").state == "running"
            run.log({"a": 2})
        assert fresh(api, f"carol/{project}/silent").state == "finished"
    finally:
        server.stop()
