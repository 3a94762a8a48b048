"""The cards of the demo's collections, in Markdown."""

from __future__ import annotations

from registries.management.demo.content import metric
from registries.management.demo.shelves import Line

MODEL = """\
{summary}

## Intended use

{use} Not for prices, credit or any decision without a person in it.

## Training data

{data}
{results}
## Licence and contact

Internal. Questions to {contact}.
"""

DATASET = """\
{summary}

## What is in it

| File | Holds |
|---|---|
{files}

Each version is frozen: a correction is a new version, and the old one stays.

## Use

{use}

## Licence and contact

Internal, not to be passed on. Questions to {contact}.
"""

USES = {
    "tabular": "Ranking in batches, once a day.",
    "text": "Sorting and marking text before a person reads it.",
    "speech": "Transcripts for search and subtitles, checked by an editor.",
    "vision": "A first look, on the line, before a person decides.",
    "adapter": "Loaded on top of the base model of the support assistant.",
    "tokenizer": "Splitting text the same way in training and in service.",
    "report": "Read by the people who decide about releases.",
    "table": "Training and validation; the split is by subscriber, not by row.",
    "images": "Training and validation; boxes are in pixels from the upper left.",
}

DATA = {
    "churn-classifier": "`dataset/churn-features:frozen`, 4.2 million rows, Benelux only. "
    "Personal data is *pseudonymised*.",
    "whisper-small-nl": "`dataset/flemish-broadcast` and 300 hours of Dutch radio.",
    "resnet50-defects": "`dataset/defect-images`, two lines, all shifts.",
}


NOTES = (
    "Retrained on newer data.",
    "Same data, longer training.",
    "Drops a column that gave the label away.",
    "New learning rate, found by a sweep.",
    "Adds the data that came in late.",
)


def card(line: Line, first: int = 0) -> str:
    """Return the card of a collection whose v0 is that version of the line."""
    contact = f"team `{line.team}`" if line.team != "mei-ling" else "Mei-Ling Chen"
    if line.artifact_type == "dataset":
        files = (
            "| `images/` | the pictures |\n| `labels.csv` | a box a line |"
            if line.kind == "images"
            else "| `data/train.csv` | four fifths of the rows |\n"
            "| `data/validation.csv` | the rest |\n| `schema.json` | columns |"
        )
        return DATASET.format(
            summary=line.summary, files=files, use=USES[line.kind], contact=contact
        )
    return MODEL.format(
        summary=line.summary,
        use=USES[line.kind],
        data=DATA.get(line.name, "Described in the data sheet of each version."),
        results=_results(line, first),
        contact=contact,
    )


def _results(line: Line, first: int) -> str:
    """A table of the newest versions, where they were measured."""
    newest = range(line.count - 1, max(line.count - 4, first - 1), -1)
    measured = [
        (index - first, found) for index in newest if (found := metric(line, index))
    ]
    if not measured:
        return ""
    name = measured[0][1][0]
    rows = [f"| v{number} | {value} |" for number, (_, value) in measured]
    return "\n## Results\n\n" + "\n".join([f"| Version | {name} |", "|---|---|", *rows, ""])


def note(line: Line, index: int) -> str:
    """Return the description of a version."""
    if index == 0:
        return f"First version. {line.summary}"
    measured, before = metric(line, index), metric(line, index - 1)
    if measured is None or before is None:
        return (
            f"Adds what came in since v{index - 1}; corrects labels reported by two people."
        )
    what = NOTES[(index + len(line.name)) % len(NOTES)]
    return f"{what} The {measured[0]} went from {before[1]} to **{measured[1]}**."
