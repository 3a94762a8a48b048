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


class Handler(WSGIHandler):
    """Django, told a type of content only that it can read.

    It fails on some others before anybody is there to answer: on endless ones, and on
    encodings that Python knows but that are none of text.
    """

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> HttpResponseBase:
        """Answer the request."""
        environ["CONTENT_TYPE"] = readable(environ.get("CONTENT_TYPE", ""))
        return super().__call__(environ, start_response)


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
