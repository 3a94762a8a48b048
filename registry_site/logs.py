"""What the server writes about itself: text on a terminal, JSON lines elsewhere.

Every line names the request and the user it is about; no bodies, no keys, no tokens.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import sys
from contextvars import ContextVar
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="")
user_id: ContextVar[int | None] = ContextVar("user_id", default=None)

MASK = "[masked]"
SECRETS = (
    re.compile(r"(\baccession[-_])\w{16,}"),
    re.compile(
        r"([?&](?:[\w-]*(?:token|key|signature|password)|sig|code|state)=)[^&\s\"']+", re.I
    ),
    re.compile(r"(/(?:setup|invitations?|reset/key|confirm-email)/)[^/\s\"']+"),
    re.compile(r"(/storage/[\w/.=-]+:\w+:)[\w-]+"),
    re.compile(r"(\b(?:Basic|Bearer) )[\w+/=.~-]{8,}", re.I),
    re.compile(r"(://[^/\s:@]*:)[^/\s@]+(?=@)"),
)
"""What never stands in a log; the first group stays."""

FIELDS = ("method", "path", "status", "ms")
"""What a request's line says, as fields of its own."""


def masked(text: str) -> str:
    """Return the text without keys, tokens and passwords."""
    for pattern in SECRETS:
        text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


class TextFormatter(logging.Formatter):
    """One line for people; a traceback follows it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return the line, with control characters escaped: one message is one line."""
        line = super().formatMessage(record)
        line = "".join(c if c.isprintable() else repr(c)[1:-1] for c in line)
        about = _about()
        return f"{line}  {' '.join(f'{k}={v}' for k, v in about.items())}".rstrip()

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and its traceback, without secrets."""
        return masked(super().format(record))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as JSON, without secrets."""
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            **_about(),
        }
        for name in FIELDS:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info:
            line["exception"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, default=str)


def _about() -> dict[str, Any]:
    """Say which request and which user the present work is for."""
    about = {"request": request_id.get(), "user": user_id.get()}
    return {name: value for name, value in about.items() if value}


def configure(options: dict[str, Any]) -> None:
    """Write everything from the level on to standard error."""
    formatter = TextFormatter if sys.stderr.isatty() else JsonFormatter
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {"line": {"()": formatter}},
            "handlers": {
                "console": {"class": "logging.StreamHandler", "formatter": "line"}
            },
            "root": {"handlers": ["console"], "level": options["level"]},
            "loggers": {
                "django": {"handlers": [], "level": "NOTSET", "propagate": True},
                # The line of a request says its status; only its errors need another.
                "django.request": {"level": "ERROR"},
            },
        }
    )
