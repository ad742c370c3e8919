"""What the server spends on a run from wandb.init to its first point."""

import re
import urllib.request

import wandb


def spent(server):
    """Seconds in which the server answered requests, and their number, without those of this function."""
    with urllib.request.urlopen(server.url + "/metrics") as r:
        lines = [line for line in r.read().decode().splitlines() if "/metrics" not in line]
    total = lambda suffix: sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(f"ballast_http_request_seconds_{suffix}"))
    return total("sum"), total("count")


def test_server_time_of_a_start(server, project, read):
    before, requests = spent(server)
    with wandb.init(project=project, config={"lr": 0.1}) as run:
        run.log({"loss": 1.0})
    after, all_requests = spent(server)
    assert len(wandb.Api().run(f"alice/{project}/{run.id}").history(pandas=False)) == 1
    assert all_requests - requests >= 4, "the metrics do not count"
    assert after - before <= 1.0, f"{after - before:.3f} s in {all_requests - requests:.0f} requests"
    print(f"server time of a whole short run: {(after - before) * 1000:.0f} ms in {all_requests - requests:.0f} requests")
