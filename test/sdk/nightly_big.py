"""One file of 5 GB by run.save and as an artifact, in parts. `make test-nightly` runs it; it writes some 20 GB."""

from test_memory import up_and_down, watched  # noqa: F401 (a fixture)


def test_five_gigabytes(watched, project):
    rise = up_and_down(watched, project, [5 << 30], 5 << 30)
    assert rise <= 100, f"the server's memory rose by {rise:.0f} MB"
    assert not [p for p in (watched.data / "objects").glob("**/.parts/*/*")], "parts were left"
