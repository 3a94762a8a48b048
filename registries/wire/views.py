"""The wire's addresses: GraphQL, and what the SDK asks beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection
from django.http import JsonResponse
from django.http.response import HttpResponseBase
from graphql import ExecutionResult, execute

from registries.wire import errors
from registries.wire.auth import actor_of
from registries.wire.errors import Malformed
from registries.wire.fields import Asking, resolve
from registries.wire.limits import check_length, check_rows
from registries.wire.requests import base_of, body, on_the_wire, writer_of
from registries.wire.schema import schema, understood

if TYPE_CHECKING:
    from accounts.requests import Request

BODY_LIMIT = 16 * 1024 * 1024
"""How large a request for GraphQL may be, in bytes: a run's configuration of 10 MiB has
room, in which every quote is escaped."""
VALUES = 32_000
"""How many values it may hold: the SDK asks for 5,000 files at once, each with five."""
PARTS = 25_000
"""How many parts it may announce beside: the SDK begins with 25 files, however large; so
many parts are 97 GiB of each."""

NO_EXCHANGE = (
    "This server takes no identity tokens: unset WANDB_IDENTITY_TOKEN_FILE, and set "
    "WANDB_API_KEY to an API key of yours."
)


@on_the_wire("POST")
def graphql(request: Request) -> HttpResponseBase:
    """Carry out one GraphQL operation."""
    request.actor = actor_of(request)
    asked = body(request, BODY_LIMIT, values=VALUES, parts=PARTS)
    document, variables = asked.get("query"), asked.get("variables") or {}
    name = asked.get("operationName") or None
    if not isinstance(document, str) or not isinstance(variables, dict):
        raise Malformed("Send a document as query, and an object as variables.")
    check_length(document)
    tree, mistakes = understood(document)
    if mistakes:
        return errors.failure(400, *mistakes)
    check_rows(tree, variables)
    context = Asking(request.actor, base_of(request), writer_of(request))
    with connection.execute_wrapper(context.count):
        result = execute(
            schema(), tree, None, context, variables, name, field_resolver=resolve
        )
    assert isinstance(result, ExecutionResult)
    return _answer(result)


@on_the_wire("POST")
def telemetry(request: Request, kind: str) -> HttpResponseBase:
    """Take none: the SDK asks once, and then sends none."""
    return errors.failure(404, "This server takes no telemetry.")


@on_the_wire("POST")
def exchange(request: Request) -> HttpResponseBase:
    """Give nothing for an identity token: whoever comes has a key of ours (RFC 6749)."""
    refusal = {"error": "unsupported_grant_type", "error_description": NO_EXCHANGE}
    return JsonResponse(refusal, status=400)


def _answer(result: ExecutionResult) -> JsonResponse:
    if not result.errors:
        return JsonResponse({"data": result.data})
    cause = errors.first_cause(result.errors)
    if cause is None:  # the engine refused: a variable of the wrong shape, no operation
        return errors.failure(400, *(error.message for error in result.errors[:5]))
    raise cause
