"""A run: what it was started with, what it measured and printed, its files, artifacts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.actors import require
from accounts.permissions import TeamPermission
from accounts.text import BIDI, NOT_IN_TEXT
from registries.models import Artifact, Run, RunFile, RunMetric, Usage, Version
from registries.models.ordering import by_bytes
from registries.models.run import Stream
from registries.storage.serving import guard_bytes, serve_blob
from registries.streams import read, tail
from registries.views.curves import drawn
from registries.views.lookups import in_run
from registries.views.outline import Value, outline
from registries.views.paging import Order, page_of, text

if TYPE_CHECKING:
    from accounts.requests import SignedIn

MOST = 100
"""How many artifacts, values and lines are shown at once."""
CURVES = 12
FILES = 20
"""How many are on the run's own page; pages of their own have all."""
BY_KEY = Order({"sort_key": text, "id": int})
BY_PATH = Order({"sort_path": text})
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
"""What moves the cursor of a terminal, or colours it."""
LONGEST_LINE = 1000


@require_safe
@in_run
def run(request: SignedIn, run: Run) -> HttpResponse:
    """Show a run with what it used and what it produced."""
    return run_page(request, run)


def run_page(
    request: SignedIn, run: Run, *, dialog: str = "", status: int = 200
) -> HttpResponse:
    """Render the whole page, with a dialog before it or without."""
    metrics, files = _metrics(run), _files(run)
    context = _places(run) | {
        "config": _unwrapped(run.config),
        "summary": _values(run.summary),
        "curves": [drawn(metric) for metric in metrics[:CURVES]],
        "metric_count": metrics.count(),
        "lines": _last_lines(run),
        "files": files[:FILES],
        "file_count": files.count(),
        "most": MOST,
        "dialog": dialog,
    }
    context |= _usages(request, run)
    return render(request, "projects/run.html", context, status=status)


@require_safe
@in_run
def metrics(request: SignedIn, run: Run) -> HttpResponse:
    """Show the curves of all metrics, those of the machine too."""
    page = page_of(_metrics(run, *Stream), BY_KEY, request, size=2 * CURVES)
    curves = [drawn(metric) for metric in page.rows]
    context = _places(run) | {"page": page, "curves": curves}
    return render(request, "projects/run_metrics.html", context)


@require_safe
@in_run
def files(request: SignedIn, run: Run) -> HttpResponse:
    """List all files beside the run."""
    page = page_of(_files(run), BY_PATH, request)
    context = _places(run) | {"page": page, "files": page.rows}
    return render(request, "projects/run_files.html", context)


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


def _places(run: Run) -> dict[str, Any]:
    return {"run": run, "project": run.project}


def _printed(run: Run) -> Iterator[str]:
    for line in read(run, Stream.CONSOLE):
        yield f"{line}\n"


def _last_lines(run: Run) -> list[str]:
    """The last lines as a page can show them."""
    return [_shown(line) for line in tail(run, Stream.CONSOLE, MOST)]


def _shown(line: str) -> str:
    plain = ESCAPES.sub("", line[: 2 * LONGEST_LINE]).rpartition("\r")[2]
    plain = BIDI.sub("\ufffd", NOT_IN_TEXT.sub("\ufffd", plain))
    return plain if len(plain) <= LONGEST_LINE else f"{plain[:LONGEST_LINE]}…"


def _metrics(run: Run, *streams: Stream) -> QuerySet[RunMetric]:
    """The metrics with numbers, the SDK's own (`_step`, `_runtime`) left out."""
    metrics = run.metrics.filter(stream__in=streams or [Stream.HISTORY], count__gt=0)
    metrics = metrics.exclude(key__startswith="_").annotate(sort_key=by_bytes("key"))
    return metrics.order_by("sort_key", "pk")


def _files(run: Run) -> QuerySet[RunFile]:
    arrived = run.files.exclude(blob=None).select_related("blob")
    return arrived.annotate(sort_path=by_bytes("path")).order_by("sort_path")


def _unwrapped(config: dict[str, Any]) -> list[Value]:
    """The values of a configuration, in which the SDK puts each under `value`."""
    return _values(
        {
            key: entry["value"] if isinstance(entry, dict) and "value" in entry else entry
            for key, entry in config.items()
        }
    )


def _values(document: dict[str, Any]) -> list[Value]:
    """The values that are not the SDK's own, in the order of their keys."""
    own = {key: document[key] for key in sorted(document) if not key.startswith("_")}
    return outline(own, MOST + 1)


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
