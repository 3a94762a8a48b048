"""The WSGI application."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import django
from django.core.handlers.wsgi import WSGIHandler
from django.utils.http import parse_header_parameters

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

    from django.http.response import HttpResponseBase

CHARSET = re.compile(r";\s*charset[^=;]*=[^;]*", re.I)

NUL = "\\000"
"""How a cookie in quotes spells it: browsers never do, and PostgreSQL looks for none."""


class Handler(WSGIHandler):
    """Django, told no cookies and no type of content that it cannot read.

    It fails on some before anybody is there to answer: on endless types, and on encodings
    that Python knows but that are none of text.
    """

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> HttpResponseBase:
        """Answer the request."""
        return super().__call__(told(environ), start_response)


def told(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Leave out of a request what cannot be read."""
    environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
    if NUL in environ.get("HTTP_COOKIE", ""):
        environ["HTTP_COOKIE"] = ""
    return environ


def readable(content_type: str) -> str:
    """Return the type without an encoding, for all is UTF-8; or nothing."""
    kept = CHARSET.sub("", content_type)
    try:
        _, parameters = parse_header_parameters(kept)
    except ValueError:
        return ""
    return "" if "charset" in parameters else kept


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry_site.settings")
django.setup(set_prefix=False)
application = Handler()
