"""The request as views get it, with what the middleware has put on it."""

from __future__ import annotations

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from accounts.actors import Actor


class Request(HttpRequest):
    """A request that went through the middleware."""

    id: str
    actor: Actor
    htmx: HtmxDetails
