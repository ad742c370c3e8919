"""Logs a small study with the real SDK: eight runs that differ as real ones do.

They train image models on the same data; one diverges to NaN and fails, one is preempted, and three still train when
this script says READY. Those go on, a point every 200 ms, until standard input closes.
Usage: study.py PROJECT [STEPS [ENTITY]]
"""

import math
import random
import sys
import threading

import wandb

PROJECT = sys.argv[1]
STEPS = int(sys.argv[2]) if len(sys.argv) > 2 else 1500
ENTITY = sys.argv[3] if len(sys.argv) > 3 else None

# name, learning rate, how good it gets (lower is better), noise, part of the steps done, end
RUNS = [
    ("vit-b16-adamw-lr3e-4-s1", 3e-4, 1.62, 0.050, 1.0, "finished"),
    ("vit-b16-adamw-lr1e-3-s1", 1e-3, 1.71, 0.060, 1.0, "finished"),
    ("vit-b16-adamw-lr3e-3-s1", 3e-3, 1.90, 0.090, 0.42, "nan"),
    ("vit-b16-sgd-lr0.1-s1", 1e-1, 2.35, 0.070, 1.0, "finished"),
    ("vit-b16-muon-lr2e-3-s1", 2e-3, 1.44, 0.045, 0.86, "running"),
    ("vit-b16-muon-lr2e-3-s2", 2e-3, 1.46, 0.045, 0.71, "running"),
    ("vit-b16-lion-lr1e-4-s1", 1e-4, 1.78, 0.055, 0.55, "preempted"),
    ("vit-b16-muon-lr4e-3-ema-s1", 4e-3, 1.38, 0.050, 0.33, "running"),
]


def row(r, step, rng):
    """The metrics of one step; losses fall as a power of the step, with noise and a rare spike."""
    name, lr, floor, noise, part, end = r
    t = (step + 1) / STEPS
    warm = min(1.0, t / 0.05)
    speed = 14 if "muon" in name else 5 if "sgd" in name else 9
    loss = floor + (6.9 - floor) * math.exp(-speed * t) + 0.25 * math.exp(-1.5 * t)
    grad = 0.35 + 2.6 * math.exp(-12 * t)
    if rng.random() < 0.004:
        grad *= rng.uniform(4, 9)
        loss += rng.uniform(0.15, 0.5)
    if end == "nan" and t > part - 0.05:
        blow = (t - part + 0.05) / 0.05
        loss, grad = loss + 3.5 * blow**2, grad * (1 + 20 * blow)
    out = {
        "train/loss": loss + rng.gauss(0, noise),
        "train/grad_norm": grad * math.exp(rng.gauss(0, 0.22)),
        "train/top1": max(0.0, min(1.0, 0.92 - 0.13 * loss + rng.gauss(0, 0.008))),
        "train/lr": lr * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * t))),
        "train/samples_per_sec": (rng.uniform(0.55, 0.8) if rng.random() < 0.006 else 1) * (3180 if "muon" in name else 3420) + rng.gauss(0, 45),
        "train/z_loss": 0.0008 + 0.01 * math.exp(-16 * t) + abs(rng.gauss(0, 0.0002)),
    }
    if step % 25 == 24:
        val = loss * 0.97 + 0.12 * t + rng.gauss(0, noise / 4)
        out |= {
            "val/loss": val,
            "val/top1": max(0.0, min(1.0, 0.94 - 0.125 * val + rng.gauss(0, 0.002))),
            "val/ece": 0.018 + 0.07 * math.exp(-8 * t) + abs(rng.gauss(0, 0.003)),
        }
    if end == "nan" and t > part - 0.004:
        out |= {"train/loss": math.nan, "train/grad_norm": math.inf, "train/z_loss": math.nan}
    return out


def start(r):
    name, lr, *_ = r
    run = wandb.init(
        project=PROJECT,
        entity=ENTITY,
        name=name,
        group=name.split("-")[2],
        job_type="pretrain",
        tags=["paper"] if "s1" in name else ["paper", "seed"],
        notes="Baseline of the study." if r is RUNS[0] else None,
        config={
            "max_steps": STEPS,
            "model": {"arch": "vit-b16", "params": 86_567_656, "drop_path": 0.1, "dtype": "bfloat16"},
            "optim": {"name": name.split("-")[2], "lr": lr, "weight_decay": 0.1, "betas": [0.9, 0.95]},
            "data": {"dataset": "imagenet-1k", "image_size": 224, "batch_size": 4096, "mixup": 0.8, "randaug": "9/0.5"},
        },
        reinit="create_new",
        settings=wandb.Settings(x_file_stream_transmit_interval=1, x_stats_sampling_interval=1, console="off", silent=True),
    )
    return run


def main():
    going = []
    for k, r in enumerate(RUNS):
        run, rng = start(r), random.Random(k)
        last = int(STEPS * r[4])
        for step in range(last):
            run.log(row(r, step, rng))
        if r[5] == "running":
            going.append((r, run, rng, last))
        else:
            if r[5] == "preempted":
                run.mark_preempting()
            run.finish(exit_code=0 if r[5] == "finished" else 1)
    print("READY", flush=True)
    closed = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), closed.set()), daemon=True).start()
    step = 0
    while not closed.wait(0.2):
        for r, run, rng, last in going:
            run.log(row(r, last + step, rng))
        step += 1
    for _, run, _, _ in going:
        run.finish()


main()
