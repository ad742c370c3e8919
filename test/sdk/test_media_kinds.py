"""Each kind of media: the row that names it, and its files, come back as they were sent."""

import hashlib
import io
import json
import pathlib
import re
import wave

import numpy as np
import pytest
import wandb

import sent
from conftest import fresh

PIXELS = np.arange(16 * 12 * 3, dtype=np.uint8).reshape(12, 16, 3)


def log(project, api, *steps, **settings):
    """Logs the steps into a run; returns its rows and files as the server has them, compared with what was sent."""
    with wandb.init(project=project, id="r", **settings) as run:
        for step in steps:
            run.log(step)
    return sent.check(fresh(api, f"alice/{project}/r"), run.dir)


def whole(shown, files):
    """The bytes that a row's media object names, checked against its digest and size."""
    data = files[shown["path"]]
    assert hashlib.sha256(data).hexdigest() == shown["sha256"] and len(data) == shown["size"]
    return data


def test_image_formats(server, project, api):
    from PIL import Image
    pathlib.Path("p.gif").write_bytes(b"GIF89a\x01\x00\x01\x00\x00\x00\x00;")
    picture = Image.fromarray(PIXELS)
    picture.save("given.png")
    (row,), files = log(project, api, {
        "array": wandb.Image(PIXELS), "grey": wandb.Image(PIXELS[:, :, 0]), "alpha": wandb.Image(np.dstack([PIXELS, PIXELS[:, :, 0]])),
        "floats": wandb.Image(np.linspace(0, 1, 64).reshape(8, 8)), "pil": wandb.Image(picture, caption="a ☃ <b>caption</b>"),
        "jpg": wandb.Image(picture, file_type="jpg"), "bmp": wandb.Image(picture, file_type="bmp"), "path": wandb.Image("given.png")})
    for key, suffix in [("array", "png"), ("grey", "png"), ("alpha", "png"), ("floats", "png"), ("pil", "png"), ("jpg", "jpg"), ("bmp", "bmp"), ("path", "png")]:
        data = whole(row[key], files)
        assert row[key]["_type"] == "image-file" and row[key]["path"].startswith("media/images/") and row[key]["path"].endswith("." + suffix)
        assert Image.open(io.BytesIO(data)).size == (row[key]["width"], row[key]["height"])
    for key in ("array", "pil", "bmp", "path"):
        assert (np.asarray(Image.open(io.BytesIO(files[row[key]["path"]])).convert("RGB")) == PIXELS).all(), key
    assert row["pil"]["caption"] == "a ☃ <b>caption</b>"
    assert files[row["path"]["path"]] == pathlib.Path("given.png").read_bytes()


def test_image_boxes_masks_classes(server, project, api):
    classes = wandb.Classes([{"id": 0, "name": "nothing"}, {"id": 1, "name": "cät"}])
    names = {0: "nothing", 1: "cät"}
    mask = np.eye(12, 16, dtype=np.uint8)
    boxes = {"truth": {"class_labels": names, "box_data": [
        {"position": {"minX": 0.1, "maxX": 0.25, "minY": 0.3, "maxY": 0.5}, "class_id": 1, "box_caption": "one", "scores": {"iou": 0.75}},
        {"position": {"middle": [3, 4], "width": 2, "height": 5}, "domain": "pixel", "class_id": 0}]},
        "guess": {"box_data": []}}
    masks = {"m": {"mask_data": mask, "class_labels": names}}
    (row, _), files = log(project, api, *[
        {"seen": wandb.Image(PIXELS, boxes=boxes, masks=masks, classes=classes, caption="c"),
         "many": [wandb.Image(PIXELS, boxes=boxes, masks=masks, caption=f"n{i}", grouping=2) for i in range(3)]}] * 2)
    from PIL import Image
    drawn = json.loads(whole(row["seen"]["boxes"]["truth"], files))
    assert drawn["class_labels"] == {"0": "nothing", "1": "cät"} and drawn["box_data"] == boxes["truth"]["box_data"]
    assert json.loads(whole(row["seen"]["boxes"]["guess"], files))["box_data"] == []
    assert (np.asarray(Image.open(io.BytesIO(whole(row["seen"]["masks"]["m"], files)))) == mask).all()
    assert row["many"]["_type"] == "images/separated" and row["many"]["count"] == 3 and row["many"]["captions"] == ["n0", "n1", "n2"]
    assert len(row["many"]["all_boxes"]) == 3 and len(row["many"]["all_masks"]) == 3 and len(row["many"]["filenames"]) == 3
    for shown in row["many"]["all_boxes"]:
        whole(shown["truth"], files)
    for name in row["many"]["filenames"]:
        assert (np.asarray(Image.open(io.BytesIO(files[name]))) == PIXELS).all()


