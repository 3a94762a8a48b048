"""The wire's addresses: GraphQL."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseNotAllowed, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from graphql import ExecutionResult, execute

from accounts.actors import Refusal, TooLarge
from registries.storage.base import CHUNK
from registries.wire import errors
from registries.wire.auth import Unauthenticated, actor_of
from registries.wire.errors import Malformed
from registries.wire.fields import Asking, resolve
from registries.wire.schema import schema, understood

if TYPE_CHECKING:
    from accounts.requests import Request

BODY_LIMIT = 16 * 1024 * 1024
"""How large a request for GraphQL may be, in bytes."""

type View = Callable[..., HttpResponseBase]

logger = logging.getLogger("accession.wire")


def on_the_wire(*methods: str) -> Callable[[View], View]:
    """Answer programs: no cookies, no CSRF, refusals as the SDK understands them."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answer(request: Request, **names: Any) -> HttpResponseBase:
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            try:
                return view(request, **names)
            except Unauthenticated:
                return errors.unauthenticated()
            except Malformed as error:
                return errors.failure(400, str(error))
            except Refusal as refusal:
                return errors.refused(refusal)

        return answer

    return decorate


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


def base_of(request: Request) -> str:
    """Return where the server was reached."""
    return request.build_absolute_uri("/").rstrip("/")


def body(request: Request, limit: int) -> dict[str, Any]:
    """Return the JSON object that was sent; raise Malformed or TooLarge."""
    if request.content_type != "application/json":
        raise Malformed("Send application/json.")
    text = _read(request, limit)
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Malformed("Send one operation at a time, as a JSON object.")
    return value


def _read(request: Request, limit: int) -> bytes:
    if length(request) > limit:
        raise TooLarge(f"The body is larger than {limit:,} bytes.")
    return b"".join(chunks(request))


def length(request: Request) -> int:
    """Return how many bytes the body has; chunked ones do not say, and arrive as none."""
    said = request.META.get("CONTENT_LENGTH") or ""
    if "Transfer-Encoding" in request.headers or not (
        said.isascii() and said.isdigit() and len(said) < 20
    ):
        raise Malformed("Say how long the body is: Content-Length.")
    return int(said)


def chunks(request: Request) -> Iterator[bytes]:
    """The body, a chunk at a time."""
    return iter(lambda: request.read(CHUNK), b"")
