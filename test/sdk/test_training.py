"""Training scripts as people write them, unchanged: plain Python, scikit-learn, LightGBM's callback."""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np
import wandb

import sent
from conftest import fresh
from readpath import same

SCRIPTS = pathlib.Path(__file__).parent / "scripts"


def train(name):
    inherited = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
    done = subprocess.run([sys.executable, str(SCRIPTS / name)], env=inherited, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder,) = pathlib.Path("wandb").glob("run-*")
    return str(folder / "files")


def test_plain_python(server, api, read):
    folder = train("plain.py")
    r = fresh(api, "alice/train/plain")
    rows, files = sent.check_rows(r, folder), sent.stored(r)
    losses = [row["train/loss"] for row in rows if "train/loss" in row]
    accuracy = [row["val/accuracy"] for row in rows if "val/accuracy" in row]
    assert len(losses) == 480 and len(accuracy) == 30 and accuracy[-1] > 0.95
    assert r.config == {"lr": 0.5, "epochs": 30, "batch": 32} and r.tags == ["numpy"] and r.state == "finished"
    assert r.summary["val/accuracy"]["max"] == max(accuracy) and r.summary["train/loss"] == losses[-1]
    assert read.points("alice/train", "plain", "train/loss", x="step") == list(enumerate(losses))
    assert [line.split()[1] for line in read.lines("alice/train", "plain") if line.startswith("epoch")] == [str(n) for n in range(30)]
    a = api.artifact("alice/train/weights:final")
    assert np.load(pathlib.Path(a.download(), "weights.npy")).tobytes() == np.load("weights.npy").tobytes() and a.metadata == {"epochs": 30}
    # The weights as they were after the last epoch are those of the last histogram.
    last = [row["parameters/w"] for row in rows if "parameters/w" in row][-1]
    assert last["bins"][0] == np.load("weights.npy").min() and last["bins"][-1] == np.load("weights.npy").max()


def test_scikit_learn(server, api):
    folder = train("sklearn_plots.py")
    r = fresh(api, "alice/train/sklearn")
    rows, files = sent.check_rows(r, folder), sent.stored(r)
    shown = {key: value for row in rows for key, value in row.items()}
    tables = {key for key, value in shown.items() if isinstance(value, dict) and value["_type"] == "table-file"}
    assert tables == {"class_proportions", "confusion_matrix", "feature_importances", "learning_curve", "precision_recall_table", "residuals",
                      "roc_table", "summary_metrics"}
    drawn = r.rawconfig["_wandb"]
    assert set(drawn["visualize"]) == {"precision_recall", "roc"}
    assert drawn["viz"]["confusion_matrix"]["id"].startswith("wandb/confusion_matrix/") and set(drawn["viz"]) == {key for key in tables if not key.endswith("_table")}
    for key in tables:
        table = json.loads(files[shown[key]["path"]])
        assert len(table["data"]) == shown[key]["nrows"] and len(table["columns"]) == shown[key]["ncols"]
    matrix = json.loads(files[shown["confusion_matrix"]["path"]])["data"]
    assert len(matrix) == 9 and sum(cell[-1] for cell in matrix) == 38
    assert shown["accuracy"] > 0.9


def test_lightgbm(server, api):
    folder = train("boosted.py")
    r = fresh(api, "alice/train/lightgbm")
    rows = sent.check_rows(r, folder)
    seen = json.loads(pathlib.Path("seen.json").read_text())
    for part, metrics in seen.items():
        for metric, values in metrics.items():
            assert same([row[f"{part}_{metric}"] for row in rows if f"{part}_{metric}" in row], values)
    assert r.config["num_leaves"] == 7 and r.config["objective"] == "binary"
    assert r.summary["valid_binary_logloss"]["min"] == min(seen["valid"]["binary_logloss"])
    (model,) = [a for a in r.logged_artifacts() if a.type == "model"]
    (name,) = model.manifest.entries
    assert "best" in model.aliases and pathlib.Path(model.download(), name).read_text().startswith("tree")


def test_a_thousand_watched_keys(server, project, api):
    """What run.watch sends of a model of 500 tensors: histograms of 64 bins under parameters/ and gradients/."""
    counts = {}
    with wandb.init(project=project, id="r") as run:
        rng = np.random.default_rng(0)
        for step in range(5):
            row = {}
            for n in range(500):
                for what in ("parameters", "gradients"):
                    h = np.histogram(rng.normal(size=100), bins=64)
                    row[f"{what}/layers.{n}.weight"] = wandb.Histogram(np_histogram=h)
                    counts[step, what, n] = (h[0].tolist(), h[1].tolist())
            run.log(row | {"loss": 1 / (step + 1)})
    rows = sent.check_rows(fresh(api, f"alice/{project}/r"), run.dir)
    assert len(rows) == 5
    for (step, what, n), (values, bins) in counts.items():
        h = rows[step][f"{what}/layers.{n}.weight"]
        assert h["values"] == values and h["bins"] == bins
