"""The wire's addresses: GraphQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import JsonResponse
from django.http.response import HttpResponseBase
from graphql import ExecutionResult, execute

from registries.wire import errors
from registries.wire.auth import actor_of
from registries.wire.errors import Malformed
from registries.wire.fields import Asking, resolve
from registries.wire.requests import base_of, body, on_the_wire
from registries.wire.schema import schema, understood

if TYPE_CHECKING:
    from accounts.requests import Request

BODY_LIMIT = 16 * 1024 * 1024
"""How large a request for GraphQL may be, in bytes."""


@on_the_wire("POST")
def graphql(request: Request) -> HttpResponseBase:
    """Carry out one GraphQL operation."""
    request.actor = actor_of(request)
    asked = body(request, BODY_LIMIT)
    document, variables = asked.get("query"), asked.get("variables") or {}
    name = asked.get("operationName") or None
    if not isinstance(document, str) or not isinstance(variables, dict):
        raise Malformed("Send a document as query, and an object as variables.")
    tree, mistakes = understood(document)
    if mistakes:
        return errors.failure(400, *mistakes)
    context = Asking(request.actor, base_of(request))
    result = execute(schema(), tree, None, context, variables, name, field_resolver=resolve)
    assert isinstance(result, ExecutionResult)
    return _answer(result)


@on_the_wire("POST")
def telemetry(request: Request, kind: str) -> HttpResponseBase:
    """Take none: the SDK asks once, and then sends none."""
    return errors.failure(404, "This server takes no telemetry.")


def _answer(result: ExecutionResult) -> JsonResponse:
    if not result.errors:
        return JsonResponse({"data": result.data})
    cause = errors.first_cause(result.errors)
    if cause is None:  # the engine refused: a variable of the wrong shape, no operation
        return errors.failure(400, *(error.message for error in result.errors[:5]))
    raise cause
