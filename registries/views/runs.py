"""A run: what it was started with, what it measured and printed, its files, artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import Case, F, QuerySet, Value, When
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers
from django_htmx.http import HttpResponseClientRefresh

from accounts.actors import require
from accounts.permissions import TeamPermission
from accounts.text import BIDI, NOT_IN_TEXT
from registries.models import Artifact, Run, RunFile, RunMetric, Usage, Version
from registries.models.ordering import by_bytes, with_words
from registries.models.run import Stream
from registries.storage.serving import guard_bytes, serve_blob
from registries.streams import PRINTED, read, tail
from registries.views.curves import drawn
from registries.views.documents import config, opened, summary
from registries.views.lookups import in_run
from registries.views.machine import facts
from registries.views.paging import Order, address, page_of, text, wants_part, words

if TYPE_CHECKING:
    from accounts.requests import SignedIn

MOST = 100
"""How many artifacts and lines are shown at once."""
CURVES = 12
FILES = 20
"""How many are on the run's own page; pages of their own have all."""
BY_KEY = Order({"is_event": int, "sort_key": text, "id": int})
BY_PATH = Order({"sort_path": text})
ESCAPES = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\))")
"""What moves the cursor of a terminal, colours it, or makes a link there."""
LONGEST_LINE = 1000


@require_safe
@vary_on_headers("HX-Request")
@in_run
def run(request: SignedIn, run: Run) -> HttpResponse:
    """Show a run with what it used and what it produced."""
    if request.htmx.target == "measured":
        return _measured(request, run)
    if wants_part(request):
        context = _places(run) | _documents(request, run)
        return render(request, "projects/run.html#values", context)
    return run_page(request, run)


