"""Several processes and threads in one run: spawn, fork, threads, shared mode."""

import pathlib
import re
import threading

import pytest
import wandb

from conftest import fresh, script, wait_for


def run_script(server, text, **env):
    p = script(server, text, **env)
    out, _ = p.communicate(timeout=90)
    assert p.returncode == 0, out
    return out


def rows(api, project, id):
    return list(fresh(api, f"alice/{project}/{id}").scan_history())


@pytest.mark.parametrize("how", ["spawn", "fork"])
def test_child_processes_log_to_one_run(server, project, api, how):
    project = re.sub(r"[\[\]]", "-", project)
    run_script(server, f"""
import multiprocessing as mp, time, wandb
def work(run, n):
    run.log({{f"child{{n}}": n}})
    time.sleep(1)  # what the client's own service reads only after the parent's next line comes too late
if __name__ == "__main__":
    mp.set_start_method({how!r})
    run = wandb.init(project={project!r}, id="r")
    run.log({{"main": 1}})
    for n in range(2):
        p = mp.Process(target=work, args=(run, n))
        p.start(); p.join()
        assert p.exitcode == 0
    run.log({{"main": 2}})
    run.finish()
""")
    got = rows(api, project, "r")
    assert [r["_step"] for r in got] == list(range(4))
    assert [r.get("main") for r in got] == [1, None, None, 2] and got[1]["child0"] == 0 and got[2]["child1"] == 1


def test_threads(server, project, api):
    with wandb.init(project=project, id="r") as run:
        def work(n):
            for i in range(50):
                run.log({f"t{n}": i})
        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        [t.start() for t in threads]
        [t.join() for t in threads]
    got = rows(api, project, "r")
    assert [r["_step"] for r in got] == list(range(200))
    for n in range(4):
        assert [r[f"t{n}"] for r in got if f"t{n}" in r] == list(range(50))


def test_reinit(server, project, api):
    """Two runs at once and one after the other in one process."""
    a = wandb.init(project=project, id="a")
    b = wandb.init(project=project, id="b", reinit="create_new")
    a.log({"v": 1})
    b.log({"v": 2})
    a.log({"v": 3})
    b.finish()
    a.finish()
    assert [r["v"] for r in rows(api, project, "a")] == [1, 3] and [r["v"] for r in rows(api, project, "b")] == [2]


def test_reinit_finishes_or_returns_the_previous(server, project, api):
    a = wandb.init(project=project, id="a")
    a.log({"v": 1})
    same = wandb.init(project=project, id="other", reinit="return_previous")
    assert same is a
    same.log({"v": 2})
    b = wandb.init(project=project, id="b", reinit="finish_previous")
    assert b is not a and b.id == "b"
    b.log({"v": 3})
    r = fresh(api, f"alice/{project}/a")
    assert r.state == "finished" and [x["v"] for x in r.scan_history()] == [1, 2], "a was finished when b began"
    b.finish()
    assert [x["v"] for x in rows(api, project, "b")] == [3]
    assert sorted(r.id for r in api.runs(f"alice/{project}")) == ["a", "b"]


def test_shared_mode(server, project, api, read):
    """Three writers, one of them primary: every row is there once, steps are the server's."""
    text = f"""
import os, time, wandb
rank = int(os.environ["RANK"])
run = wandb.init(project={project!r}, id="r", config={{f"c{{rank}}": rank}}, settings=wandb.Settings(
    mode="shared", x_primary=rank == 0, x_label=f"rank{{rank}}", x_update_finish_state=rank == 0, x_stats_sampling_interval=1))
print("hello from", rank, flush=True)
for i in range(20):
    run.log({{f"rank{{rank}}": i, "any": rank}})
while rank == 0 and not os.path.exists("others-ended"):
    time.sleep(0.1)
run.finish()
"""
    first = script(server, text, RANK="0")
    wait_for("the run", lambda: fresh(api, f"alice/{project}/r"))
    others = [script(server, text, RANK=str(n)) for n in (1, 2)]
    for p in [*others, first]:
        if p is first:
            pathlib.Path("others-ended").touch()
        out, _ = p.communicate(timeout=90)
        assert p.returncode == 0, out
    got = rows(api, project, "r")
    assert [r["_step"] for r in got] == list(range(60))
    for n in range(3):
        assert [r[f"rank{n}"] for r in got if f"rank{n}" in r] == list(range(20))
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and r.config == {f"c{n}": n for n in range(3)}
    assert [r.summary[f"rank{n}"] for n in range(3)] == [19] * 3
    lines = read.lines(f"alice/{project}", "r")
    for n in range(3):
        assert sum(f"hello from {n}" in line for line in lines) == 1, lines
    labels = {line.get("label") for line in read.logs(f"alice/{project}", "r")["lines"] if "hello from" in line["text"]}
    assert labels == {"rank0", "rank1", "rank2"}, labels
    # System metrics are one key for each process that measures (0.28 does in the primary only).
    measured = {k["key"].partition("/l:")[2] for k in read.keys(f"alice/{project}", ["r"])["events"]} - {""}
    assert measured == ({"rank0", "rank1", "rank2"} if wandb.__version__ >= "0.31" else {"rank0"})
    # A process that joins later, and is not the primary, does not end the run.
    late = script(server, text, RANK="3", WAIT="0")
    out, _ = late.communicate(timeout=90)
    assert late.returncode == 0, out
    got = rows(api, project, "r")
    assert [r["_step"] for r in got] == list(range(80)) and [r["rank3"] for r in got if "rank3" in r] == list(range(20))


def test_mark_preempting(server, project, api):
    p = script(server, f"""
import wandb
run = wandb.init(project={project!r}, id="r")
run.log({{"v": 1}})
run.mark_preempting()
run.finish(exit_code=1)
""")
    p.communicate(timeout=60)
    assert fresh(api, f"alice/{project}/r").state == "preempted"
    with wandb.init(project=project, id="r", resume="must") as run:
        run.log({"v": 2})
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and [x["v"] for x in r.scan_history()] == [1, 2]
