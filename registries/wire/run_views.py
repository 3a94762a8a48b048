"""What runs send beside GraphQL: their lines, and the files that were promised."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.http import JsonResponse
from django.http.response import HttpResponseBase

from accounts.actors import Missing, require
from accounts.permissions import TeamPermission
from registries.models import RunFile
from registries.models.run import Stream
from registries.operations.run_files import receive_run_file
from registries.operations.run_streams import log_lines
from registries.operations.runs import finish_run
from registries.storage.bodies import body_of
from registries.storage.serving import guard_bytes, serve_blob
from registries.streams import Lines
from registries.wire import signing
from registries.wire.auth import actor_of
from registries.wire.errors import Malformed
from registries.wire.fields import Asking
from registries.wire.requests import base_of, body, length, on_the_wire, writer_of
from registries.wire.resolvers.run_changes import named_run

if TYPE_CHECKING:
    from accounts.requests import Request

LIMIT = 64 * 1024 * 1024
"""How large one request of lines may be: 10 MiB of them, of which each sign is escaped
with six: programs write `<` so."""
VALUES = 500_000
"""How many values it may hold: each line is one, and the shortest have 30 characters."""
STREAMS = {
    "wandb-history.jsonl": Stream.HISTORY,
    "wandb-events.jsonl": Stream.EVENTS,
    "output.log": Stream.CONSOLE,
}
SUMMARY = "wandb-summary.json"


@on_the_wire("POST")
def file_stream(request: Request, entity: str, project: str, run: str) -> HttpResponseBase:
    """Take in what a run wrote, or that it is alive, or that it ended."""
    by = request.actor = actor_of(request)
    found = named_run(Asking(by, base_of(request)), entity, project, run)
    sent = body(request, LIMIT, values=VALUES)
    files = sent.get("files") or {}
    if not isinstance(files, dict):
        raise Malformed("The files are an object, by their names.")
    lines, summary, writer = list(_lines(files)), _summary(files), writer_of(request)
    log_lines(found, lines, summary=summary, writer=writer, by=by)
    if sent.get("complete"):
        finish_run(found, exit_code=_exit_code(sent.get("exitcode")), by=by)
    return JsonResponse({})


def _exit_code(sent: Any) -> int:
    """What a process can end with; whatever else is said, it did not end well."""
    if sent is None:
        return 0
    return sent if isinstance(sent, int) and abs(sent) < 2**31 else 1


def _lines(files: dict[str, Any]) -> Iterator[Lines]:
    for name, stream in STREAMS.items():
        if name in files:
            start, lines = _chunk(files[name])
            yield Lines(stream, start, lines)


def _chunk(chunk: Any) -> tuple[int, list[str]]:
    start = chunk.get("offset") if isinstance(chunk, dict) else None
    lines = chunk.get("content") if isinstance(chunk, dict) else None
    if not isinstance(start, int) or not isinstance(lines, list):
        raise Malformed("Lines are an offset and a list of texts.")
    return start, lines


def _summary(files: dict[str, Any]) -> str | None:
    lines = _chunk(files[SUMMARY])[1] if SUMMARY in files else []
    return str(lines[-1]) if lines else None


@on_the_wire("PUT")
def run_upload(request: Request, token: str) -> HttpResponseBase:
    """Keep the bytes of a file that was promised."""
    request.actor, file = _opened(request, "run_upload", token)
    size = length(request)
    receive_run_file(file.run, file.path, body_of(request), size=size, by=request.actor)
    return JsonResponse({})


@on_the_wire("GET", "HEAD")
def run_file(request: Request, token: str) -> HttpResponseBase:
    """Send a file beside a run."""
    request.actor, file = _opened(request, "run_file", token)
    require(request.actor, TeamPermission.VIEW, file.run)
    if file.blob is None:
        raise Missing("The file has not arrived yet.")
    response = serve_blob(request, file.blob, since=file.updated_at)
    return guard_bytes(response, file.path)


def _opened(request: Request, way: str, token: str) -> tuple[Any, RunFile]:
    actor, bound = signing.opened(way, token, address=request.actor.address)
    files = RunFile.objects.select_related("run__project__entity", "blob")
    if (file := files.filter(pk=bound["file"]).first()) is None:
        raise Missing("There is no such file.")
    return actor, file