def run_page(
    request: SignedIn, run: Run, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    files = _files(run)
    context = (
        _places(run)
        | _documents(request, run)
        | _usages(request, run)
        | _curves(run)
        | {
            "lines": _last_lines(run),
            "files": files[:FILES],
            "file_count": files.count(),
            "most": MOST,
            "dialog": dialog,
        }
    )
    return render(request, "projects/run.html", context, status=status)


@require_safe
@vary_on_headers("HX-Request")
@in_run
def metrics(request: SignedIn, run: Run) -> HttpResponse:
    """Show the curves of all metrics, those of the machine too."""
    found = _metrics(run, *Stream).filter(with_words("key", words(request, "filter")))
    page = page_of(found, BY_KEY, request, size=2 * CURVES)
    curves = [drawn(metric) for metric in page.rows]
    context = _places(run) | _filtered(request) | {"page": page, "curves": curves}
    part = "#metrics" if wants_part(request) else ""
    return render(request, f"projects/run_metrics.html{part}", context)


@require_safe
@vary_on_headers("HX-Request")
@in_run
def files(request: SignedIn, run: Run) -> HttpResponse:
    """List the files beside the run, those with some words in their path."""
    found = _files(run).filter(with_words("path", words(request, "filter")))
    page = page_of(found, BY_PATH, request)
    context = _places(run) | _filtered(request) | {"page": page, "files": page.rows}
    part = "#files" if wants_part(request) else ""
    return render(request, f"projects/run_files.html{part}", context)


@require_safe
@in_run
def raw(request: SignedIn, run: Run, path: str) -> HttpResponseBase:
    """Send a file beside the run."""
    require(request.actor, TeamPermission.VIEW, run)
    file = _files(run).filter(path=path).first()
    if file is None or file.blob is None:
        raise Http404
    return guard_bytes(serve_blob(request, file.blob, since=file.updated_at), file.path)


@require_safe
@in_run
def console(request: SignedIn, run: Run) -> HttpResponseBase:
    """Send all that the run printed, a chunk at a time."""
    require(request.actor, TeamPermission.VIEW, run)
    lines: Iterator[str] = iter(()) if request.method == "HEAD" else _printed(run)
    response = StreamingHttpResponse(lines)
    return guard_bytes(response, f"{run.name}.log")


def _measured(request: SignedIn, run: Run) -> HttpResponse:
    """Answer the page of a run at work, which asks what was measured since."""
    if run.is_over:
        return HttpResponseClientRefresh()
    return render(request, "projects/run.html#measured", _places(run) | _curves(run))


def _curves(run: Run) -> dict[str, Any]:
    metrics = _metrics(run)
    shown = [drawn(metric) for metric in metrics[:CURVES]]
    return {"curves": shown, "metric_count": metrics.count()}


def _filtered(request: SignedIn) -> dict[str, Any]:
    return {"filter": words(request, "filter"), "clear": address(request, filter="")}


def _documents(request: SignedIn, run: Run) -> dict[str, Any]:
    documents = opened(run)
    run.counted = documents.runtime
    find = words(request, "find")
    return {
        "find": find,
        "config": config(documents, find),
        "summary": summary(documents, find),
        "machine": facts(documents.notes, run.program),
    }


def _places(run: Run) -> dict[str, Any]:
    return {"run": run, "project": run.project}


def _printed(run: Run) -> Iterator[str]:
    for line in read(run, Stream.CONSOLE):
        yield f"{line}\n"


def _last_lines(run: Run) -> list[str]:
    """The last lines as a page can show them."""
    return [_shown(line) for line in tail(run, Stream.CONSOLE, MOST)]


def _shown(line: str) -> str:
    """A line without when it was printed; of one that was written over, the last text."""
    found = PRINTED.fullmatch(line)
    text = (found["text"] if found else line).rstrip("\r")
    plain = ESCAPES.sub("", text.rpartition("\r")[2][: 2 * LONGEST_LINE])
    plain = BIDI.sub("\ufffd", NOT_IN_TEXT.sub("\ufffd", plain))
    return plain if len(plain) <= LONGEST_LINE else f"{plain[:LONGEST_LINE]}…"


def _metrics(run: Run, *streams: Stream) -> QuerySet[RunMetric]:
    """The metrics with a curve, the SDK's own (`_step`, `_runtime`) left out."""
    metrics = run.metrics.filter(stream__in=streams or [Stream.HISTORY])
    metrics = (
        metrics.exclude(points=[])
        .exclude(key__startswith="_")
        .annotate(
            sort_key=by_bytes("key"),
            is_event=Case(When(stream=Stream.EVENTS, then=Value(1)), default=Value(0)),
        )
    )
    return metrics.order_by("is_event", "sort_key", "pk")


def _files(run: Run) -> QuerySet[RunFile]:
    arrived = run.files.exclude(blob=None).select_related("blob")
    return arrived.annotate(sort_path=by_bytes("path")).order_by("sort_path")


def _usages(request: SignedIn, run: Run) -> dict[str, Any]:
    """The artifacts that the run used and produced, each by a home that the person sees."""
    usages = run.usages.filter(artifact__state=Artifact.State.COMMITTED).order_by("id")
    by_role: dict[str, Any] = {}
    for role in Usage.Role:
        rows = usages.filter(role=role).select_related("artifact")[: MOST + 1]
        artifacts = [usage.artifact for usage in rows]
        homes = _homes(request, artifacts)
        by_role[role.value] = [(each, homes.get(each.pk)) for each in artifacts]
    return by_role


def _homes(request: SignedIn, artifacts: list[Artifact]) -> dict[int, Version]:
    """One version of each artifact: where it was logged, if the person sees that."""
    seen = Version.objects.visible_to(request.user).filter(artifact__in=artifacts)
    rows = seen.select_related(
        "collection__registry__organization__entity", "collection__project__entity"
    ).order_by(F("collection__project").asc(nulls_last=True), "-pk")
    homes: dict[int, Version] = {}
    for version in rows:
        homes.setdefault(version.artifact_id, version)
    return homes