def test_histograms(server, project, api):
    values = np.random.default_rng(3).normal(size=1000)
    counts, edges = np.histogram(values, bins=20)
    pairs, files = log(project, api, *[{"of": {"sequence": wandb.Histogram(values.tolist()), "bins": wandb.Histogram(values, num_bins=512),
                                               "given": wandb.Histogram(np_histogram=(counts, edges)), "empty": wandb.Histogram([0.0])}}] * 3)
    for row in pairs:
        assert row["of.given"] == {"_type": "histogram", "values": counts.tolist(), "bins": edges.tolist()}
        for key, n in [("of.sequence", 64), ("of.bins", 512)]:
            want = np.histogram(values, bins=n)
            assert row[key]["values"] == want[0].tolist() and row[key]["bins"] == want[1].tolist()


def sound(path, seconds=0.1, rate=8000):
    with wave.open(str(path), "wb") as w:
        w.setnchannels(1), w.setsampwidth(2), w.setframerate(rate)
        w.writeframes((np.sin(np.arange(int(rate * seconds))) * 30000).astype("<i2").tobytes())
    return path


def test_audio(server, project, api):
    samples = np.sin(np.arange(800) / 10)
    (row,), files = log(project, api, {
        "array": wandb.Audio(samples, sample_rate=8000, caption="beep"), "path": wandb.Audio(str(sound("a.wav"))),
        "list": [wandb.Audio(samples, sample_rate=8000), wandb.Audio(samples / 2, sample_rate=4000)]})
    import soundfile
    back, rate = soundfile.read(io.BytesIO(whole(row["array"], files)))
    assert rate == 8000 and row["array"]["caption"] == "beep" and np.abs(back - samples).max() < 1e-3
    assert whole(row["path"], files) == pathlib.Path("a.wav").read_bytes()
    assert row["list"]["_type"] == "audio" and row["list"]["count"] == 2
    for shown in row["list"]["audio"]:
        whole(shown, files)


def test_video(server, project, api):
    """Given as files: to encode frames is the client's own work."""
    for kind in ("mp4", "webm", "ogg", "gif"):
        pathlib.Path("v." + kind).write_bytes(kind.encode() * 5000)
    (row,), files = log(project, api, {kind: wandb.Video("v." + kind, caption=kind, format=kind) for kind in ("mp4", "webm", "ogg", "gif")})
    for kind in ("mp4", "webm", "ogg", "gif"):
        assert row[kind]["_type"] == "video-file" and row[kind]["caption"] == kind
        assert whole(row[kind], files) == kind.encode() * 5000


def test_html(server, project, api):
    page = "<html><head></head><body><script>alert('☃')</script></body></html>"
    pathlib.Path("page.html").write_text(page)
    (row,), files = log(project, api, {"text": wandb.Html("<p>hé</p>", inject=False), "injected": wandb.Html(page),
                                       "path": wandb.Html(open("page.html"), inject=False)})
    assert whole(row["text"], files) == "<p>hé</p>".encode() and whole(row["path"], files) == page.encode()
    assert b"alert" in whole(row["injected"], files) and row["injected"]["_type"] == "html-file"
    # A page of somebody's is never a page of ours: it comes as an attachment, sandboxed.
    import urllib.request
    f = fresh(api, f"alice/{project}/r").file(row["text"]["path"])
    with urllib.request.urlopen(f.direct_url) as r:
        assert r.headers["Content-Disposition"].startswith("attachment") and "sandbox" in r.headers["Content-Security-Policy"]


