"""Users, teams, members, service accounts and keys through wandb.Api."""

import pytest
import wandb


@pytest.fixture
def root(server):
    return wandb.Api(api_key=server.root_key, overrides={"base_url": server.url})


def sign(server, key):
    return wandb.Api(api_key=key, overrides={"base_url": server.url})


def test_viewer(api):
    v = api.viewer
    assert (v.username, v.email, v.entity, v.admin) == ("alice", "alice@example.com", "alice", False)
    assert v.teams == [] and len(v.api_keys) >= 1 and api.default_entity == "alice"
    assert v.user_api.viewer.username == "alice"
    assert "W&B Public Client" in api.user_agent


def test_users(server, root, api):
    made = root.create_user("carol@example.com")
    assert (made.email, made.username, made.admin) == ("carol@example.com", "carol", False)
    assert root.create_user("boss@example.com", admin=True).admin
    with pytest.raises(Exception) as e:
        root.create_user("carol@example.com")
    assert "carol@example.com" in str(e.value)
    with pytest.raises(Exception):
        api.create_user("dave@example.com")  # alice is no admin
    assert root.user("carol@example.com").username == "carol" and root.user("carol").email == "carol@example.com"
    assert root.user("nobody-at-all") is None
    assert "carol" in [u.username for u in root.users("caro")]
    assert api.users("carol")[0].email is None if api.users("carol") else True, "an address is for those who share a team"


def test_teams_and_members(server, root):
    for name in ("tina", "theo", "tara"):
        server.user(name)
    team = root.create_team("crew", "tina")
    assert (team.name, team.entity_type if hasattr(team, "entity_type") else "team") and [m.username for m in team.members] == ["tina"]
    tina = sign(server, server.key("tina"))
    assert tina.viewer.teams == ["crew"]
    team = tina.team("crew")
    assert team.is_team and team.members[0].admin
    assert team.invite("theo") and team.invite("tara@example.com", admin=True)
    assert not team.invite("nobody-at-all")
    team.load(force=True)
    assert {(m.username, m.admin, m.account_type) for m in team.members} == {("tina", True, "MEMBER"), ("theo", False, "MEMBER"), ("tara", True, "MEMBER")}
    theo = sign(server, server.key("theo"))
    assert theo.viewer.teams == ["crew"]
    assert not theo.team("crew").invite("bob"), "a member invites nobody"
    with wandb.init(project="crewed", entity="crew", settings=wandb.Settings(api_key=server.key("theo"))) as run:
        run.log({"v": 1})
    assert tina.run(f"crew/crewed/{run.id}").user.username == "theo"

    member = next(m for m in team.members if m.username == "theo")
    assert not theo.team("crew").members[0].delete(), "a member removes nobody"
    assert member.delete() and not member.delete(), "who is gone cannot be removed again"
    team.load(force=True)
    assert sorted(m.username for m in team.members) == ["tara", "tina"]
    with pytest.raises(Exception):
        sign(server, server.key("theo")).run(f"crew/crewed/{run.id}").state
    [last] = [m for m in team.members if m.username == "tara"]
    assert last.delete()
    team.load(force=True)
    assert not team.members[0].delete(), "the last admin stays"
    again = root.create_team("crew", "theo")  # the SDK returns the one that is there
    assert [m.username for m in again.members] == ["tina"]


def test_service_account(server, root):
    server.user("sam")
    team = root.create_team("robots", "sam")
    made = team.create_service_account("nightly builds")
    assert made.account_type == "SERVICE" and made.name == "nightly builds"
    key = made.api_key
    assert key and len(key) >= 40, "the SDK hands the key over with the member that it made"
    team.load(force=True)
    assert all(not m.api_key for m in team.members), "and never again"
    svc = sign(server, key)
    assert svc.default_entity == "robots"
    with wandb.init(project="built", settings=wandb.Settings(api_key=key)) as run:
        run.log({"v": 1})
    assert run.entity == "robots" and sign(server, server.key("sam")).run(f"robots/built/{run.id}").summary["v"] == 1
    [svc_member] = [m for m in team.members if m.account_type == "SERVICE"]
    assert svc_member.delete()
    with pytest.raises(Exception):
        sign(server, key).viewer.username
    assert not sign(server, server.alice_key).create_team("robots2").create_service_account is None


def test_api_keys(server, root):
    server.user("kim")
    kim = sign(server, server.key("kim"))
    user = kim.viewer
    before = len(user.api_keys)
    secret = user.generate_api_key("for the cluster")
    assert len(secret) >= 40 and sign(server, secret).viewer.username == "kim"
    user = kim.user("kim")
    assert len(user.api_keys) == before + 1 and secret not in user.api_keys, "a secret is shown once"
    edge = next(e["node"] for e in user._attrs["apiKeys"]["edges"] if e["node"]["description"] == "for the cluster")
    other = sign(server, server.alice_key)
    assert other.viewer.delete_api_key is not None
    assert user.delete_api_key(edge["name"])
    assert edge["name"] not in kim.user("kim").api_keys
    assert root.user("kim").api_keys == kim.user("kim").api_keys, "an admin sees the names of keys"
