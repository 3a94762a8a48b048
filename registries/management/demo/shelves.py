"""What the demo keeps: registries, and lines of models and datasets with their history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from accounts.permissions import Role
from registries.management.demo.people import BOT


class Shelf(NamedTuple):
    """A custom registry, who has a role in it, and how it is set up."""

    name: str
    icon: str
    owner: str
    description: str
    types: tuple[str, ...]
    roles: dict[str, Role]
    is_restricted: bool = False
    protected: tuple[str, ...] = ()


ALL_TEAMS = {
    "risk-modeling": Role.MEMBER,
    "speech": Role.MEMBER,
    "vision": Role.MEMBER,
}

SHELVES = (
    Shelf(
        "production-models",
        "rocket",
        "anouk",
        "Models that serve customers. Anything with the alias `production` is deployed by "
        "the release automation within ten minutes.",
        ("model", "tokenizer", "onnx"),
        {"priya": Role.ADMIN, "tomasz": Role.MEMBER, "risk-modeling": Role.MEMBER}
        | {BOT: Role.MEMBER, "noor": Role.RESTRICTED_VIEWER},
        protected=("production", "eu-approved"),
    ),
    Shelf(
        "speech-nl",
        "wave",
        "mei-ling",
        "Dutch and Flemish speech: acoustic models and aligned corpora.",
        ("model", "dataset"),
        {"speech": Role.MEMBER, "noor": Role.VIEWER},
    ),
    Shelf(
        "fraud-detection",
        "eye",
        "tomasz",
        "Models under audit by the risk committee. Access by name only.",
        ("model", "report"),
        {"priya": Role.MEMBER, "noor": Role.VIEWER},
        is_restricted=True,
        protected=("approved",),
    ),
    Shelf(
        "eval-sets",
        "scale",
        "lea",
        "Held-out sets. **Never train on anything in here.**",
        ("dataset",),
        ALL_TEAMS,
    ),
    Shelf(
        "vision-benchmarks",
        "chart",
        "lea",
        "Reference sets for defect detection and retrieval.",
        (),
        {"vision": Role.MEMBER},
    ),
    Shelf(
        "llm-adapters",
        "layers",
        "priya",
        "Low-rank adapters for the support assistant.",
        ("adapter",),
        {"tomasz": Role.MEMBER},
        is_restricted=True,
    ),
)


@dataclass(frozen=True)
class Line:
    """A line of versions: logged by a team, linked at home, some released elsewhere."""

    name: str
    home: str
    artifact_type: str
    kind: str
    team: str
    count: int
    first: int
    """Days since the first version."""
    last: int
    """Days since the newest one."""
    tags: str
    summary: str
    alias: str = ""
    """Follows every version but the newest, a few days later."""
    released: str = ""
    """The registry into which the newest `kept` versions are linked too."""
    kept: int = 0
    rollback: str = ""
    """Why the newest release was taken back, if it was."""


RISK, SPEECH, VISION = TEAMS = ("risk-modeling", "speech", "vision")
PRODUCTION = "production-models"

MODELS = (
    Line(
        *("churn-classifier", "model", "model", "tabular", RISK, 15, 210, 3),
        tags="tabular gdpr-reviewed weekly",
        summary="Predicts whether a subscriber cancels within 60 days.",
        released=PRODUCTION,
        kept=9,
        rollback="Recall on new customers fell to 0.61.",
    ),
    Line(
        *("demand-forecast-tft", "model", "model", "tabular", RISK, 6, 180, 4),
        tags="timeseries",
        summary="Forecasts weekly demand per shop and article, with quantiles.",
        alias="champion",
        released=PRODUCTION,
        kept=5,
    ),
    Line(
        *("customer-lifetime-value", "model", "model", "tabular", RISK, 4, 120, 11),
        tags="tabular",
        summary="Expected margin of a customer over the next 24 months.",
        alias="champion",
    ),
    Line(
        *("support-intent-bert", "model", "model", "text", RISK, 7, 160, 1),
        tags="nlp nl",
        summary="Sorts incoming support messages into 42 intents.",
        released=PRODUCTION,
        kept=6,
    ),
    Line(
        *("ner-dutch-legal", "model", "model", "text", RISK, 4, 140, 12),
        tags="nlp nl",
        summary="Finds parties, dates and amounts in Dutch contracts.",
        alias="reviewed",
        released=PRODUCTION,
        kept=2,
    ),
    Line(
        *("whisper-small-nl", "model", "model", "speech", SPEECH, 9, 190, 0),
        tags="speech nl",
        summary="Transcribes Dutch and Flemish; a small Whisper, tuned on broadcasts.",
        alias="candidate",
        released=PRODUCTION,
        kept=5,
    ),
    Line(
        *("speaker-id-ecapa", "model", "model", "speech", SPEECH, 4, 100, 20),
        tags="speech",
        summary="Tells speakers apart; embeddings of 192 numbers.",
        released="speech-nl",
        kept=2,
    ),
    Line(
        *("resnet50-defects", "model", "model", "vision", VISION, 6, 200, 10),
        tags="vision",
        summary="Sees scratches, dents and stains on sheet metal.",
        released=PRODUCTION,
        kept=4,
    ),
    Line(
        *("product-embedder", "model", "model", "vision", VISION, 5, 150, 6),
        tags="vision retrieval",
        summary="Embeds product photos so that alike products lie close together.",
        alias="champion",
        released=PRODUCTION,
        kept=3,
    ),
    Line(
        *("invoice-layoutlm", "model", "model", "vision", VISION, 5, 130, 2),
        tags="document nlp",
        summary="Reads supplier, total and VAT from scanned invoices.",
        released=PRODUCTION,
        kept=3,
    ),
    Line(
        *("anomaly-padim", "model", "model", "vision", VISION, 3, 60, 15),
        tags="vision trial",
        summary="Finds what looks unlike the training images, without labels.",
    ),
)

DATASETS = (
    Line(
        *("churn-features", "dataset", "dataset", "table", RISK, 7, 215, 5),
        tags="tabular pseudonymised",
        summary="118 behavioural features per subscriber and week, Benelux only.",
        alias="frozen",
    ),
    Line(
        *("retail-demand", "dataset", "dataset", "table", RISK, 4, 185, 9),
        tags="timeseries",
        summary="Weekly sales per shop and article with prices and holidays.",
    ),
    Line(
        *("customer-journeys", "dataset", "dataset", "table", RISK, 3, 90, 30),
        tags="tabular pseudonymised",
        summary="Steps of a customer from first visit to contract.",
    ),
    Line(
        *("support-tickets", "dataset", "dataset", "table", RISK, 4, 165, 8),
        tags="nlp nl",
        summary="Support messages with intents, names removed.",
    ),
    Line(
        *("legal-clauses", "dataset", "dataset", "table", RISK, 3, 145, 50),
        tags="nlp nl",
        summary="Annotated clauses from 1,400 Dutch contracts.",
    ),
    Line(
        *("flemish-broadcast", "dataset", "dataset", "speech", SPEECH, 5, 195, 1),
        tags="speech licensed",
        summary="Broadcast speech with transcripts, licensed until 2028.",
        released="speech-nl",
        kept=3,
    ),
    Line(
        *("defect-images", "dataset", "dataset", "images", VISION, 4, 205, 14),
        tags="vision",
        summary="Photos of sheet metal with boxes around defects.",
        released="vision-benchmarks",
        kept=2,
    ),
    Line(
        *("invoice-scans", "dataset", "dataset", "images", VISION, 3, 135, 40),
        tags="document",
        summary="Scanned invoices with fields typed by two people.",
    ),
    Line(
        *("shelf-photos", "dataset", "dataset", "images", VISION, 2, 70, 25),
        tags="vision retrieval",
        summary="Shelves in 30 shops, each product marked.",
    ),
)

OTHERS = (
    Line(
        *("support-bpe-nl", PRODUCTION, "tokenizer", "tokenizer", RISK, 4, 155, 22),
        tags="nl",
        summary="Byte-pair encoding for Dutch support messages.",
    ),
    Line(
        *("dutch-radio-news", "speech-nl", "dataset", "speech", SPEECH, 3, 110, 13),
        tags="speech licensed",
        summary="Radio news with aligned transcripts.",
    ),
    Line(
        *("wake-word-nl", "speech-nl", "model", "speech", SPEECH, 3, 80, 7),
        tags="speech edge",
        summary="Hears one word on a microcontroller.",
        alias="stable",
    ),
    Line(
        *("whisper-tiny-trial", "speech-nl", "model", "speech", "mei-ling", 1, 18, 18),
        tags="trial",
        summary="A trial from a personal project: its source stays private.",
    ),
    Line(
        *("card-fraud-gbt", "fraud-detection", "model", "tabular", RISK, 5, 170, 6),
        tags="tabular",
        summary="Scores card payments; trees that an auditor can read.",
        alias="approved",
        rollback="Too many false alarms for travel bookings.",
    ),
    Line(
        *("merchant-risk", "fraud-detection", "model", "tabular", RISK, 4, 95, 16),
        tags="tabular",
        summary="Rates merchants by the risk of chargebacks.",
        alias="approved",
    ),
    Line(
        *("fraud-audit-2026", "fraud-detection", "report", "report", RISK, 3, 85, 17),
        tags="audit",
        summary="Findings of the risk committee, by quarter.",
    ),
    Line(
        *("churn-holdout", "eval-sets", "dataset", "table", RISK, 3, 200, 35),
        tags="holdout",
        summary="Subscribers kept apart from every training set.",
    ),
    Line(
        *("asr-nl-testset", "eval-sets", "dataset", "speech", SPEECH, 3, 175, 28),
        tags="holdout",
        summary="Ten hours of speech transcribed by three people.",
    ),
    Line(
        *("defect-holdout", "eval-sets", "dataset", "images", VISION, 3, 190, 45),
        tags="holdout",
        summary="Defects from a line whose photos are in no training set.",
    ),
    Line(
        *(
            "retrieval-benchmark",
            "vision-benchmarks",
            "dataset",
            "images",
            VISION,
            4,
            125,
            9,
        ),
        tags="benchmark",
        summary="Queries and right answers for product search.",
        alias="current",
    ),
    Line(
        *("vision-leaderboard", "vision-benchmarks", "report", "report", VISION, 4, 115, 4),
        tags="benchmark",
        summary="Every vision model against every benchmark, monthly.",
    ),
    Line(
        *("support-tone-lora", "llm-adapters", "adapter", "adapter", RISK, 4, 65, 5),
        tags="nlp nl",
        summary="Makes the assistant polite, brief and Dutch.",
        alias="stable",
    ),
    Line(
        *("summary-nl-lora", "llm-adapters", "adapter", "adapter", RISK, 3, 55, 12),
        tags="nlp nl",
        summary="Summarises a support thread in three sentences.",
    ),
)

LINES = MODELS + DATASETS + OTHERS
