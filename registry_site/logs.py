"""What the server writes about itself."""

from __future__ import annotations

import logging.config
from typing import Any


def configure(options: dict[str, Any]) -> None:
    """Write everything from the level on to standard error."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"console": {"class": "logging.StreamHandler"}},
            "root": {"handlers": ["console"], "level": options["level"]},
        }
    )
