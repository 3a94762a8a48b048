"""Error pages."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from a page of ours."""
    return HttpResponseForbidden(reason)
