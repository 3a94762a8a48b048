"""What every address of the wire has in common: who asks, bodies, refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.actors import Refusal, TooLarge
from registries.storage.bodies import body_of, length_of
from registries.wire import errors
from registries.wire.auth import Unauthenticated
from registries.wire.errors import Malformed

if TYPE_CHECKING:
    from accounts.requests import Request

NO_SIGNS = bytes({*range(256)} - {*b",[{"})
"""All bytes but those with which a value of JSON begins, or the next one."""
PART = b'"hexMD5"'
"""What each part of a large file has once, of its three values."""
DIGITS = 400
WRITERS = ("X-WANDB-ASYNC-CLIENT-ID", "X-WANDB-CLIENT-ID")
"""Where it says so, with lines and with GraphQL."""
NAME_LIMIT = 64

type View = Callable[..., HttpResponseBase]


def on_the_wire(*methods: str) -> Callable[[View], View]:
    """Answer programs: no cookies, no CSRF, refusals as the SDK understands them."""

    def decorate(view: View) -> View:
        @csrf_exempt
        @login_not_required
        @wraps(view)
        def answer(request: Request, **names: Any) -> HttpResponseBase:
            if request.method == "OPTIONS":
                return _options(request, methods)
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


def _options(request: Request, methods: tuple[str, ...]) -> HttpResponse:
    """Say what is answered here, and to which pages: our own, and no others."""
    answer = HttpResponse(status=204, headers={"Allow": ", ".join(methods)})
    answer["Access-Control-Allow-Origin"] = base_of(request)
    return answer


def base_of(request: Request) -> str:
    """Return where the server was reached."""
    return request.build_absolute_uri("/").rstrip("/")


def writer_of(request: Request) -> str:
    """Return what the process calls itself that is one of several which write a run."""
    if request.headers.get("X-WANDB-USE-ASYNC-FILESTREAM") != "true":
        return ""
    names = (request.headers.get(name, "") for name in WRITERS)
    return next(filter(None, names), "")[:NAME_LIMIT]


def body(request: Request, limit: int, *, values: int, parts: int = 0) -> dict[str, Any]:
    """Return the JSON object that was sent; raise Malformed or TooLarge.

    It may have so many bytes, and so many values, of which each costs as much as a hundred
    bytes of a text; beside them, so many parts of large files.
    """
    if request.content_type != "application/json":
        raise Malformed("Send application/json.")
    text = _read(request, limit)
    if _has_more(text, values + 3 * min(parts, text.count(PART))):
        raise TooLarge(f"The body holds more than {values:,} values.")
    try:
        value = json.loads(text, parse_int=_integer)
    except (ValueError, RecursionError) as error:
        raise Malformed(f"The body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise Malformed("Send one operation at a time, as a JSON object.")
    return value


def _integer(digits: str) -> int:
    """Read a number; to read a long one takes quadratic time."""
    if len(digits) > DIGITS:
        raise ValueError(f"a number of more than {DIGITS} digits")
    return int(digits)


def _has_more(text: bytes, values: int) -> bool:
    """Whether JSON text has more values than so many; far quicker than to read it."""
    if len(text.translate(None, NO_SIGNS)) <= values:
        return False
    # Signs in texts do not count: what stands between quotes is left out.
    parts = text.replace(rb"\\", b"").replace(rb"\"", b"").split(b'"', 2 * values)
    signs = b"".join(parts[::2]).translate(None, NO_SIGNS)
    return len(parts) > 2 * values or len(signs) > values


def _read(request: Request, limit: int) -> bytes:
    if length(request) > limit:
        raise TooLarge(f"The body is larger than {limit:,} bytes.")
    return b"".join(body_of(request))


def length(request: Request) -> int:
    """Return how many bytes the body has; raise Malformed where it does not say."""
    if (said := length_of(request)) is None:
        raise Malformed("Say how long the body is: Content-Length.")
    return said
