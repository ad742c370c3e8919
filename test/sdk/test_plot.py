"""Custom charts of wandb.plot: the table, and the chart that the run's config describes."""

import json

import numpy as np
import pytest
import wandb

import sent
from conftest import fresh

TRUTH = [0, 1, 2, 1, 0, 2]
GUESS = [0, 1, 1, 1, 0, 2]
SURE = np.eye(3)[GUESS] * 0.8 + 0.05


def table():
    return wandb.Table(columns=["x", "y", "label"], data=[[i, i * i / 3, f"é{i}"] for i in range(20)])


CHARTS = {
    "line": ("wandb/line/v0", lambda: wandb.plot.line(table(), "x", "y", stroke="label", title="T ☃")),
    "bar": ("wandb/bar/v0", lambda: wandb.plot.bar(table(), "label", "y", title="T ☃")),
    "scatter": ("wandb/scatter/v0", lambda: wandb.plot.scatter(table(), "x", "y", title="T ☃")),
    "histogram": ("wandb/histogram/v0", lambda: wandb.plot.histogram(table(), "y", title="T ☃")),
    "line_series": ("wandb/lineseries/v0", lambda: wandb.plot.line_series([0, 1, 2], [[1, 2, 3], [3, 2, 1]], keys=["a", "b"], title="T ☃", xname="steps")),
    "confusion_matrix": ("wandb/confusion_matrix/v1", lambda: wandb.plot.confusion_matrix(y_true=TRUTH, preds=GUESS, class_names=["a", "b", "c"], title="T ☃")),
    "pr_curve": ("wandb/area-under-curve/v0", lambda: wandb.plot.pr_curve(TRUTH, SURE, labels=["a", "b", "c"], title="T ☃")),
    "roc_curve": ("wandb/area-under-curve/v0", lambda: wandb.plot.roc_curve(TRUTH, SURE, labels=["a", "b", "c"], title="T ☃")),
    "own": ("alice/my_chart", lambda: wandb.plot_table("alice/my_chart", table(), {"x": "x", "y": "y"}, {"title": "T ☃"}, split_table=True)),
}


def test_every_chart(server, project, api):
    charts = {name: make() for name, (_, make) in CHARTS.items()}
    tables = {name: [list(map(plain, row)) for row in chart.table.data] for name, chart in charts.items()}
    with wandb.init(project=project, id="r") as run:
        run.log({f"c/{name}": chart for name, chart in charts.items()})
    r = fresh(api, f"alice/{project}/r")
    (row,), files = sent.check(r, run.dir)
    described = r.rawconfig["_wandb"]["visualize"]
    for name, (preset, _) in CHARTS.items():
        spec = described[f"c/{name}"]
        assert spec["panel_type"] == "Vega2" and spec["panel_config"]["panelDefId"] == preset
        assert spec["panel_config"]["stringSettings"]["title"] == "T ☃" and spec == charts[name].spec.config_value
        # The chart's query names the key of the table that its rows have.
        (source,) = (f["args"][0]["value"] for f in spec["panel_config"]["userQuery"]["queryFields"][0]["fields"] if f["name"] == "summaryTable")
        assert row[source]["_type"] == "table-file"
        shown = json.loads(files[row[source]["path"]])
        assert shown["columns"] == charts[name].table.columns and shown["data"] == tables[name]


def plain(cell):
    return cell.item() if isinstance(cell, np.generic) else cell


def test_a_chart_logged_at_each_step(server, project, api):
    with wandb.init(project=project, id="r") as run:
        for step in range(3):
            run.log({"chart": wandb.plot.line_series([0, 1], [[step, step + 1]], keys=["k"]), "v": step})
    r = fresh(api, f"alice/{project}/r")
    rows, files = sent.check(r, run.dir)
    assert [json.loads(files[row["chart_table"]["path"]])["data"] for row in rows] == [[[0, "k", n], [1, "k", n + 1]] for n in range(3)]


def test_a_chart_of_ones_own_is_not_available_yet(server, project, api):
    """create_custom_chart says so; nothing is half-done."""
    with pytest.raises(Exception, match="(?i)not available|createCustomChart"):
        api.create_custom_chart(entity="alice", name="mine", display_name="Mine", spec_type="vega2", access="private", spec={"mark": "bar"})
