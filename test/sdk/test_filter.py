"""Filters that are wrong: each is refused at once, with a text that names the
field or the limit, and the server goes on answering."""

import json
import time

import pytest
import wandb


def nested(depth):
    filters = {"config.lr": 0.1}
    for _ in range(depth):
        filters = {"$and": [filters]}
    return filters


BAD = {
    "unknown operator": ({"config.lr": {"$near": 1}}, ["$near", "config.lr"]),
    "unknown operator at the top": ({"$xor": [{}]}, ["$xor"]),
    "unknown field": ({"colour": "red"}, ["colour"]),
    "wrong type of a list": ({"config.lr": {"$in": 3}}, ["$in", "config.lr", "list"]),
    "wrong type of a pattern": ({"display_name": {"$regex": 3}}, ["$regex", "display_name", "text"]),
    "wrong type of a group": ({"$or": 3}, ["$or", "list"]),
    "a time that is none": ({"created_at": {"$gt": "yesterday-ish"}}, ["created_at", "time"]),
    "a pattern that is none": ({"display_name": {"$regex": "("}}, ["$regex", "display_name"]),
    "a pattern for hours": ({"display_name": {"$regex": "(x{900}){900}"}}, ["$regex", "display_name"]),
    "a dear pattern": ({"display_name": {"$regex": "x{1000}" * 100}}, ["$regex", "display_name", "steps"]),
    "a long pattern": ({"display_name": {"$regex": "x" * 2000}}, ["$regex", "display_name", "2000"]),
    "depth 200": (nested(200), ["deep"]),  # of 1,000 the SDK itself gives up
    "a list of 100,000": ({"name": {"$in": [str(i) for i in range(100_000)]}}, ["name", "values"]),
    "10,000 conditions": ({"$or": [{"config.lr": i} for i in range(10_000)]}, ["conditions"]),
}


@pytest.fixture(scope="module")
def run_path(server, tmp_path_factory):
    settings = wandb.Settings(base_url=server.url, api_key=server.alice_key, root_dir=str(tmp_path_factory.mktemp("filters")))
    with wandb.init(project="bad-filters", config={"lr": 0.1}, settings=settings) as run:
        run.log({"loss": 1})
    return "alice/bad-filters"


@pytest.mark.parametrize("name", BAD)
def test_bad_filter(api, run_path, name):
    filters, words = BAD[name]
    begun = time.monotonic()
    with pytest.raises(Exception) as refused:
        len(api.runs(run_path, filters=filters))
    took = time.monotonic() - begun
    text = str(refused.value)
    for word in words:
        assert word in text, text
    assert len(text) < 1000, text[:1000]
    assert took < 5, f"the SDK tried {took:.1f} s: the refusal looked as if it would pass"
    assert len(api.runs(run_path, filters={"config.lr": 0.1})) == 1


def test_pattern_that_backtracks(api, run_path):
    """What takes other engines for ever is linear here."""
    assert len(api.runs(run_path, filters={"display_name": {"$regex": "^(a+)+$|^(a|aa)+$|([a-z]+)*x{20}"}})) == 0


def test_no_json(server, run_path):
    import urllib.request, base64
    query = "query($f: JSONString){project(name: \"bad-filters\", entityName: \"alice\"){runs(filters: $f){totalCount}}}"
    for filters, word in [('{"a":', "JSON"), ("[" * 1000 + "]" * 1000, "deep"), (json.dumps(nested(400)), "deep"), ('{"$and":[' * 1000 + "{}" + "]}" * 1000, "deep"), ('{"config.lr":{"$not":' * 500 + "1" + "}}" * 500, "deep"), ('"' + "x" * 10 + '"', "JSON"), ("[1]", "object"), ('{"config.lr":{"$gt":{"$gt":{}}}}', "config.lr")]:
        body = json.dumps({"query": query, "variables": {"f": filters}, "operationName": ""}).encode()
        request = urllib.request.Request(server.url + "/graphql", body, {"Content-Type": "application/json", "Authorization": "Basic " + base64.b64encode(b"api:" + server.alice_key.encode()).decode()})
        with urllib.request.urlopen(request) as reply:
            answer = json.load(reply)
        assert word in answer["errors"][0]["message"], (filters[:50], answer)
        assert answer["errors"][0]["extensions"]["code"] == "INVALID", answer
