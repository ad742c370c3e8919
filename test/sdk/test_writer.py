"""Two processes that write one run without shared mode, and rewinds under a process that writes."""

import pathlib
import signal

import pytest
import wandb

from conftest import fresh, script, wait_for

TOLD = "another process took this run over"


def writer(server, project, name, first, more=""):
    """Logs w=name and a growing v, sent at once, until its input closes."""
    p = script(server, f"""
import pathlib, threading, sys, time, wandb
run = wandb.init(project={project!r}, id="r", settings=wandb.Settings(x_file_stream_transmit_interval=1){more})
print("{name} started", flush=True)
i = {first}
while not pathlib.Path("end-{name}").exists():
    run.log({{"v": i, "w": "{name}"}})
    i += 1
    time.sleep(0.02)
run.finish()
pathlib.Path("dir-{name}").write_text(run.dir)
""", WANDB_SILENT="false")
    return p


def end(p, name):
    pathlib.Path(f"end-{name}").touch()
    out, _ = p.communicate(timeout=90)
    return out


def told(name):
    """What the SDK's own log of a process says of being told to give up."""
    log = pathlib.Path(pathlib.Path(f"dir-{name}").read_text()).parent / "logs" / "debug-internal.log"
    return TOLD in log.read_text()


def rows(api, project):
    return [(r["_step"], r["w"], r["v"]) for r in fresh(api, f"alice/{project}/r").scan_history()]


def test_two_processes_by_mistake(server, project, api, read):
    """The run is the newer process's alone; the older one is told, and nothing of it is mixed in."""
    a = writer(server, project, "a", 0)
    wait_for("rows of a", lambda: len(rows(api, project)) > 20)
    b = writer(server, project, "b", 1000)
    wait_for("rows of b", lambda: len([r for r in rows(api, project) if r[1] == "b"]) > 20)
    # a goes on for a while: each of its requests is refused.
    wait_for("more of b", lambda: len([r for r in rows(api, project) if r[1] == "b"]) > 100)
    end(a, "a")
    out = end(b, "b")
    assert b.returncode == 0, out
    got = rows(api, project)
    assert len(got) > 100 and got == [(i, "b", 1000 + i) for i in range(len(got))]
    assert read.points(f"alice/{project}", "r", "v") == [(i, 1000 + i) for i in range(len(got))]
    assert told("a"), "the older process was never told"
    assert not told("b")
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and r.summary["w"] == "b" and r.summary["v"] == got[-1][2]


def test_rewind_of_a_running_run(server, project, api):
    """The process that wrote is told; the one that rewound goes on alone."""
    a = writer(server, project, "a", 0)
    wait_for("rows of a", lambda: len(rows(api, project)) > 40)
    b = writer(server, project, "b", 1000, ', resume_from="r?_step=9"')
    wait_for("rows of b", lambda: len([r for r in rows(api, project) if r[1] == "b"]) > 60)
    end(a, "a")
    out = end(b, "b")
    assert b.returncode == 0, out
    got = rows(api, project)
    assert got[:10] == [(i, "a", i) for i in range(10)]
    assert len(got) > 70 and got[10:] == [(i, "b", 990 + i) for i in range(10, len(got))]
    assert told("a") and not told("b")


def test_rewind_of_a_crashed_run(server, project, api):
    a = writer(server, project, "a", 0)
    wait_for("rows of a", lambda: len(rows(api, project)) > 20)
    a.send_signal(signal.SIGKILL)
    a.communicate(timeout=30)
    with wandb.init(project=project, resume_from="r?_step=4") as run:
        run.log({"v": 7, "w": "c"})
    assert rows(api, project) == [(i, "a", i) for i in range(5)] + [(5, "c", 7)]


def test_rewinds_that_cannot_be(server, project, api):
    with wandb.init(project=project, id="r") as run:
        for i in range(3):
            run.log({"v": i, "w": "a"})
    with wandb.init(project=project, id="gone") as run:
        run.log({"v": 1})
    api.run(f"alice/{project}/gone").delete()
    for point, text in (("r?_step=3", "ends at step 2: there is no step 3 yet"), ("gone?_step=0", "was deleted"), ("nobody?_step=0", "nobody")):
        with pytest.raises(wandb.errors.CommError, match=text.replace("?", r"\?")):
            wandb.init(project=project, resume_from=point)
    assert rows(api, project) == [(i, "a", i) for i in range(3)]
    assert fresh(api, f"alice/{project}/r").state == "finished"


def test_rewound_again_and_again(server, project, api, read):
    """Rewound in what it kept, in what it logged since, to before everything; config and summary follow."""
    def go(values, **kw):
        with wandb.init(project=project, **kw) as run:
            for v in values:
                run.log({"v": v, "w": "a"} | ({"odd": v} if v % 2 else {}))
    go(range(10), id="r", config={"a": 1})
    go(range(100, 104), resume_from="r?_step=5", config={"b": 2})
    want = [(i, "a", i) for i in range(6)] + [(6 + i, "a", 100 + i) for i in range(4)]
    assert rows(api, project) == want
    assert fresh(api, f"alice/{project}/r").summary._json_dict["odd"] == 103
    go([200], resume_from="r?_step=7", config={"c": 3})
    assert rows(api, project) == want[:8] + [(8, "a", 200)]
    assert fresh(api, f"alice/{project}/r").summary._json_dict["odd"] == 101
    go([300], resume_from="r?_step=2")
    assert rows(api, project) == want[:3] + [(3, "a", 300)]
    r = fresh(api, f"alice/{project}/r")
    assert r.summary._json_dict["odd"] == 1 and r.config == {"a": 1, "b": 2, "c": 3}
    assert read.points(f"alice/{project}", "r", "v") == [(0, 0), (1, 1), (2, 2), (3, 300)]
    go([400], resume_from="r?_step=3")
    go([401], id="r", resume="must")
    assert rows(api, project) == want[:3] + [(3, "a", 300), (4, "a", 400), (5, "a", 401)]
