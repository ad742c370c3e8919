"""Files of many bytes go up and come down through a server whose memory stays flat."""

import hashlib
import os
import pathlib

import pytest
import wandb

from conftest import Server, fresh

MB = 1 << 20


class Watched(Server):
    """A server of its own whose largest resident size is asked for."""

    def memory(self, field="VmHWM"):
        """The largest (VmHWM) or the present (VmRSS) resident size, in MB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise AssertionError("the server is gone")


@pytest.fixture
def watched(tmp_path, monkeypatch):
    s = Watched(tmp_path / "server").start()
    monkeypatch.setenv("WANDB_BASE_URL", s.url)
    monkeypatch.setenv("WANDB_API_KEY", s.user("alice"))
    wandb.Api().viewer  # idle is after the first request
    yield s
    wandb.teardown()
    assert s.stop() == 0


def hollow(path, size):
    """A file of zeros that ends in something of its own and takes no room on the disk."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as f:
        f.truncate(size)
        f.seek(size - 32)
        f.write(hashlib.sha256(str(path).encode()).digest())
    return path


def same(a, b):
    with open(a, "rb") as x, open(b, "rb") as y:
        while True:
            p, q = x.read(4 * MB), y.read(4 * MB)
            if p != q:
                return False
            if not p:
                return True


def up_and_down(server, project, sizes, saved, multipart=None):
    """Logs files of the sizes as an artifact and one by run.save, reads them back, returns how far memory rose, in MB."""
    idle = server.memory("VmRSS")
    for i, size in enumerate(sizes):
        hollow(f"in/f{i}", size)
    whole = hollow("saved.bin", saved)
    with wandb.init(project=project, entity="alice") as run:
        run.save(str(whole), policy="now")
        art = wandb.Artifact("big", type="dataset")
        for i in range(len(sizes)):
            art.add_file(f"in/f{i}", policy="immutable", skip_cache=True)
        run.log_artifact(art).wait()
    up = server.memory() - idle
    api = wandb.Api()
    art = api.artifact(f"alice/{project}/big:v0")
    assert art.size == sum(sizes)
    root = art.download(root="out", skip_cache=True, multipart=multipart)
    for i in range(len(sizes)):
        assert same(f"in/f{i}", f"{root}/f{i}"), f"f{i} came back changed"
        os.remove(f"{root}/f{i}")
    fresh(api, f"alice/{project}/{run.id}").file("saved.bin").download(root="out", replace=True)
    assert same(whole, "out/saved.bin")
    down = server.memory() - idle
    print(f"idle {idle:.0f} MB, {up:.0f} MB above it after the uploads, {down:.0f} MB after the downloads")
    return max(up, down)


def test_one_gigabyte(watched, project):
    rise = up_and_down(watched, project, [96 * MB] * 8, 256 * MB, multipart=True)
    assert rise <= 100, f"the server's memory rose by {rise:.0f} MB"
