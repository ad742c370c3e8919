"""Media, tables, code and histograms: stored, listed, downloaded byte for byte."""

import hashlib
import pathlib

import numpy as np
import wandb

from conftest import fresh


def files(api, project, id="r"):
    return {f.name: f for f in fresh(api, f"alice/{project}/{id}").files(per_page=200)}


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def test_media(server, project, api):
    rng = np.random.default_rng(1)
    with wandb.init(project=project, id="r") as run:
        for step in range(2):
            run.log({
                "image": wandb.Image(rng.integers(0, 255, (8, 8, 3), dtype=np.uint8), caption=f"c{step}",
                                     boxes={"b": {"box_data": [{"position": {"minX": 0.1, "maxX": 0.2, "minY": 0.3, "maxY": 0.4}, "class_id": 1}]}}),
                "images": [wandb.Image(rng.integers(0, 255, (4, 4), dtype=np.uint8)) for _ in range(3)],
                "html": wandb.Html("<p>hello</p>"),
                "hist": wandb.Histogram(rng.normal(size=100)),
                "cloud": wandb.Object3D(rng.normal(size=(10, 3))),
            })
        pathlib.Path("m.pdb").write_text("HEADER    MOLECULE\nEND\n")
        run.log({"molecule": wandb.Molecule("m.pdb")})
    here = files(api, project)
    rows = list(fresh(api, f"alice/{project}/r").scan_history())
    assert len(rows) == 3
    shown = []
    for row in rows[:2]:
        assert row["image"]["_type"] == "image-file" and row["image"]["width"] == 8 and row["image"]["caption"].startswith("c")
        assert row["images"]["_type"] == "images/separated" and row["images"]["count"] == 3
        assert row["hist"]["_type"] == "histogram" and len(row["hist"]["bins"]) == 65
        shown += [(row[k]["path"], row[k]["sha256"]) for k in ("image", "html", "cloud")]
    shown.append((rows[2]["molecule"]["path"], rows[2]["molecule"]["sha256"]))
    for path, sha in shown:
        assert path in here, (path, sorted(here))
        assert digest(here[path].download(root="down", replace=True).name) == sha
    assert sum(name.startswith("media/images/images_") for name in here) == 6
    assert fresh(api, f"alice/{project}/r").summary["image"]["_type"] == "image-file"


def test_a_table_does_not_fail_the_run(server, project, api):
    with wandb.init(project=project, id="r") as run:
        run.log({"table": wandb.Table(columns=["a", "b"], data=[[1, "x"], [2, "y"]]), "v": 1})
        run.log({"line": wandb.plot.line_series([0, 1], [[1, 2], [3, 4]], title="t"), "v": 2})
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and [row["v"] for row in r.scan_history()] == [1, 2]
    row = next(iter(r.scan_history()))
    assert row["table"]["_type"] == "table-file" and row["table"]["nrows"] == 2
    here = files(api, project)
    path = row["table"]["path"]
    assert digest(here[path].download(root="down").name) == row["table"]["sha256"]


def test_code(server, project, api):
    pathlib.Path("pkg").mkdir()
    pathlib.Path("pkg/a.py").write_text("print(1)\n")
    with wandb.init(project=project, id="r") as run:
        run.log_code("pkg")
        run.log({"v": 1})
    r = fresh(api, f"alice/{project}/r")
    assert r.state == "finished" and r.summary["v"] == 1


def test_save_code(server, project, api):
    from conftest import script
    p = script(server, f"""
import wandb
with wandb.init(project={project!r}, id="r", save_code=True) as run:
    run.log({{"v": 1}})
""")
    out, _ = p.communicate(timeout=60)
    assert p.returncode == 0, out
    (program,) = pathlib.Path.cwd().glob("train_*.py")
    here = files(api, project)
    name = next(n for n in here if n.startswith("code/") and n.endswith(program.name))
    assert here[name].download(root="down").read() == program.read_text()


def test_gradient_histograms(server, project, api):
    """What run.watch logs: histograms by bin edges, without a framework."""
    with wandb.init(project=project, id="r") as run:
        for step in range(5):
            counts, edges = np.histogram(np.full(10, step), bins=8)
            run.log({f"gradients/layer{n}.weight": wandb.Histogram(np_histogram=(counts, edges)) for n in range(20)})
    rows = list(fresh(api, f"alice/{project}/r").scan_history())
    assert len(rows) == 5
    for step, row in enumerate(rows):
        counts, edges = np.histogram(np.full(10, step), bins=8)
        for n in range(20):
            h = row[f"gradients/layer{n}.weight"]
            assert h["_type"] == "histogram" and h["values"] == counts.tolist() and h["bins"] == edges.tolist()


def test_a_file_that_is_replaced(server, project, api):
    """The last content counts, also when it changes while it is sent."""
    with wandb.init(project=project, id="r") as run:
        path = pathlib.Path("big.bin")
        path.write_bytes(b"0" * 3_000_000)
        run.save("big.bin", policy="live")
        pathlib.Path("now.txt").write_text("now")
        run.save("now.txt", policy="now")
        for n in range(1, 5):
            path.write_bytes(bytes(str(n), "ascii") * 3_000_000)
            run.log({"n": n})
    f = files(api, project)["big.bin"]
    assert f.size == 3_000_000 and pathlib.Path(f.download(root="down").name).read_bytes() == b"4" * 3_000_000
    assert files(api, project)["now.txt"].download(root="down").read() == "now"
