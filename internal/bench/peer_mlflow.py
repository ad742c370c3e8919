"""Measures MLflow's own SQLite store in this process and prints JSON."""

import json
import os
import random
import struct
import sys
import time

work = sys.argv[1]
uri = "sqlite:///" + os.path.join(work, "mlflow.db")

import mlflow
from mlflow.entities import Metric
from mlflow.tracking import MlflowClient

client = MlflowClient(tracking_uri=uri)
experiment = client.create_experiment("bench", artifact_location=os.path.join(work, "artifacts"))
path = os.path.join(work, "mlflow.db")


def single(x):
    return struct.unpack("f", struct.pack("f", x))[0]


# 100 rows x 10 keys a batch: its limit is 1,000 metrics a call.
run = client.create_run(experiment).info.run_id
began, points, step = time.time(), 0, 0
while time.time() - began < 10:
    at = int(time.time() * 1000)
    client.log_batch(run, metrics=[Metric("metric_%d" % k, single(random.random()), at, step + r) for r in range(100) for k in range(10)])
    step += 100
    points += 1000
write = points / (time.time() - began)
size = os.path.getsize(path) + sum(os.path.getsize(path + s) for s in ("-wal", "-journal") if os.path.exists(path + s))

series = client.create_run(experiment).info.run_id
for step in range(0, 100_000, 1000):
    client.log_batch(series, metrics=[Metric("loss", single(random.random()), 1, step + r) for r in range(1000)])
began = time.time()
assert len(client.get_metric_history(series, "loss")) == 100_000
read = (time.time() - began) * 1000

table = client.create_experiment("table", artifact_location=os.path.join(work, "artifacts"))
for i in range(1000):
    r = client.create_run(table).info.run_id
    client.log_batch(r, metrics=[Metric("m%d" % k, random.random(), 1, 0) for k in range(30)])
times = []
for _ in range(5):
    began = time.time()
    client.search_runs([table], filter_string="metrics.m1 < 0.5 and metrics.m2 > 0.2", order_by=["metrics.m3 DESC"], max_results=50)
    times.append((time.time() - began) * 1000)

print(json.dumps({"Version": mlflow.__version__, "Write": write, "Read": read, "BytesPer": size / points, "Runs": sorted(times)[2]}))
