"""Reports, by the package wandb-workspaces: what it writes is stored, listed and read again; the screens read the same bytes."""

import json
import pathlib
import re

import pytest

wr = pytest.importorskip("wandb_workspaces.reports.v2")
interface = pytest.importorskip("wandb_workspaces.reports.v2.interface")

# The screens' reading of reports is tested with this one, as the package writes it.
FIXTURE = pathlib.Path(__file__).parents[2] / "ui/src/report/testdata/report.json"


def report(entity, project):
    """A report with every block that the package has and we show."""
    return wr.Report(
        entity=entity, project=project, title="Weekly notes", description="What we did",
        blocks=[
            wr.TableOfContents(),
            wr.H1("Aims of it"),
            wr.P(["We follow ", wr.Link(text="the paper", url="https://example.com/paper"), " with ", wr.InlineLatex(text="x^2"), " and ", wr.InlineCode(text="code.")]),
            wr.UnorderedList(items=["one", "two"]),
            wr.OrderedList(items=["first", "second"]),
            wr.CheckedList(items=[wr.CheckedListItem(text="done", checked=True), wr.CheckedListItem(text="open", checked=False)]),
            wr.BlockQuote(text="Said before."),
            wr.CalloutBlock(text="Mind this."),
            wr.CodeBlock(code="def f(x):\n    return x + 1", language="python"),
            wr.LatexBlock(text="e = mc^2"),
            wr.MarkdownBlock(text="**Bold** words and `code`."),
            wr.Image(url="https://example.com/a.png", caption="A picture"),
            wr.HorizontalRule(),
            wr.Gallery(items=[interface.GalleryURL(url="https://example.com", title="Elsewhere", description="more", image_url="https://example.com/i.png")]),
            wr.Video(url="https://example.com/v.mp4"),
            wr.H2("Aims of it"),
            wr.PanelGrid(
                runsets=[wr.Runset(entity=entity, project=project, name="Adam", query="adam", groupby=["config.opt"]), wr.Runset(entity=entity, project=project, name="All")],
                panels=[wr.LinePlot(x="Step", y=["val/loss"]), wr.ScalarChart(metric="val/acc")],
            ),
        ],
    )


def test_round_trip(server, api, project):
    api.create_project(project, "alice")
    made = report("alice", project)
    saved = made.save()
    assert re.fullmatch(re.escape(f"{server.url}/alice/{project}/reports/Weekly-notes--") + r"[A-Za-z0-9=]+", saved.url), saved.url
    back = wr.Report.from_url(saved.url)
    assert (back.title, back.description) == ("Weekly notes", "What we did")
    assert [type(b).__name__ for b in back.blocks] == [type(b).__name__ for b in made.blocks]
    assert back.blocks[-1].runsets[0].query == "adam"
    (listed,) = api.reports(f"alice/{project}")
    assert plain(json.dumps(listed.spec), project) == plain(FIXTURE.read_text(), "vit")
    back.title = "Weekly notes, again"
    back.save()
    assert wr.Report.from_url(saved.url).title == "Weekly notes, again"
    draft = report("alice", project).save(draft=True)
    assert draft.id != saved.id
    back.delete()
    with pytest.raises(Exception):
        wr.Report.from_url(saved.url)


def plain(spec, project):
    """A spec without what differs from run to run: the project's name, and ids."""
    named = re.sub(rf'"(name|projectName)": "{project}"', r'"\1": "project"', json.dumps(json.loads(spec)))
    return json.loads(re.sub(r'("(?:id|__id__)": )("[^"]*"|\d+)', r'\1"id"', named))
