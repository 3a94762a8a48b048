"""Files beside a run: promised by name, then received, again and again if they change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Missing, TooLarge, authorize
from accounts.permissions import TeamPermission
from registries.models import Run, RunFile
from registries.operations.blobs import check_room, claim
from registries.operations.runs import lock_run
from registries.storage import Staged, store

FILE_LIMIT = 100_000
"""How many files a run has at most."""
BATCH = 500


@transaction.atomic
def promise_run_files(run: Run, paths: Sequence[str], *, by: Actor) -> list[RunFile]:
    """Say which files will come; saying it again changes nothing.

    Writes no event: a run that logs images does it with every step.
    """
    run = lock_run(run, by=by)
    wanted = [text.entry_path(path) for path in paths]
    known = set(run.files.filter(path__in=wanted).values_list("path", flat=True))
    new = dict.fromkeys(path for path in wanted if path not in known)
    if new and run.files.count() + len(new) > FILE_LIMIT:
        raise TooLarge(f"A run has at most {FILE_LIMIT:,} files.")
    RunFile.objects.bulk_create(
        (RunFile(run=run, path=path) for path in new), batch_size=BATCH
    )
    files = {file.path: file for file in run.files.filter(path__in=wanted)}
    return [files[path] for path in wanted]


def receive_run_file(
    run: Run, path: str, chunks: Iterable[bytes], *, size: int, by: Actor
) -> RunFile:
    """Keep the bytes of a promised file in place of what it had; at most `size` bytes."""
    authorize(by, TeamPermission.LOG, run)
    _promised(run, path)
    check_room(size)
    staged = store().stage(chunks, limit=size)
    try:
        return _keep(run, path, staged, by=by)
    except BaseException:
        store().discard([staged])
        raise


@transaction.atomic
def _keep(run: Run, path: str, staged: Staged, *, by: Actor) -> RunFile:
    """Judged anew: reading it took its time."""
    file = _promised(lock_run(run, by=by), path)
    file.blob = claim([staged])[staged.sha256]
    file.updated_at = timezone.now()
    file.save(update_fields=["blob", "updated_at"])
    return file


def _promised(run: Run, path: str) -> RunFile:
    if (file := run.files.filter(path=text.entry_path(path)).first()) is None:
        raise Missing(f"No file {path} was promised.")
    return file
