"""What a version of each kind of line holds: its metadata and its files."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from registries.management.demo.files import (
    Files,
    curve,
    dice,
    document,
    photo,
    safetensors,
    sentence,
    table,
)
from registries.management.demo.shelves import Line

METRICS = {
    "tabular": ("ROC AUC", 0.84, 0.93),
    "text": ("F1", 0.81, 0.93),
    "speech": ("word error rate", 0.16, 0.08),
    "vision": ("mean average precision", 0.71, 0.89),
    "adapter": ("preference rate", 0.54, 0.73),
}
"""The measure of each kind of model, at the first version and where it is going."""
WIDTHS = {"tabular": 64, "text": 128, "speech": 160, "vision": 192, "adapter": 32}


def metric(line: Line, index: int) -> tuple[str, float] | None:
    """Return the measure of a version and its value, for models."""
    if line.kind not in METRICS or line.artifact_type == "dataset":
        return None
    name, first, last = METRICS[line.kind]
    wobble = dice("metric", line.name, index).uniform(-0.003, 0.003)
    return name, round(last + (first - last) * 0.8**index + wobble, 3)


def metadata_of(line: Line, index: int) -> dict[str, Any]:
    """Return what is noted about a version."""
    random = dice("metadata", line.name, index)
    if measured := metric(line, index):
        return {
            "framework": "xgboost" if line.kind == "tabular" else "pytorch",
            "metrics": {measured[0].lower().replace(" ", "_"): measured[1]},
            "parameters": sum(map(_size, _shapes(line, index).values())),
            "training": {
                "epochs": random.randint(3, 40),
                "batch_size": random.choice([16, 32, 64, 128]),
                "learning_rate": random.choice([1e-4, 3e-4, 5e-4, 1e-3]),
                "seed": 17 + index,
            },
            "licence": "internal",
        }
    return {"rows": 400 + 40 * index, "licence": "internal", "seed": 17 + index}


def files_of(line: Line, index: int) -> Files:
    """Return the files of a version; the same call gives the same bytes."""
    random = dice("files", line.name, index)
    make = {
        "model": _model,
        "adapter": _adapter,
        "tokenizer": _tokenizer,
        "report": _report,
        "dataset": _images if line.kind == "images" else _table,
    }[line.artifact_type]
    return make(line, index, random)


def _model(line: Line, index: int, random: Random) -> Files:
    files = {
        "README.md": f"# {line.name}\n\n{line.summary}\n".encode(),
        "config.json": document(
            {"model_type": line.name, "hidden_size": WIDTHS[line.kind]}
        ),
        "metrics.json": document(metadata_of(line, index)["metrics"]),
        "model.safetensors": safetensors(_shapes(line, index), random),
    }
    if line.kind == "tabular":
        bend = random.uniform(0.8, 1.2)
        files["calibration/reliability.png"] = curve([(x / 95) ** bend for x in range(96)])
    if line.kind in {"text", "speech"}:
        files["tokenizer/vocab.json"] = _vocabulary(random)
    if line.kind == "vision":
        files["examples/0001.png"] = photo(random)
    return files


def _adapter(line: Line, index: int, random: Random) -> Files:
    return {
        "README.md": f"# {line.name}\n\n{line.summary}\n".encode(),
        "adapter_config.json": document({"peft_type": "LORA", "r": 8, "lora_alpha": 16}),
        "adapter_model.safetensors": safetensors(_shapes(line, index), random),
    }


def _tokenizer(line: Line, index: int, random: Random) -> Files:
    return {
        "README.md": f"# {line.name}\n\n{line.summary}\n".encode(),
        "special_tokens.json": document({"unk_token": "[UNK]", "pad_token": "[PAD]"}),
        "vocab.json": _vocabulary(random),
    }


def _table(line: Line, index: int, random: Random) -> Files:
    rows = metadata_of(line, index)["rows"]
    text = line.kind == "speech" or "nlp" in line.tags
    header = ("id", "text", "label") if text else ("id", "value", "label")
    data = (
        (
            number,
            sentence(random) if text else round(random.gauss(20, 6), 2),
            random.randrange(4),
        )
        for number in range(rows)
    )
    lines = list(data)
    split = rows * 4 // 5
    return {
        "README.md": f"# {line.name}\n\n{line.summary}\n".encode(),
        "data/train.csv": table(header, lines[:split]),
        "data/validation.csv": table(header, lines[split:]),
        "schema.json": document({"columns": list(header), "rows": rows}),
    }


def _images(line: Line, index: int, random: Random) -> Files:
    names = [f"{number:04}.png" for number in range(1, 4 + index % 2)]
    boxes = ((name, *random.choices(range(60), k=2), 12, 12) for name in names)
    files = {f"images/{name}": photo(random) for name in names}
    files["labels.csv"] = table(("file", "x", "y", "width", "height"), boxes)
    return files


def _report(line: Line, index: int, random: Random) -> Files:
    scores = {f"model-{letter}": round(random.uniform(0.6, 0.95), 3) for letter in "abc"}
    rows = "\n".join(f"| {name} | {score} |" for name, score in scores.items())
    heading = f"# {line.name}, part {index + 1}\n\n{line.summary}"
    return {
        "report.md": f"{heading}\n\n| Model | Score |\n|---|---|\n{rows}\n".encode(),
        "scores.json": document(scores),
        "figures/scores.png": curve(sorted(scores.values())),
    }


def _vocabulary(random: Random) -> bytes:
    tokens = dict.fromkeys(sentence(random).rstrip(".").lower() for _ in range(200))
    return json.dumps({token: number for number, token in enumerate(tokens)}).encode()


def _shapes(line: Line, index: int) -> dict[str, tuple[int, ...]]:
    """The tensors of a version; its vocabulary grows from one to the next."""
    width = WIDTHS[line.kind]
    shapes: dict[str, tuple[int, ...]] = {"embeddings.weight": (width + 16 * index, width)}
    for layer in range(2):
        shapes[f"layers.{layer}.attention.weight"] = (width, width)
        shapes[f"layers.{layer}.output.bias"] = (width,)
    return shapes | {"classifier.weight": (4, width), "classifier.bias": (4,)}


def _size(shape: tuple[int, ...]) -> int:
    return shape[0] * (shape[1] if len(shape) > 1 else 1)
