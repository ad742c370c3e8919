"""scikit-learn: a classifier and a regressor, with the SDK's own plots of them."""

import wandb
from sklearn.datasets import load_diabetes, load_iris
from sklearn.linear_model import Ridge
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split


def main():
    with wandb.init(project="train", id="sklearn", config={"trees": 10}) as run:
        iris = load_iris()
        a, b, ya, yb = train_test_split(iris.data, iris.target, random_state=0)
        forest = RandomForestClassifier(run.config.trees, random_state=0).fit(a, ya)
        run.log({"accuracy": forest.score(b, yb)})
        labels = list(iris.target_names)
        wandb.sklearn.plot_class_proportions(ya, yb, labels)
        wandb.sklearn.plot_feature_importances(forest, iris.feature_names)
        wandb.sklearn.plot_confusion_matrix(yb, forest.predict(b), labels)
        wandb.sklearn.plot_roc(yb, forest.predict_proba(b), labels)
        wandb.sklearn.plot_precision_recall(yb, forest.predict_proba(b), labels)
        wandb.sklearn.plot_learning_curve(forest, iris.data, iris.target, cv=3)
        wandb.sklearn.plot_summary_metrics(forest, a, ya, b, yb)
        d = load_diabetes()
        wandb.sklearn.plot_residuals(Ridge().fit(d.data, d.target), d.data, d.target)


main()
