"""Files beside a run: promised by name, then received, again and again if they change.

Those that come at the same time are kept together.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Invalid, Missing, TooLarge, authorize
from accounts.permissions import TeamPermission
from registries.models import Run, RunFile
from registries.operations.blobs import SMALL, check_room, claim
from registries.operations.runs import lock_run
from registries.operations.together import Together, Wish, judged
from registries.storage import Staged, staging

FILE_LIMIT = 100_000
"""How many files a run has at most."""
BATCH = 500


@dataclass(frozen=True, slots=True)
class Arrival:
    """A promised file of which all bytes have come."""

    run: Run
    path: str
    staged: Staged
    by: Actor


@transaction.atomic
def promise_run_files(run: Run, paths: Sequence[str], *, by: Actor) -> list[RunFile | None]:
    """Say which files will come; saying it again changes nothing.

    A path that cannot be kept has no file, the others do. Writes no event: a run that logs
    images does it with every step.
    """
    run = lock_run(run, by=by)
    wanted = [path for path in paths if _is_kept(path)]
    known = set(run.files.filter(path__in=wanted).values_list("path", flat=True))
    new = dict.fromkeys(path for path in wanted if path not in known)
    if new and run.files.count() + len(new) > FILE_LIMIT:
        raise TooLarge(f"A run has at most {FILE_LIMIT:,} files.")
    RunFile.objects.bulk_create(
        (RunFile(run=run, path=path) for path in new), batch_size=BATCH
    )
    files = _at(run, wanted)
    return [files.get(path) for path in paths]


def _is_kept(path: str) -> bool:
    try:
        text.entry_path(path)
    except Invalid:
        return False
    return True


def receive_run_file(
    run: Run, path: str, chunks: Iterable[bytes], *, size: int, by: Actor
) -> RunFile:
    """Keep the bytes of a promised file in place of what it had: all `size` of them."""
    path = text.entry_path(path)
    if size > SMALL:
        authorize(by, TeamPermission.LOG, run)
        if path not in _at(run, [path]):
            raise Missing(f"No file {path} was promised.")
    check_room(size)
    with staging(chunks, limit=size) as staged:
        if staged.size != size:
            raise Invalid("size", f"{path} was cut short: {staged.size:,} bytes came.")
        return _arrivals.do(Arrival(run, path, staged, by))


@transaction.atomic
def _keep_all(wishes: Sequence[Wish[Arrival, RunFile]]) -> None:
    """Put staged files where they were promised, judged anew: reading them took its time.

    One that is refused leaves the others alone.
    """
    for run, some in judged(wishes, lambda sent, by: lock_run(sent.run, by=by)):
        files = _at(run, {wish.value.path for wish in some})
        for wish in some:
            wish.result = files.get(wish.value.path)
            if wish.result is None:
                wish.error = Missing(f"No file {wish.value.path} was promised.")
    arrived = [wish for wish in wishes if wish.error is None]
    blobs = claim([wish.value.staged for wish in arrived])
    newest: dict[int, RunFile] = {}  # the same file may have come twice
    for wish in arrived:
        assert wish.result
        wish.result.blob = blobs[wish.value.staged.sha256]
        wish.result.updated_at = timezone.now()
        newest[wish.result.pk] = wish.result
    RunFile.objects.bulk_update(newest.values(), ["blob", "updated_at"])


def _at(run: Run, paths: Iterable[str]) -> dict[str, RunFile]:
    return {file.path: file for file in run.files.filter(path__in=list(paths))}


_arrivals = Together(_keep_all, place=lambda sent: sent.run.pk)
