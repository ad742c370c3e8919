"""LightGBM with the SDK's callback for it."""

import json

import lightgbm
import numpy as np
import wandb
from wandb.integration.lightgbm import log_summary, wandb_callback


def main():
    with wandb.init(project="train", id="lightgbm") as run:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(400, 5))
        y = (x[:, 0] + x[:, 1] ** 2 > 0.5).astype(int)
        data = lightgbm.Dataset(x[:300], y[:300])
        seen = {}
        model = lightgbm.train({"objective": "binary", "metric": ["binary_logloss", "auc"], "verbose": -1, "num_threads": 1, "num_leaves": 7}, data, 20,
                               valid_sets=[data, data.create_valid(x[300:], y[300:])], valid_names=["train", "valid"],
                               callbacks=[wandb_callback(), lightgbm.record_evaluation(seen)])
        log_summary(model, save_model_checkpoint=True)
        model.save_model("expected.txt")
        with open("seen.json", "w") as f:
            json.dump(seen, f)


main()
