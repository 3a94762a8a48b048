"""Work for the worker, asked for in the transaction of a change."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import Job


def enqueue(name: str, **arguments: Any) -> Job:
    """Ask the worker to run the task of that name once this transaction is committed."""
    return Job.objects.create(name=name, arguments=arguments, run_after=timezone.now())
