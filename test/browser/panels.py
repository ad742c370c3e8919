"""Logs with the real SDK what the kinds of panels show: media, tables, custom charts, a small search over parameters.

Usage: panels.py PROJECT (gallery | study | bad URL | huge)
"""

import json
import math
import pathlib
import random
import struct
import sys

import numpy as np
import wandb

PROJECT, WHAT = sys.argv[1], sys.argv[2]
SETTINGS = wandb.Settings(console="off", silent=True, x_disable_stats=True)


def start(id, **more):
    return wandb.init(project=PROJECT, id=id, reinit="create_new", settings=SETTINGS, **more)


def picture(seed, step, w=160, h=120):
    y, x = np.mgrid[0:h, 0:w]
    a = np.stack([127 + 120 * np.sin(x / 20 + seed), 127 + 120 * np.cos(y / 15 + step), np.full((h, w), 60.0 + 30 * seed)], -1)
    return np.clip(a, 0, 255).astype(np.uint8)


def mask(step, w=160, h=120):
    y, x = np.mgrid[0:h, 0:w]
    m = np.zeros((h, w), np.uint8)
    m[(x - 50 - step * 5) ** 2 + (y - 60) ** 2 < 900] = 1
    m[(x - 110) ** 2 + (y - 50) ** 2 < 400] = 2
    return m


def labelled(k, step):
    names = {1: "cat", 2: "dog"}
    boxes = [
        {"position": {"minX": 0.2, "maxX": 0.5, "minY": 0.2, "maxY": 0.7}, "class_id": 1, "scores": {"score": 0.9}},
        {"position": {"middle": [110, 50], "width": 40, "height": 40}, "domain": "pixel", "class_id": 2, "scores": {"score": 0.4}},
    ]
    return wandb.Image(picture(k, step), caption=f"step {step}", boxes={"predictions": {"box_data": boxes, "class_labels": names}},
                       masks={"truth": {"mask_data": mask(step), "class_labels": names}})


def gallery():
    for k in range(2):
        with start(f"g{k}", name=f"gallery-{k}") as run:
            for step in range(4):
                rng = np.random.default_rng(k + step)
                cells = [[i, f"row {i}", math.nan if i == 3 else (i * 37 % 11) / 11, wandb.Image(picture(i, step, 40, 30)), ["even", "odd"][i % 2]] for i in range(12)]
                run.log({
                    "loss": 1 / (step + 1 + k),
                    "pic": labelled(k, step),
                    "many/pics.a": [wandb.Image(picture(k + i, step, 80, 60), caption=f"no {i}") for i in range(3)],
                    "sound": wandb.Audio(np.sin(np.arange(4000) / (10 + k + step)).astype(np.float32), sample_rate=8000, caption="tone"),
                    "page": wandb.Html(f"<h1>Step {step}</h1><p id=p>no script</p><script>document.getElementById('p').textContent = 'its script ran'</script>"),
                    "cloud": wandb.Object3D(rng.normal(size=(400, 6)) * [1, 1, 1, 60, 60, 60] + [0, 0, 0, 128, 128, 128]),
                    "hist": wandb.Histogram(rng.normal(step, 1, 500)),
                    "tab": wandb.Table(columns=["id", "name", "score", "pic", "kind"], data=cells),
                })
            atoms = [f"ATOM  {i + 1:5d}  C   ALA A{i + 1:4d}    {3 * math.cos(i):8.3f}{3 * math.sin(i):8.3f}{i * 1.2:8.3f}  1.00  0.00           C" for i in range(12)]
            pathlib.Path("m.pdb").write_text("\n".join(atoms) + "\nEND\n")
            run.log({"molecule": wandb.Molecule("m.pdb")})
            charts(run, k)
            tables(run, k)
            pathlib.Path("code").mkdir(exist_ok=True)
            pathlib.Path("code/train.py").write_text("".join(f"line {i}\n" for i in range(40)) + f"lr = {10 ** -(k + 1)}\n")
            run.log_code("code")
            run.save("code/train.py", policy="now")


