"""Plain Python and numpy: logistic regression by gradient descent, with everything that people log."""

import numpy as np
import wandb


def main():
    with wandb.init(project="train", id="plain", config={"lr": 0.5, "epochs": 30, "batch": 32}, tags=["numpy"]) as run:
        rng = np.random.default_rng(0)
        x = rng.normal(size=(512, 4))
        y = (x @ np.array([1.0, -2.0, 0.5, 0.0]) > 0).astype(float)
        w, step = np.zeros(4), 0
        run.define_metric("train/*", step_metric="step")
        run.define_metric("val/accuracy", summary="max")
        for epoch in range(run.config.epochs):
            for at in range(0, 512, run.config.batch):
                xb, yb = x[at:at + run.config.batch], y[at:at + run.config.batch]
                p = 1 / (1 + np.exp(-xb @ w))
                gradient = xb.T @ (p - yb) / len(yb)
                w -= run.config.lr * gradient
                loss = float(-np.mean(yb * np.log(p + 1e-9) + (1 - yb) * np.log(1 - p + 1e-9)))
                run.log({"train/loss": loss, "step": step, "gradients/w": wandb.Histogram(gradient)})
                step += 1
            run.log({"val/accuracy": float(((x @ w > 0) == y).mean()), "epoch": epoch, "parameters/w": wandb.Histogram(w)})
            print(f"epoch {epoch} loss {loss:.4f}")
        np.save("weights.npy", w)
        model = wandb.Artifact("weights", "model", metadata={"epochs": run.config.epochs})
        model.add_file("weights.npy")
        run.log_artifact(model, aliases=["final"])


main()
