"""Saved workspaces, by the package wandb-workspaces: what it writes it reads again, also after the screens changed it."""

import json
import urllib.request

import pytest

ws = pytest.importorskip("wandb_workspaces.workspaces")
wr = pytest.importorskip("wandb_workspaces.reports.v2")


def graphql(key, url, query, **variables):
    import base64

    body = json.dumps({"query": query, "variables": variables}).encode()
    auth = base64.b64encode(f"api:{key}".encode()).decode()
    req = urllib.request.Request(url + "/graphql", body, {"Content-Type": "application/json", "Authorization": "Basic " + auth})
    with urllib.request.urlopen(req, timeout=10) as r:
        answer = json.load(r)
    assert "errors" not in answer, answer
    return answer["data"]


def workspace(project):
    return ws.Workspace(
        entity="alice", project=project, name="Ablation",
        sections=[
            ws.Section(
                name="Validation", is_open=True, pinned=True,
                panels=[wr.LinePlot(x="Step", y=["val/loss", "val/acc"], log_y=True, smoothing_factor=0.4), wr.BarPlot(metrics=["val/acc"]), wr.ScalarChart(metric="val/acc", groupby_aggfunc="mean"), wr.MarkdownPanel(markdown="# Notes")],
                layout_settings=ws.SectionLayoutSettings(columns=2, rows=3),
                panel_settings=ws.SectionPanelSettings(x_axis="epoch", smoothing_type="gaussian", smoothing_weight=3),
            ),
            ws.Section(name="Empty"),
        ],
        settings=ws.WorkspaceSettings(x_axis="Step", smoothing_type="exponentialTimeWeighted", smoothing_weight=60, ignore_outliers=True, group_by_prefix="first", max_runs=20),
        runset_settings=ws.RunsetSettings(
            query="adam", filters="Config('lr') >= 0.001", groupby=[ws_config("opt")], pinned_runs=["r1"], baseline_run="r1",
            run_settings={"r1": ws.RunSettings(color="#ff0000"), "r2": ws.RunSettings(disabled=True)}, pinned_columns=["summary:loss"],
        ),
    )


def ws_config(name):
    from wandb_workspaces import expr

    return expr.Config(name)


VIEW = """query($p: String) { project(entityName: "alice", name: $p) { allViews(viewType: "project-view") { edges { node { id name displayName spec revision } } } } }"""


def views(server, project):
    return [e["node"] for e in graphql(server.alice_key, server.url, VIEW, p=project)["project"]["allViews"]["edges"]]


@pytest.fixture
def logged(server, project):
    import wandb

    with wandb.init(project=project, id="r1", config={"lr": 0.1, "opt": "adam"}) as run:
        run.log({"val/loss": 1.0, "val/acc": 0.5})
    return project


def test_round_trip(server, logged):
    saved = workspace(logged).save()
    assert saved.url.startswith(f"{server.url}/alice/{logged}?nw=")
    (stored,) = views(server, logged)
    assert stored["displayName"] == "Ablation" and stored["revision"] == 1

    loaded = ws.Workspace.from_url(saved.url)
    assert [s.name for s in loaded.sections] == ["Validation", "Empty"]
    assert [type(p).__name__ for p in loaded.sections[0].panels] == ["LinePlot", "BarPlot", "ScalarChart", "MarkdownPanel"]
    assert [m.name for m in loaded.sections[0].panels[0].y] == ["val/loss", "val/acc"] and loaded.sections[0].panels[0].log_y
    assert loaded.settings.smoothing_weight == 60 and loaded.runset_settings.baseline_run == "r1"

    # Loading and saving changes nothing but the revision.
    loaded.save()
    (again,) = views(server, logged)
    assert again["revision"] == 2 and again["id"] == stored["id"]
    assert json.loads(again["spec"]) == json.loads(stored["spec"])

    loaded.name = "Second"
    loaded.save_as_new_view()
    assert sorted(v["displayName"] for v in views(server, logged)) == ["Ablation", "Second"]


def test_unknown_parts_stay(server, logged):
    """What another client put into the document is there after wandb-workspaces stored it."""
    saved = workspace(logged).save()
    (stored,) = views(server, logged)
    spec = json.loads(stored["spec"])
    panels = spec["section"]["panelBankConfig"]["sections"][0]["panels"]
    panels.append({"__id__": "q1", "viewType": "Hologram", "config": {"depth": 3, "key": {"a": [1, None]}}, "layout": {"x": 0, "y": 0, "w": 12, "h": 9}})
    spec["section"]["panelBankConfig"]["panelConfigOverrides"] = {"h:x": {"a": 1}}
    answer = graphql(server.alice_key, server.url, "mutation($i: UpsertViewInput!) { upsertView(input: $i) { view { revision } } }", i={"id": stored["id"], "spec": json.dumps(spec), "revision": 1, "createdUsing": "APP"})
    assert answer["upsertView"]["view"]["revision"] == 2

    ws.Workspace.from_url(saved.url).save()
    (again,) = views(server, logged)
    after = json.loads(again["spec"])["section"]["panelBankConfig"]
    assert after["sections"][0]["panels"][-1] == panels[-1]
    assert after["panelConfigOverrides"] == {"h:x": {"a": 1}}


def test_not_there(server, logged):
    with pytest.raises(ValueError, match="not found"):
        ws.Workspace.from_url(f"{server.url}/alice/{logged}?nw=nowhere")
    with pytest.raises(Exception):  # somebody else's project
        ws.Workspace(entity="bob", project=logged, name="x").save()


def test_report_is_stored(server, logged):
    report = wr.Report(project=logged, entity="alice", title="Findings", blocks=[wr.H1("Findings"), wr.P("It works.")])
    report.save()
    loaded = wr.Report.from_url(report.url)
    assert loaded.title == "Findings" and len(loaded.blocks) >= 2
