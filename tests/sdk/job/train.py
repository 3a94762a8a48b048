"""Train a classifier, log data set and model, and link the model for those who serve it."""

import joblib
import wandb
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

config = {"C": 0.5, "max_iter": 500, "test_size": 0.25}

with wandb.init(project="iris", job_type="train", config=config) as run:
    data = load_iris(as_frame=False)
    joblib.dump((data.data, data.target), "iris.joblib")
    dataset = wandb.Artifact("iris", type="dataset", metadata={"rows": len(data.target)})
    dataset.add_file("iris.joblib")
    run.use_artifact(run.log_artifact(dataset).wait())

    split = train_test_split(
        data.data, data.target, test_size=run.config["test_size"], random_state=0
    )
    train_x, test_x, train_y, test_y = split
    for iterations in (5, 50, run.config["max_iter"]):
        model = LogisticRegression(C=run.config["C"], max_iter=iterations).fit(
            train_x, train_y
        )
        run.log({"accuracy": model.score(test_x, test_y), "iterations": iterations})

    joblib.dump(model, "model.joblib")
    artifact = wandb.Artifact("iris-classifier", type="model", metadata=dict(run.summary))
    artifact.add_file("model.joblib")
    logged = run.log_artifact(artifact)
    run.link_artifact(logged, "wandb-registry-model/iris-classifier", aliases=["staging"])
    print(f"accuracy {run.summary['accuracy']:.3f}")
