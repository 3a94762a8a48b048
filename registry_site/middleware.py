"""What happens around every request: its id and log line, who acts, sign-in, refusals."""

from __future__ import annotations

import ipaddress
import logging
import secrets
import time
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.utils.functional import SimpleLazyObject

from accounts.actors import Actor, Missing, Refusal
from registry_site import errors, logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from accounts.requests import Request

    type GetResponse = Callable[[Request], HttpResponseBase]

logger = logging.getLogger("accession.request")


class RequestIdMiddleware:
    """Give every request an id of our own, in its answer and in its log lines."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer the request and write its line."""
        began = time.monotonic()
        request.id = secrets.token_hex(8)
        logs.request_id.set(request.id)
        logs.user_id.set(None)
        response = self.get_response(request)
        response["X-Request-Id"] = request.id
        _log(request, response.status_code, round((time.monotonic() - began) * 1000))
        logs.request_id.set("")
        logs.user_id.set(None)
        return response


def _log(request: Request, status: int, ms: int) -> None:
    path = logs.masked(request.get_full_path())
    values = {"method": request.method, "path": path, "status": status, "ms": ms}
    quiet = path.startswith(settings.STATIC_URL) or path in {"/healthz", "/ready"}
    level = logging.DEBUG if quiet and status < 500 else logging.INFO
    logger.log(level, "%s %s %s %s ms", *values.values(), extra=values)


class ActorMiddleware:
    """Put the actor on the request. Nothing is read until somebody asks for it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer the request."""
        request.actor = SimpleLazyObject(lambda: _actor(request))  # type: ignore[assignment]
        return self.get_response(request)


def _actor(request: Request) -> Actor:
    user = request.user if request.user.is_authenticated else None
    return Actor(user=user, via=_door(request), address=client_address(request))


def _door(request: Request) -> str:
    """The Django admin is a door of its own."""
    found = request.resolver_match
    return "admin" if found is not None and found.app_name == "admin" else "web"


def client_address(request: HttpRequest) -> str:
    """Return where the request comes from; a proxy's word counts only if it is trusted."""
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUST_PROXY:
        # The last one was added by our proxy, everything before it by whoever asked.
        address = request.headers.get("X-Forwarded-For", address).rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return ""


class SignInMiddleware(LoginRequiredMiddleware):
    """Let nobody see a page who is not signed in, except where a view says so."""

    def process_view(  # type: ignore[override]
        self,
        request: Request,
        view_func: Callable[..., Any],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Send visitors to the sign-in page, and note for the log who is signed in."""
        if not getattr(view_func, "login_required", True):
            return None
        if not request.user.is_authenticated:
            return errors.sign_in(request)
        logs.user_id.set(request.user.pk)
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Keep what was made for one person out of shared caches."""
        if request.session.accessed and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private"
        return response


class RefusalMiddleware:
    """Turn a refusal into the answer that rules.md, section 4, gives it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        """Answer the request."""
        return self.get_response(request)

    def process_exception(
        self, request: Request, exception: Exception
    ) -> HttpResponse | None:
        """Answer refusals, and storage or a database that is away."""
        if isinstance(exception, Missing):
            return errors.not_found(request, exception)
        if isinstance(exception, Refusal):
            return errors.refused(request, exception)
        if errors.is_outage(exception):
            return errors.unavailable(request, exception)
        return None
