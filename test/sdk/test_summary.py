"""A summary that the client leaves to the server (x_server_side_derived_summary)."""

import pytest
import wandb

from conftest import fresh


@pytest.mark.parametrize("shared", [False, True])
def test_derived_summary(server, project, api, shared):
    project = project.replace("[", "-").replace("]", "")
    more = dict(mode="shared", x_primary=True, x_label="rank0") if shared else {}
    with wandb.init(project=project, id="r", settings=wandb.Settings(x_server_side_derived_summary=True, **more)) as run:
        run.define_metric("acc", summary="max,min,mean")
        run.define_metric("hidden", summary="none")
        for i in range(5):
            run.log({"v": i, "acc": i * 2, "hidden": i, "n": {"x": i}} | ({"rare": "here"} if i == 1 else {}))
        run.summary["own"] = {"a": 3}
    s = fresh(api, f"alice/{project}/r").summary._json_dict
    got = {k: s.get(k) for k in ("_step", "v", "acc", "hidden", "n", "rare", "own")}
    assert got == {"_step": 4, "v": 4, "acc": {"max": 8, "min": 0, "mean": 4}, "hidden": None, "n": {"x": 4}, "rare": "here", "own": {"a": 3}}
    assert s["_runtime"] > 0 and s["_timestamp"] > 0
