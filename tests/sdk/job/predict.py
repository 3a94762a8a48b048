"""Wait for a model under the alias `staging`, fetch it, and predict with it."""

import time
from pathlib import Path

import joblib
import wandb

NAME = "wandb-registry-model/iris-classifier:staging"

with wandb.init(project="iris", job_type="predict") as run:
    while not wandb.Api().artifact_exists(NAME):
        time.sleep(0.5)
    artifact = run.use_artifact(NAME, type="model")
    model = joblib.load(Path(artifact.download()) / "model.joblib")
    answer = model.predict([[5.1, 3.5, 1.4, 0.2]])
    print(f"{artifact.qualified_name} {artifact.version} says {answer}")
