"""Deleting a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts.actors import require
from accounts.permissions import TeamPermission
from registries.models import Run
from registries.operations.runs import delete_run
from registries.views.asking import ask, done
from registries.views.lookups import in_run

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_run
def run(request: SignedIn, run: Run) -> HttpResponse:
    """Say what goes with a run, or delete it for good."""
    if request.method != "POST":
        require(request.actor, TeamPermission.DELETE, run)
        return ask(request, "delete_run", run, run=run)
    delete_run(run, with_artifacts=False, by=request.actor)
    said = f"The run {run} is deleted."
    return done(request, run.project.get_absolute_url(), said, is_gone=True)
