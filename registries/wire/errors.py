"""The one place that knows which status makes the SDK give up rather than ask again.

Failures are 4xx with a GraphQL body: of a 200 the SDK shows our sentence in noise, and
anything but 400, 401, 403, 404, 409, 410, 413, 422 is asked again for a quarter of an hour.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import JsonResponse
from graphql import GraphQLError

from accounts.actors import Busy, Conflict, Denied, Invalid, Missing, Refusal, TooLarge

logger = logging.getLogger("accession.wire")

STATUS: dict[type[Refusal], int] = {
    Denied: 403,
    Missing: 404,
    Conflict: 409,
    TooLarge: 413,
    Invalid: 422,
    Busy: 503,
}
WHO = 'Basic realm="Accession", charset="UTF-8"'
NO_KEY = (
    "This needs an API key of this server: run `wandb login --host` with its address, or "
    "set WANDB_API_KEY."
)


class Malformed(Exception):
    """What came cannot be read (400)."""


def status_of(refusal: Refusal) -> int:
    """Return the status of a refusal."""
    return next(code for kind, code in STATUS.items() if isinstance(refusal, kind))


def failure(status: int, *sentences: str, **extensions: Any) -> JsonResponse:
    """Answer with errors as GraphQL writes them, and no data."""
    errors = [{"message": sentence, "extensions": extensions} for sentence in sentences]
    return JsonResponse({"errors": errors, "data": None}, status=status)


def refused(refusal: Refusal) -> JsonResponse:
    """Answer a refusal; what it says of a field goes along."""
    named = {"field": refusal.field} if isinstance(refusal, Invalid) else {}
    response = failure(status_of(refusal), str(refusal), **named)
    if isinstance(refusal, Busy):
        response["Retry-After"] = str(refusal.seconds)
    return response


def unauthenticated() -> JsonResponse:
    """Answer who came without a live key, always with the same words."""
    response = failure(401, NO_KEY)
    response["WWW-Authenticate"] = WHO
    return response


def first_cause(errors: list[GraphQLError]) -> Exception | None:
    """Return what made the first resolver fail, None where the engine itself refused."""
    cause = errors[0].original_error
    return None if isinstance(cause, GraphQLError) else cause
