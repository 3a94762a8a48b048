"""Read stored bytes again, and compare their digests."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from accounts.actors import Actor
from accounts.management.command import Failed, OperationCommand
from registries.management.progress import size
from registries.operations.blobs import verify_blobs


class Command(OperationCommand):
    """Verify, and say what was found."""

    help = (
        "Read stored bytes again, those checked longest ago first; exit 1 if any are wrong."
    )
    example = "verify_blobs --limit 1000"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many."""
        parser.add_argument("--limit", type=int, metavar="N", help="check at most N blobs")

    def handle(self, *, by: Actor, limit: int | None = None, **options: Any) -> None:
        """Verify and print."""
        receipt = verify_blobs(by=by, limit=limit)
        self.stdout.write(f"Checked {receipt.checked} ({size(receipt.checked_bytes)}).")
        for name in receipt.wrong:
            self.stdout.write(f"Wrong: {name}")
        for name in receipt.missing:
            self.stdout.write(f"Missing: {name}")
        if bad := len(receipt.wrong) + len(receipt.missing):
            raise Failed(f"{bad} of the stored blobs are wrong or missing.")