def triangle():
    """A glTF file of one triangle, in its binary form."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], "<f4").tobytes()
    scene = {"asset": {"version": "2.0"}, "scene": 0, "scenes": [{"nodes": [0]}], "nodes": [{"mesh": 0}], "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}], "buffers": [{"byteLength": len(points)}],
             "bufferViews": [{"buffer": 0, "byteLength": len(points)}], "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}]}
    text = json.dumps(scene).encode()
    text += b" " * (-len(text) % 4)
    return struct.pack("<4sII", b"glTF", 2, 28 + len(text) + len(points)) + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(points), b"BIN\0") + points


def tables(run, k):
    """A table that grows, one of two joined, one in parts; and things with three dimensions and axes."""
    growing = wandb.Table(columns=["id", "loss"], log_mode="INCREMENTAL")
    for step in range(3):
        growing.add_data(step * 10 + k, 1 / (step + 1))
        run.log({"growing": growing})
    art = wandb.Artifact(f"tables-{k}", "tables")
    left = wandb.Table(columns=["id", "guess"], data=[[1, "cat"], [2, "dog"]])
    right = wandb.Table(columns=["id", "truth"], data=[[2, "dog"], [3, "cow"]])
    art.add(left, "left")
    art.add(right, "right")
    art.add(wandb.JoinedTable("left.table.json", "right.table.json", "id"), "both")
    for i in range(2):
        art.add(wandb.Table(columns=["part"], data=[[i]]), f"parts/{i}")
    art.add(wandb.data_types.PartitionedTable("parts"), "whole")
    run.log_artifact(art).wait()
    run.log({"joined": art.get("both"), "parted": art.get("whole")})
    pathlib.Path("mesh.glb").write_bytes(triangle())
    run.log({"mesh": wandb.Object3D.from_file("mesh.glb"), "auc": wandb.plot_table("wandb/area-under-curve/v0", wandb.Table(columns=["class", "precision", "recall"], data=[["a", 1 - i / 10, i / 10] for i in range(10)]), {"x": "recall", "y": "precision", "class": "class"}, {"title": "Precision"})})


def charts(run, k):
    table = lambda columns, rows: wandb.Table(columns=columns, data=rows)
    run.log({"line": wandb.plot.line(table(["x", "y"], [[i, math.sin(i / 5 + k)] for i in range(50)]), "x", "y", title="A line")})
    run.log({"series": wandb.plot.line_series([0, 1, 2, 3], [[1, 2, 4, 3], [3, 4, 1, 2]], keys=["a", "b"], title="Two", xname="epoch")})
    run.log({"bars": wandb.plot.bar(table(["label", "value"], [["a", 3 + k], ["b", 5], ["c", 1]]), "label", "value", title="Bars")})
    run.log({"histo": wandb.plot.histogram(table(["v"], [[(i * 37 % 100) / 10 + k] for i in range(300)]), "v", title="Histo")})
    run.log({"dots": wandb.plot.scatter(table(["h", "w"], [[i % 7, i * 13 % 11] for i in range(60)]), "h", "w", title="Dots")})
    run.log({"conf": wandb.plot.confusion_matrix(y_true=[0, 1, 2, 0, 1, 2, 2, 2], preds=[0, 1, 2, 1, 1, 2, 0, 2], class_names=["cat", "dog", "cow"], title="Confusion")})


def study():
    """Twenty-four runs whose loss depends on the learning rate and the optimizer, and on nothing else."""
    rng = random.Random(1)
    for k in range(24):
        lr, opt, depth = 10 ** rng.uniform(-4, -1), ["adam", "sgd", "lion"][k % 3], rng.choice([2, 4, 8])
        loss = (math.log10(lr) + 2.5) ** 2 * 0.4 + {"adam": 0.2, "sgd": 0.9, "lion": 0.3}[opt] + rng.gauss(0, 0.03)
        with start(f"s{k:02}", name=f"{opt}-{lr:.1e}-d{depth}", config={"lr": lr, "opt": {"name": opt}, "depth": depth, "seed": k, "a.b": k % 2}) as run:
            run.log({"val/loss": loss, "val/acc": 1 - loss / 5 if k != 7 else math.nan})


EVIL = """<h1>Evil</h1><p id=out></p><script>
const out = document.getElementById('out'), say = (t) => { out.textContent += t + ' ' };
say('origin:' + origin);
try { localStorage.x = 1; say('storage') } catch (e) { say('no-storage') }
try { say('cookie:' + document.cookie) } catch (e) { say('no-cookie') }
try { parent.document.title = 'stolen'; say('parent') } catch (e) { say('no-parent') }
fetch('URL/fetched').then(() => say('fetched'), () => say('no-fetch'));
fetch('/api/session').then(() => say('session'), () => say('no-session'));
new Image().src = 'URL/image';
const s = document.createElement('script'); s.src = 'URL/script.js'; document.head.append(s);
const f = document.createElement('form'); f.action = 'URL/form'; f.method = 'post'; document.body.append(f); try { f.submit() } catch (e) {}
try { top.location = 'URL/top' } catch (e) { say('no-top') }
try { open('URL/popup') || say('no-popup') } catch (e) { say('no-popup') }
</script>"""


def bad(url):
    """What is broken, too large, endless, or evil."""
    with start("bad", name="x" * 290 + " ümläut עברית 🎈") as run:
        pathlib.Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\nthis is no picture")
        pathlib.Path("broken.obj").write_text("this is no object")
        long = "k/" + "long.key/" * 30 + "end"
        run.log({"evil": wandb.Html(EVIL.replace("URL", url), inject=False), long: 1.0, "ok": wandb.Image(picture(1, 1))})
        run.log({"leaves": wandb.Html(f"<script>location = '{url}/navigated'</script>", inject=False)})
        run.log({"loops": wandb.Html("<p>before</p><script>setTimeout(() => { for (;;); }, 300)</script>", inject=False)})
        run.log({"broken": {"_type": "image-file", "path": "media/images/broken.png", "width": 10, "height": 10, "format": "png"},
                 "gone": {"_type": "image-file", "path": "media/images/gone.png", "width": 10, "height": 10},
                 "large": {"_type": "image-file", "path": "media/images/large.png", "width": 10000, "height": 10000},
                 "shapeless": {"_type": "object3D-file", "path": "media/object3D/broken.obj"},
                 "film": {"_type": "video-file", "path": "media/images/broken.png"},
                 "notable": {"_type": "table-file", "path": "media/images/broken.png", "ncols": 1, "nrows": 1}})
        for folder, name in (("images", "broken.png"), ("object3D", "broken.obj")):
            pathlib.Path(f"media/{folder}").mkdir(parents=True, exist_ok=True)
            pathlib.Path(f"media/{folder}/{name}").write_bytes(pathlib.Path(name).read_bytes())
            run.save(f"media/{folder}/{name}", policy="now")


def huge():
    """The SDK's longest table: 200,000 rows."""
    table = wandb.Table(columns=["id", "text", "score"])
    table.data = [[i, f"row number {i} of many", (i * 7919 % 200_000) / 200_000] for i in range(200_000)]  # add_data would look at each type for half a minute
    with start("huge", name="huge") as run:
        run.log({"long": table})


{"gallery": gallery, "study": study, "bad": lambda: bad(sys.argv[3]), "huge": huge}[WHAT]()
print("READY", flush=True)
