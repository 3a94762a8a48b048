"""Fill a new, migrated database: `python -m tests.benchmarks VERSIONS`.

The environment names it as for `manage.py`, with DJANGO_SETTINGS_MODULE besides.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.db import transaction  # noqa: E402 - models need what is set up

from tests.benchmarks.shelves import Shelves, settle  # noqa: E402

with transaction.atomic():
    Shelves(int(sys.argv[1]))
settle()
