"""The request as views get it, with what the middleware has put on it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails

from accounts.actors import Actor
from accounts.models import Organization, User


class Request(HttpRequest):
    """A request that went through the middleware."""

    id: str
    actor: Actor
    htmx: HtmxDetails


class SignedIn(Request):
    """A request of somebody; every page is for those, unless it says otherwise."""

    user: User
    organization: Organization
    """That of the address, where it names one."""


def is_path(address: str) -> bool:
    """Say whether an address leads to this site, whatever the browser makes of it."""
    return address.startswith("/") and url_has_allowed_host_and_scheme(address, None)


def current_path(request: Request) -> str:
    """Return the path of the page of this site that htmx is in, or nothing."""
    try:
        path = request.htmx.current_url_abs_path or ""
    except ValueError:  # the header is no address
        return ""
    return path if is_path(path) else ""


def referring_path(request: HttpRequest) -> str:
    """Return the path of the page of this site that a form was sent from, or nothing."""
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    path = page._replace(scheme="", netloc="").geturl()
    return path if is_path(path) else ""
