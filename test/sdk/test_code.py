"""Code of runs: log_code, save_code, requirements, the state of git, wandb restore."""

import os
import pathlib
import subprocess
import sys

import wandb

import sent
from conftest import fresh, script

WANDB = str(pathlib.Path(sys.executable).with_name("wandb"))


def git(*args, cwd="."):
    done = subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always", *args],
                          cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def train(server, program, cwd, **env):
    inherited = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_DISABLE_GIT")}
    done = subprocess.run([sys.executable, program], cwd=cwd, env=inherited | env, capture_output=True, text=True, timeout=90)
    assert done.returncode == 0, done.stdout + done.stderr


def test_log_code(server, project, api):
    tree = {"pkg/a.py": "print(1)\n", "pkg/deep/b.py": "# ☃\n", "pkg/requirements.txt": "numpy\n", "pkg/data.csv": "1,2\n", "pkg/nb.ipynb": "{}"}
    for name, text in tree.items():
        pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
        pathlib.Path(name).write_text(text)
    with wandb.init(project=project, id="r") as run:
        run.log_code("pkg")
        run.log_code("pkg", name="books", include_fn=lambda path: path.endswith((".ipynb", ".csv")), exclude_fn=lambda path, root: "data" in path)
        run.log({"v": 1})
    r = fresh(api, f"alice/{project}/r")
    code = {a.name: a for a in r.logged_artifacts() if a.type == "code"}
    assert len(code) == 2
    books = next(a for n, a in code.items() if n.startswith("books:"))
    source = next(a for a in code.values() if a is not books)
    got = {p.relative_to("down").as_posix(): p.read_text() for p in pathlib.Path(source.download(root="down")).resolve().relative_to(pathlib.Path.cwd()).rglob("*") if p.is_file()}
    assert {k: v for k, v in got.items() if k.endswith(".py")} == {"a.py": "print(1)\n", "deep/b.py": "# ☃\n"} and "data.csv" not in got
    assert list(books.manifest.entries) == ["nb.ipynb"]


PROGRAM = """import wandb
with wandb.init(project={project!r}, id={id!r}, save_code=True, config={{"lr": 0.1, "nested": {{"a": [1, 2]}}}}) as run:
    run.log({{"v": 1}})
"""


def test_the_state_of_git(server, project, api):
    """Commit, changes and remote of the program's repository, and wandb restore from them."""
    git("init", "-q", "--bare", "origin.git")
    git("clone", "-q", "origin.git", "work")
    work = pathlib.Path("work")
    (work / "train.py").write_text(PROGRAM.format(project=project, id="r"))
    (work / "data.txt").write_text("committed\n")
    (work / ".gitignore").write_text("wandb/\n")
    git("add", "-A", cwd=work)
    git("commit", "-qm", "first", cwd=work)
    git("push", "-q", "origin", "HEAD", cwd=work)
    commit = git("rev-parse", "HEAD", cwd=work)
    (work / "data.txt").write_text("changed ☃\n")
    train(server, "train.py", work)
    r = fresh(api, f"alice/{project}/r")
    files = sent.stored(r)
    assert r.commit == commit
    patch = files["diff.patch"].decode()
    assert "-committed" in patch and "+changed ☃" in patch
    assert "wandb==" in files["requirements.txt"].decode()
    assert files["code/train.py"].decode() == (work / "train.py").read_text()
    assert r.metadata["git"]["commit"] == commit and r.metadata["program"].endswith("train.py") and r.metadata["codePath"] == "train.py"
    # Another clone, at another commit, is put where the run was.
    git("clone", "-q", "origin.git", "other")
    other = pathlib.Path("other")
    (other / "more.txt").write_text("more")
    git("add", "-A", cwd=other)
    git("commit", "-qm", "second", cwd=other)
    (other / "wandb").mkdir()
    inherited = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_DISABLE_GIT", "WANDB_SILENT")}
    done = subprocess.run([WANDB, "restore", f"alice/{project}/r"], cwd=other, env=inherited, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert git("rev-parse", "HEAD", cwd=other) == commit and git("branch", "--show-current", cwd=other) == "wandb/r"
    assert (other / "data.txt").read_text() == "changed ☃\n"
    assert "lr" in (other / "wandb/config.yaml").read_text()


def test_restore_without_git(server, project, api):
    p = script(server, PROGRAM.format(project=project, id="r"))
    out, _ = p.communicate(timeout=60)
    assert p.returncode == 0, out
    pathlib.Path("elsewhere/wandb").mkdir(parents=True)
    inherited = {k: v for k, v in os.environ.items() if k not in ("WANDB_SERVICE", "WANDB_SILENT")}
    done = subprocess.run([WANDB, "restore", "--no-git", f"alice/{project}/r"], cwd="elsewhere", env=inherited, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nested" in pathlib.Path("elsewhere/wandb/config.yaml").read_text()

