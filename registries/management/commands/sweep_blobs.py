"""Delete bytes that nothing refers to."""

from __future__ import annotations

from typing import Any

from accounts.actors import Actor
from accounts.management.command import OperationCommand
from registries.management.progress import size
from registries.operations.artifacts import abandon_stale
from registries.operations.blobs import sweep_blobs


class Command(OperationCommand):
    """Sweep, and say what was done."""

    help = (
        "Condemn bytes that nothing refers to, and delete those condemned 26 hours ago. "
        "The worker does this by itself; the command does it now."
    )
    example = "sweep_blobs"

    def handle(self, *, by: Actor, **options: Any) -> None:
        """Sweep and print."""
        stale = abandon_stale(by=by)
        receipt = sweep_blobs(by=by)
        self.stdout.write(f"Gave up {stale} artifacts that were pending for a week.")
        self.stdout.write(
            f"Condemned {receipt.condemned}, spared {receipt.spared}, deleted "
            f"{receipt.deleted} ({size(receipt.deleted_bytes)}); cleared {receipt.orphans} "
            f"files without a row and {receipt.abandoned} abandoned uploads."
        )
