"""Drives the unmodified wandb SDK against the real ballast binary.

One server for each worker of the suite (pytest -n 4), one project for each test.
What a test logs is read back twice: through wandb.Api, and through Ballast's own
read path.
"""

import json
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import sys
import time

import pytest

from readpath import ReadPath

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("BALLAST_BIN", str(ROOT / "bin" / "ballast"))

# CLUSTER names the services that servers use instead of their data folder: "mysql" (host, port, user,
# password), "bucket" (an address, to which a prefix is added), "redis". See test/cluster.
CLUSTER = json.loads(os.environ.get("BALLAST_TEST_CLUSTER", "null"))

# Settings of the machine that would reach the SDK under test.
for name in [n for n in os.environ if n.startswith(("WANDB_", "BALLAST_")) and n != "BALLAST_BIN"]:
    del os.environ[name]


def free_port():
    """A port below those that the system gives to clients; each worker has its own thousand."""
    first = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 12)
    while True:
        with socket.socket() as s:
            port = random.randrange(first, first + 1_000)
            try:
                s.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


# Files whose tests wait long. A file is one worker's (its fixtures are made once), and these
# begin first, so that no worker is alone at the end.
LONG = ("test_states.py", "test_process.py", "test_restart.py", "test_resume.py", "test_api.py", "test_save.py", "test_training.py",
        "test_tensorboard.py", "test_offline.py", "test_table.py")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_addoption(parser):
    parser.addoption("--operations", help="add to this file which GraphQL operations each test makes the SDK send, for docs/conformance.md")


@pytest.fixture(autouse=True)
def operations(request):
    """With --operations, writes the version, the operations that servers answered meanwhile, and the test."""
    yield
    path = request.config.getoption("--operations")
    if not path:
        return
    import wandb
    sent = set()
    for log in Server.logs:
        with open(log, "rb") as f:
            f.seek(seen.get(log, 0))
            sent |= {m.decode() for m in re.findall(rb"status=200 .*operation=(\w+)", f.read())}
            seen[log] = f.tell()
    with open(path, "a") as f:
        for name in sorted(sent):
            f.write(f"{name}\t{wandb.__version__}\t{request.node.path.name}::{request.node.originalname}\n")


seen = {}  # bytes of each log that earlier tests left


def services(data):
    """The settings of a server whose store is a database and a prefix of the bucket, both new."""
    name, db = f"ballast_{os.getpid()}_{data.name}_{random.randrange(1 << 40):x}", CLUSTER["mysql"]
    subprocess.run(["mariadb", "--no-defaults", "-h", db["host"], "-P", str(db["port"]), "-u", db["user"], f"-p{db['password']}",
                    "-e", f"CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"], check=True)
    address, query = CLUSTER["bucket"].split("?")
    return {"BALLAST_DATABASE": f"mysql://{db['user']}:{db['password']}@{db['host']}:{db['port']}/{name}",
            "BALLAST_BUCKET": f"{address}/{name}?{query}", "BALLAST_REDIS": CLUSTER["redis"]}


class Server:
    """A ballast server on its own data folder, which can be killed and started again."""

    logs = []  # of all servers

    def __init__(self, data, *flags, env=None):
        self.data = data
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.flags = flags
        self.env = {k: v for k, v in os.environ.items() if not k.startswith(("WANDB_", "BALLAST_"))} | (env or {})
        self.env |= services(data) if CLUSTER else {}
        self.log = open(data.parent / (data.name + ".log"), "ab")
        Server.logs.append(self.log.name)
        self.process = None

    def start(self, inside=None):
        """Waits until the server answers, at the URL inside when it stands behind another."""
        self.process = subprocess.Popen(
            [BINARY, "serve", "--data", str(self.data), "--listen", f"127.0.0.1:{self.port}", "--url", self.url, *self.flags],
            stdout=self.log, stderr=self.log, env=self.env)
        import urllib.request
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen((inside or self.url) + "/ready", timeout=2) as r:
                    if r.status == 200:
                        return self
            except OSError:
                pass
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the server did not start; its log:\n" + self.tail())
            time.sleep(0.05)

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(timeout=30)
        return code

    def tail(self):
        self.log.flush()
        return pathlib.Path(self.log.name).read_text()[-4000:]

    def admin(self, *args, stdin=None):
        done = subprocess.run([BINARY, "admin", "--data", str(self.data), *args], input=stdin, capture_output=True, text=True, env=self.env)
        assert done.returncode == 0, f"ballast admin {args}: {done.stderr}"
        return done.stdout

    def user(self, name, *flags):
        """Creates a user and returns a key of theirs."""
        self.admin("user", "create", name, "--email", f"{name}@example.com", *flags)
        return self.key(name)

    def key(self, name, *flags):
        out = json.loads(self.admin("key", "create", "--user", name, *flags, "--json"))
        return next(v for v in out.values() if isinstance(v, str) and len(v) >= 40)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    s = Server(tmp_path_factory.mktemp("server") / "data")
    s.start()
    s.root_key = s.user("root", "--admin")
    s.alice_key = s.user("alice")
    s.bob_key = s.user("bob")
    yield s
    assert s.stop() == 0, "the server did not stop cleanly:\n" + s.tail()
    log = pathlib.Path(s.log.name).read_text()
    assert "panic" not in log, "the server panicked:\n" + log[-4000:]
    for key in (s.root_key, s.alice_key, s.bob_key):
        assert key not in log, "an API key reached the log"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch, request, operations):
    """Every test has a home of its own and is alice, unless it says otherwise."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("WANDB_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("WANDB_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WANDB_DATA_DIR", str(tmp_path / "datadir"))
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_DISABLE_GIT", "true")
    monkeypatch.setenv("WANDB_INIT_TIMEOUT", "20")
    if "server" in request.fixturenames:
        srv = request.getfixturevalue("server")
        monkeypatch.setenv("WANDB_BASE_URL", srv.url)
        monkeypatch.setenv("WANDB_API_KEY", srv.alice_key)
    yield
    import wandb
    wandb.teardown()


@pytest.fixture
def project(request):
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", request.node.name)[:100]


@pytest.fixture
def api(server, home):
    import wandb
    return wandb.Api(api_key=server.alice_key, overrides={"base_url": server.url, "entity": "alice"})


@pytest.fixture
def read(server):
    return ReadPath(server.url, server.alice_key)


def script(server, text, **env):
    """Starts a training script in a process of its own."""
    path = pathlib.Path.cwd() / f"train_{time.monotonic_ns()}.py"
    path.write_text(text)
    # The SDK's own service of this process must not be shared with it.
    inherited = {k: v for k, v in os.environ.items() if k != "WANDB_SERVICE"}
    return subprocess.Popen([sys.executable, str(path)], env=inherited | env, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for(what, condition, timeout=30):
    """Waits until condition() is true and returns its value."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            last = condition()
        except Exception as e:  # the reader may see a state that is not there yet
            last = None
            error = e
        else:
            error = None
        if last:
            return last
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout} s for {what}; last: {last!r} {error!r}")
        time.sleep(0.1)


def fresh(api, path):
    """A run as it is now: wandb.Api keeps what it has read."""
    api.flush()
    return api.run(path)
