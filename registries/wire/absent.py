"""What the SDK can ask of other servers and not of this one, each refused in a sentence."""

from __future__ import annotations

import re

UNKNOWN = re.compile(r"Cannot query field '(\w+)' on type")
LAUNCH = "This server has no launch: no queues, and no agents that take runs from them."
SWEEPS = "This server has no sweeps."
SENTENCES = {
    r"\w*[rR]unQueue\w*|\w*[lL]aunchAgent|\w*[dD]efaultResourceConfig": LAUNCH,
    r"\w*[sS]weeps?|\w*Sweep\w*|createAgent|agentHeartbeat": SWEEPS,
    "rewindRun": "This server rewinds no runs: begin a new one, under another id.",
    "stopRun|updateRunState": "This server stops no runs: end the program that logs it.",
    "deleteFiles": "The files of a run stay as long as the run does.",
    "allViews": "This server has no reports.",
    "createCustomChart": "This server has no custom charts.",
    "createGenericWebhookIntegration": (
        "Webhooks are made on the pages of the organization or the team."
    ),
}
"""By the fields that are asked for."""


def sentence_for(message: str) -> str | None:
    """Return the sentence for what the engine says of a field, if there is one."""
    if (unknown := UNKNOWN.match(message)) is None:
        return None
    found = (said for field, said in SENTENCES.items() if re.fullmatch(field, unknown[1]))
    return next(found, None)
