"""Addresses that exist in tests only: pages that refuse, break, or say who asks."""

import errno
import time

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from accounts.actors import Conflict, Denied, Invalid, Missing, TooLarge
from registry_site import urls
from registry_site.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

RAISED = {
    "denied": Denied("Downloading needs the role Viewer."),
    "invalid": Invalid("name", "The name is too long."),
    "conflict": Conflict("The name is taken."),
    "too-large": TooLarge("The file is larger than 10 bytes."),
    "missing": Missing("No such registry."),
    "not-found": Http404("hidden"),
    "permission": PermissionDenied(),
    "suspicious": SuspiciousOperation("odd"),
    "database": OperationalError("database is locked"),
    "full": OSError(errno.ENOSPC, "No space left on device"),
    "broken": ValueError("secret detail"),
}


def raises(request, what):
    raise RAISED[what]


@login_not_required
def raises_publicly(request, what):
    raise RAISED[what]


def who(request):
    actor = request.actor
    return HttpResponse(f"{actor.user}|{actor.via}|{actor.address}|{request.id}")


@login_not_required
def who_publicly(request):
    return who(request)


def form(request):
    return HttpResponse(request.POST["text"])


@csrf_exempt
@login_not_required
def echo_size(request):
    """Read the body in pieces, as an upload does, and say how long it was."""
    size = 0
    while piece := request.environ["wsgi.input"].read(1 << 20):
        size += len(piece)
    return HttpResponse(str(size))


@login_not_required
def zeros(request, size):
    """Stream that many bytes."""
    piece = bytes(1 << 20)
    return StreamingHttpResponse(
        (piece[: min(len(piece), size - at)] for at in range(0, size, len(piece))),
        headers={"Content-Length": str(size)},
    )


@login_not_required
def drops(request):
    """Stream a small answer in pieces that come apart."""

    def pieces():
        for _ in range(4):
            yield b"drop"
            time.sleep(0.001)

    return StreamingHttpResponse(pieces())


def database_away(get_response):
    """A middleware below which the database is away."""

    def answer(request):
        raise RAISED["database"]

    return answer


urlpatterns = [
    path("test/raises/<what>/", raises),
    path("test/public/<what>/", raises_publicly),
    path("test/who/", who),
    path("test/form/", form),
    path("test/who/public/", who_publicly),
    path("test/size/", echo_size),
    path("test/zeros/<int:size>/", zeros),
    path("test/drops/", drops),
    *urls.urlpatterns,  # the last of them, /ENTITY/PROJECT/, would take all of the above
]
