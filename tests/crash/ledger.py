"""What was acknowledged before a crash, and what must be true after it."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from tests.sdk.databases import Ask, looking_into

Files = dict[str, str]
"""Path to SHA-256."""

VERSION = """
    SELECT entry.path, blob.sha256 FROM registries_version version
    JOIN registries_collection collection ON collection.id = version.collection_id
    JOIN registries_registry registry ON registry.id = collection.registry_id
    JOIN registries_entry entry ON entry.artifact_id = version.artifact_id
    JOIN registries_blob blob ON blob.id = entry.blob_id
    WHERE registry.name = ? AND collection.name = ? AND version.number = ?
"""
# Each statement finds rows that must not be there.
WRONG = {
    "a version of an artifact that is not committed": """
        SELECT version.id FROM registries_version version
        JOIN registries_artifact artifact ON artifact.id = version.artifact_id
        WHERE artifact.state <> 'committed'""",
    "a committed artifact whose entries are not those it counted": """
        SELECT artifact.id FROM registries_artifact artifact
        LEFT JOIN registries_entry entry ON entry.artifact_id = artifact.id
        WHERE artifact.state = 'committed' GROUP BY artifact.id
        HAVING artifact.file_count <> count(entry.id)
            OR artifact.size <> coalesce(sum(entry.size), 0)""",
    "a committed artifact without a version where it was logged": """
        SELECT id FROM registries_artifact artifact WHERE state = 'committed'
        AND NOT EXISTS (SELECT 1 FROM registries_version version
            WHERE version.artifact_id = artifact.id
            AND version.collection_id = artifact.source_id)""",
    "numbers that are not dense": """
        SELECT collection.id FROM registries_collection collection
        JOIN registries_collectionnumber numbers
            ON numbers.key = collection.key
            AND numbers.registry_id IS NOT DISTINCT FROM collection.registry_id
            AND numbers.project_id IS NOT DISTINCT FROM collection.project_id
        LEFT JOIN registries_version version ON version.collection_id = collection.id
        GROUP BY collection.id, numbers.next
        HAVING numbers.next <> count(version.id)
            OR numbers.next <> coalesce(max(version.number), -1) + 1
            OR collection.version_count <> count(version.id)""",
    "a collection that miscounts": """
        SELECT collection.id FROM registries_collection collection
        LEFT JOIN registries_version version ON version.collection_id = collection.id
        LEFT JOIN registries_artifact artifact ON artifact.id = version.artifact_id
        GROUP BY collection.id
        HAVING collection.file_count <> coalesce(sum(artifact.file_count), 0)
            OR collection.logical_bytes <> coalesce(sum(artifact.size), 0)""",
    "a registry that miscounts": """
        SELECT registry.id FROM registries_registry registry
        LEFT JOIN registries_collection collection ON collection.registry_id = registry.id
        GROUP BY registry.id
        HAVING registry.version_count <> coalesce(sum(collection.version_count), 0)
            OR registry.file_count <> coalesce(sum(collection.file_count), 0)
            OR registry.logical_bytes <> coalesce(sum(collection.logical_bytes), 0)
            OR registry.collection_count <> count(collection.id)""",
    "a `latest` that is not on the newest version": """
        SELECT collection.id FROM registries_collection collection
        JOIN registries_version version ON version.collection_id = collection.id
        LEFT JOIN registries_alias alias
            ON alias.collection_id = collection.id AND alias.name = 'latest'
        LEFT JOIN registries_version newest ON newest.id = alias.version_id
        GROUP BY collection.id, newest.number
        HAVING newest.number IS DISTINCT FROM max(version.number)""",
    "a linked version without its event": """
        SELECT version.id FROM registries_version version
        JOIN registries_collection collection ON collection.id = version.collection_id
        WHERE collection.registry_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM accounts_event event WHERE event.kind = 'version.link'
            AND event.subject_id = version.id)""",
    "an event of a version that is not there": """
        SELECT event.id FROM accounts_event event WHERE event.kind = 'version.link'
        AND NOT EXISTS (SELECT 1 FROM registries_version version
            WHERE version.id = event.subject_id)""",
    "a custom registry without a name, an owner or its event": """
        SELECT registry.id FROM registries_registry registry WHERE NOT registry.is_core
        AND (registry.owner_id IS NULL
            OR NOT EXISTS (SELECT 1 FROM registries_registryname name
                WHERE name.registry_id = registry.id AND name.is_current)
            OR NOT EXISTS (SELECT 1 FROM accounts_event event
                WHERE event.kind = 'registry.create'
                AND event.subject_id = registry.id))""",
}


def digest(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@dataclass
class Ledger:
    """Everything that was acknowledged so far."""

    data: Path
    url: str = ""
    """The address of its PostgreSQL; without, it has an SQLite in its data folder."""
    versions: dict[str, Files] = field(default_factory=dict)
    registries: set[str] = field(default_factory=set)
    hashed: set[str] = field(default_factory=set)

    @property
    def blobs(self) -> Path:
        """The store."""
        return self.data / "blobs"

    def rows(self) -> AbstractContextManager[Ask]:
        """The database, past the product."""
        return looking_into(self.url or self.data / "accession.sqlite3")

    def check(self) -> None:
        """Assert that nothing is lost, half done, or under a wrong name."""
        self.check_files()
        with self.rows() as ask:
            if not self.url:
                assert ask("PRAGMA integrity_check", ()) == [("ok",)]
                assert ask("PRAGMA foreign_key_check", ()) == []
            for what, statement in WRONG.items():
                assert ask(statement, ()) == [], what
            self._check_blobs(ask)
            self._check_acknowledged(ask)

    def check_files(self) -> None:
        """Every file under a final name hashes to it; each is read once, for good."""
        for path in self.blobs.glob("??/*"):
            if path.name not in self.hashed:
                assert digest(path) == path.name
                self.hashed.add(path.name)

    def traces(self) -> tuple[int, int]:
        """How many artifacts are pending, and how many staged files lie about."""
        with self.rows() as ask:
            pending = "SELECT count(*) FROM registries_artifact WHERE state = 'pending'"
            ((count,),) = ask(pending, ())
        return count, len(list((self.blobs / "tmp").glob("*")))

    def _check_blobs(self, ask: Ask) -> None:
        referred = "SELECT sha256, size FROM registries_blob WHERE id IN "
        referred += "(SELECT blob_id FROM registries_entry)"
        for name, size in ask(referred, ()):
            assert (self.blobs / name[:2] / name).stat().st_size == size

    def _check_acknowledged(self, ask: Ask) -> None:
        for full_name, files in self.versions.items():
            name, _, number = full_name.partition(":v")
            _, registry, collection = name.split("/")
            found = ask(VERSION, (registry, collection, int(number)))
            assert dict(found) == files, full_name
        rows = ask("SELECT name FROM registries_registry WHERE NOT is_core", ())
        assert self.registries <= {name for (name,) in rows}
