"""Records what a start of a run sends: record.py SERVER_URL KEY ENTITY OUT.

A proxy stands between the SDK and the server and notes each request that goes
to the server: method, path, the headers that matter, body. Names of this run
are replaced: {run}, {project}, {entity}. `ballast bench start` sends it again.
"""

import http.client
import http.server
import json
import os
import pathlib
import secrets
import subprocess
import sys
import tempfile
import threading
import urllib.parse

SCRIPT = """
import os, time
import wandb
run = wandb.init(project="PROJECT", id="RUN", config={"lr": 0.1, "layers": [64, 64], "name": "resnet"}, tags=["a"])
run.log({"loss": 0.5, "accuracy": 0.1})
time.sleep(17)  # the SDK sends its stream every 15 s
os._exit(0)
"""


def main(server, key, entity, out):
    run, project = "r" + secrets.token_hex(4), "p" + secrets.token_hex(4)
    target = urllib.parse.urlparse(server)
    recorded, lock = [], threading.Lock()

    class Proxy(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def forward(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            there = http.client.HTTPConnection(target.netloc)
            there.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() not in ("host", "connection")})
            answer = there.getresponse()
            data = answer.read()
            with lock:
                recorded.append({"method": self.command, "path": self.path, "type": self.headers.get("Content-Type", ""),
                                 "encoding": self.headers.get("Content-Encoding", ""), "body": body.decode("latin-1"), "status": answer.status})
            self.send_response(answer.status)
            for k, v in answer.getheaders():
                if k.lower() not in ("connection", "transfer-encoding", "content-length"):
                    self.send_header(k, v)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_HEAD = do_OPTIONS = forward

        def log_message(self, *_):
            pass

    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as home:
        env = {k: v for k, v in os.environ.items() if not k.startswith("WANDB_")} | {
            "WANDB_BASE_URL": f"http://127.0.0.1:{proxy.server_port}", "WANDB_API_KEY": key, "HOME": home, "WANDB_DIR": home,
            "WANDB_SILENT": "true", "WANDB_DISABLE_GIT": "true", "WANDB_ERROR_REPORTING": "false"}
        subprocess.run([sys.executable, "-c", SCRIPT.replace("RUN", run).replace("PROJECT", project)], env=env, check=True, cwd=home)
    text = json.dumps(recorded, indent=1)
    for name, value in (("run", run), ("project", project), ("entity", entity)):
        text = text.replace(f"/{value}/", "/{%s}/" % name).replace(f'\\"{value}\\"', '\\"{%s}\\"' % name)
    pathlib.Path(out).write_text(text + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
