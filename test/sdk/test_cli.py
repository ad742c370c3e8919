"""The wandb command against the server: pull, init, status, docker-run; and notebooks."""

import os
import pathlib
import subprocess
import sys
import urllib.request

import wandb
import yaml

ENV_NOT_SHARED = ("WANDB_SERVICE", "WANDB_SILENT")


def cli(*args, cwd=".", **env):
    kept = {k: v for k, v in os.environ.items() if k not in ENV_NOT_SHARED}
    done = subprocess.run([sys.executable, "-m", "wandb", *args], cwd=cwd, capture_output=True, text=True, env=kept | env, timeout=120)
    return done.returncode, done.stdout + done.stderr


def test_pull(server, project, tmp_path):
    pathlib.Path("out").mkdir()
    pathlib.Path("out/a b.txt").write_text("kept")
    with wandb.init(project=project, config={"lr": 0.5}) as run:
        run.save("out/*", base_path=".")
    into = tmp_path / "pulled"
    into.mkdir()
    code, text = cli("pull", run.id, "-p", project, "-e", "alice", cwd=into)
    assert code == 0, text
    assert (into / "out" / "a b.txt").read_text() == "kept" and yaml.safe_load((into / "config.yaml").read_text())["lr"]["value"] == 0.5
    again = cli("pull", run.id, "-p", project, "-e", "alice", cwd=into)
    assert again[0] == 0 and "a b.txt is up to date" in again[1], again[1]
    (into / "out" / "a b.txt").write_text("changed")
    assert cli("pull", run.id, "-p", project, "-e", "alice", cwd=into)[0] == 0
    assert (into / "out" / "a b.txt").read_text() == "kept", "what differs is fetched again"
    assert cli("pull", "no-such-run", "-p", project, "-e", "alice", cwd=into)[0] != 0


def test_init_and_status(server, tmp_path):
    code, text = cli("init", "-p", "from-init", "-e", "alice")
    assert code == 0, text
    code, text = cli("status")
    assert code == 0 and server.url in text, text
    monkey = {k: v for k, v in os.environ.items() if k not in ENV_NOT_SHARED}
    done = subprocess.run([sys.executable, "-c", "import wandb\nwith wandb.init() as r: r.log({'v': 1})\nprint(r.project)"], env=monkey, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().endswith("from-init"), done.stdout + done.stderr
    assert len(wandb.Api().runs("alice/from-init")) == 1


def test_docker_run_hands_the_key_on(server, tmp_path):
    """docker itself is a stand-in here: what counts is what the command gives it."""
    (tmp_path / "bin").mkdir()
    docker = tmp_path / "bin" / "docker"
    docker.write_text('#!/bin/sh\necho "docker $* key=$WANDB_API_KEY"\n')
    docker.chmod(0o755)
    code, text = cli("docker-run", "some/image", "python", "train.py", PATH=f"{tmp_path / 'bin'}:{os.environ['PATH']}")
    assert code == 0 and "-e WANDB_API_KEY" in text and f"key={server.alice_key}" in text, text


def test_a_notebook_shows_runs_in_a_frame(server, project, api):
    with wandb.init(project=project) as run:
        run.log({"v": 1})
    for shown in (api.run(f"alice/{project}/{run.id}"), api.project(project, "alice")):
        address = shown.to_html().split("src='")[1].split("'")[0]
        assert address.startswith(server.url) and address.endswith("?jupyter=true")
        with urllib.request.urlopen(urllib.request.Request(address, headers={"Accept": "text/html"})) as page:
            policy = page.headers["Content-Security-Policy"]
            assert page.status == 200 and "frame-ancestors 'self'" in policy and "X-Frame-Options" not in page.headers