def test_object3d(server, project, api):
    points = np.random.default_rng(2).normal(size=(50, 3))
    pathlib.Path("o.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n")
    pathlib.Path("o.gltf").write_text('{"asset": {"version": "2.0"}}')
    pathlib.Path("o.glb").write_bytes(b"glTF\x02\x00\x00\x00\x0c\x00\x00\x00")
    pathlib.Path("o.stl").write_text("solid x\nendsolid x\n")
    box = {"corners": [[0, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [1, 1, 0], [0, 1, 1], [1, 0, 1], [1, 1, 1]], "label": "Trée", "color": [123, 321, 111]}
    (row,), files = log(project, api, {
        "xyz": wandb.Object3D(points), "labelled": wandb.Object3D(np.hstack([points, np.ones((50, 1))])),
        "coloured": wandb.Object3D(np.hstack([points, np.full((50, 3), 200.0)])),
        "scene": wandb.Object3D({"type": "lidar/beta", "points": points, "boxes": np.array([box]),
                                 "vectors": np.array([{"start": [0, 0, 0], "end": [1, 2, 3]}])}),
        "obj": wandb.Object3D("o.obj", caption="o"), "gltf": wandb.Object3D("o.gltf"), "glb": wandb.Object3D("o.glb"), "stl": wandb.Object3D(open("o.stl"), file_type="stl"),
        "list": [wandb.Object3D(points), wandb.Object3D(points * 2)]})
    for kind in ("obj", "gltf", "glb", "stl"):
        assert row[kind]["_type"] == "object3D-file" and whole(row[kind], files) == pathlib.Path("o." + kind).read_bytes()
    scene = json.loads(whole(row["scene"], files))
    assert scene["points"] == points.tolist() and scene["boxes"] == [box] and scene["vectors"] == [{"start": [0, 0, 0], "end": [1, 2, 3]}]
    assert json.loads(whole(row["xyz"], files)) == points.tolist()
    assert row["list"]["count"] == 2


def test_molecule(server, project, api):
    pdb = "HEADER    MOLECULE\nATOM      1  N   ALA A   1      11.104   6.134  -6.504\nEND\n"
    for kind in ("pdb", "sdf", "mol2", "cif"):
        pathlib.Path("m." + kind).write_text(kind + pdb)
    (row,), files = log(project, api, {kind: wandb.Molecule("m." + kind, caption=kind) for kind in ("pdb", "sdf", "mol2", "cif")}
                        | {"text": wandb.Molecule(io.StringIO(pdb), file_type="pdb"), "list": [wandb.Molecule("m.pdb"), wandb.Molecule("m.cif")]})
    for kind in ("pdb", "sdf", "mol2", "cif"):
        assert row[kind]["_type"] == "molecule-file" and whole(row[kind], files).decode() == kind + pdb
    assert whole(row["text"], files).decode() == pdb and row["list"]["count"] == 2


def test_figures(server, project, api):
    """Plotly, matplotlib (as a figure and as a picture) and bokeh."""
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    import plotly.graph_objects as go
    from bokeh.plotting import figure
    drawn = go.Figure(go.Scatter(x=[1, 2, 3], y=[3, 1, 2], name="é"))
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3])
    b = figure(title="bokeh")
    b.line([1, 2], [3, 4])
    (row,), files = log(project, api, {"plotly": wandb.Plotly(drawn), "direct": drawn, "picture": wandb.Image(fig), "bokeh": wandb.data_types.Bokeh(b)})
    assert row["plotly"]["_type"] == "plotly-file" and json.loads(whole(row["plotly"], files))["data"][0]["y"] == [3, 1, 2]
    assert json.loads(whole(row["direct"], files))["data"][0]["name"] == "é"
    assert whole(row["picture"], files)[:4] == b"\x89PNG"
    assert row["bokeh"]["_type"] == "bokeh-file" and json.loads(whole(row["bokeh"], files))["roots"]


@pytest.mark.parametrize("key", ["plain", "a/b", "spaced out", "ünï/☃", "100%", "a+b&c=d#e", "quote'\"s"])
def test_names_of_keys(server, api, key):
    """A key becomes part of its file's name."""
    name = "keys-" + re.sub(r"\W+", "-", key.encode("unicode_escape").decode())[:40]
    (row,), files = log(name, api, {key: wandb.Image(PIXELS)})
    assert whole(row[key], files)[:4] == b"\x89PNG"
