"""The answers to what cannot be done: refusals, pages that do not exist, outages."""

from __future__ import annotations

import errno
import logging
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import Resolver404
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from accounts.actors import Conflict, Denied, Invalid, Refusal, TooLarge
from accounts.requests import current_path
from registries.views import refusals
from registries.wire.errors import failure

if TYPE_CHECKING:
    from accounts.requests import Request

logger = logging.getLogger("accession.outage")

STATUS: dict[type[Refusal], int] = {Denied: 403, Invalid: 422, Conflict: 409, TooLarge: 413}
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
"""Storage that is away or full, and not a fault of ours."""
OUTAGE_SECONDS = 30
TOO_MANY_SECONDS = 300
"""The longest of the limits in the settings."""


def sign_in(request: Request) -> HttpResponse:
    """Send a visitor to sign in and back: here, or to the page of the form or part."""
    htmx = getattr(request, "htmx", None)
    back = request.get_full_path()
    if htmx:
        back = current_path(request) or "/"
    elif request.method not in {"GET", "HEAD"}:
        back = _referring_page(request)
    response = redirect_to_login(back)
    return HttpResponseClientRedirect(response.url) if htmx else response


def _referring_page(request: Request) -> str:
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return "/"
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path or "/"


def refused(request: Request, refusal: Refusal) -> HttpResponse:
    """Say why an operation did not happen, as a page or as a notice for htmx."""
    status = next((code for kind, code in STATUS.items() if isinstance(refusal, kind)), 400)
    if request.htmx:
        return _part(request, status, str(refusal))
    context = {"refusal": refusal, "status": status}
    context |= refusals.context(refusal, request.user)
    return render(request, "403.html", context, status=status)


def _part(request: Request, status: int, sentence: str) -> HttpResponse:
    """Say it to htmx, for a place beside what was asked for, in which things were typed."""
    context = {"refusal": sentence}
    response = render(request, "components/refusal.html", context, status=status)
    response["X-Refused"] = "true"
    return response


def not_found(request: Request, exception: Exception) -> HttpResponse:
    """Answer what does not exist, or may not be known to exist: both the same."""
    if isinstance(exception, Resolver404) and _is_visitor(request):
        return sign_in(request)
    if request.htmx:
        return _part(request, 404, "This does not exist, or not any more.")
    return render(request, "404.html", status=404)


def _is_visitor(request: Request) -> bool:
    """Whether a page that exists would ask for sign-in here."""
    if request.path_info.startswith(settings.STATIC_URL):
        return False
    return not request.user.is_authenticated


def permission_denied(request: Request, exception: Exception) -> HttpResponse:
    """Answer a 403 that comes from Django itself."""
    return refused(request, Denied("You may not do this."))


def csrf_failure(request: Request, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of ours, or from one that is too old."""
    return refused(
        request, Denied("This form is too old, or cookies are off. Reload the page.")
    )


def bad_request(request: Request, exception: Exception) -> HttpResponse:
    """Answer what cannot be parsed, and what is larger than it may be."""
    too_large = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
    if isinstance(exception, too_large):
        return _page(request, 413, "This is too large", "Send less at once.")
    return _page(
        request,
        400,
        "This cannot be understood",
        "Check the address, or go back and reload.",
    )


def too_many(request: Request) -> HttpResponse:
    """Answer somebody who tried something too often."""
    response = _page(
        request, 429, "Too many attempts", "Wait five minutes, then try again."
    )
    response["Retry-After"] = str(TOO_MANY_SECONDS)
    return response


def server_error(request: Request) -> HttpResponse:
    """Answer an error of ours; an outage below a view, in a middleware, ends here too."""
    exception = sys.exception()
    if exception is not None and is_outage(exception):
        return unavailable(request, exception)
    if _is_program(request):
        return failure(500, f"Something went wrong here: request {request.id} in the log.")
    return _plain_page(
        request,
        500,
        "Something went wrong",
        "It was our fault, and is in the log. If it stays, tell whoever runs this server.",
    )


def is_outage(exception: BaseException) -> bool:
    """Whether the database or the storage is away, or full."""
    if isinstance(exception, OSError):
        return exception.errno in FULL
    return isinstance(exception, OperationalError | InterfaceError)


def unavailable(request: Request, exception: BaseException) -> HttpResponse:
    """Answer that the same request may well succeed a little later."""
    logger.error("Unavailable: %s", exception, exc_info=exception)
    title, text = "Not available just now", "Try again in half a minute."
    if _is_program(request):
        response: HttpResponse = failure(503, f"{title}. {text}")
    else:
        response = _plain_page(request, 503, title, text)
    response["Retry-After"] = str(OUTAGE_SECONDS)
    return response


def _is_program(request: Request) -> bool:
    """Whether the wire was asked, where nobody reads pages."""
    found = request.resolver_match
    return found is not None and found.app_name == "wire"


def _page(request: Request, status: int, title: str, text: str) -> HttpResponse:
    """Say it in a notice for htmx, in the shell to whom we know, or alone."""
    user = getattr(request, "user", None)  # not yet there, where a middleware refuses
    if getattr(request, "htmx", None):
        return _part(request, status, f"{title}. {text}")
    if user is None or not user.is_authenticated:
        return _plain_page(request, status, title, text)
    return render(request, "400.html", {"title": title, "text": text}, status=status)


def _plain_page(request: Request, status: int, title: str, text: str) -> HttpResponse:
    """Make a page without asking the database for anything."""
    context = {
        "status": status,
        "title": title,
        "text": text,
        "request_id": getattr(request, "id", ""),
    }
    return HttpResponse(render_to_string("500.html", context), status=status)
