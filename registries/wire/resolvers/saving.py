"""Logging artifacts: begin, announce files, describe them, commit."""

from __future__ import annotations

import time
from base64 import b64encode
from threading import BoundedSemaphore
from typing import Any

from accounts import text
from accounts.actors import Invalid, Missing
from registries.models import Artifact, Entry, Project, Run
from registries.operations.artifacts import check_pending
from registries.operations.drafts import (
    Intent,
    Promise,
    begin_draft,
    commit_draft,
    promise_files,
    set_base,
)
from registries.operations.keeping import ttl_seconds
from registries.operations.parts import abort_parts, assemble, promise_parts
from registries.wire.fields import Asking, Info, mutation, query
from registries.wire.ids import decode, encode
from registries.wire.paging import whole
from registries.wire.resolvers.artifacts import MANIFEST, ArtifactNode, find_sent_as
from registries.wire.resolvers.files import FileNode, storage_path
from registries.wire.resolvers.home_changes import UNCATEGORIZED, project_in
from registries.wire.resolvers.runs import find_run
from registries.wire.signing import sign

ALGORITHMS = {"MANIFEST_MD5": "md5", "MANIFEST_XXH128": "xxh128"}
MANIFESTS = {
    "FULL": "ArtifactManifest",
    "PATCH": "ArtifactManifestPatch",
    "INCREMENTAL": "ArtifactManifestIncremental",
}
"""The kinds of ids of manifests, by what the manifest is."""
PATIENCE, PAUSE = 2.0, 0.05
"""For how many seconds an artifact is looked for that another one names, and how often."""
WAITING = BoundedSemaphore(8)
HEADERS = ["Content-Type:application/octet-stream"]


def find_draft(asking: Asking, artifact_id: str) -> Artifact:
    """Return an artifact that is being logged, or was, where the asker sees its project."""
    projects = Project.objects.visible_to(asking.user)
    found = Artifact.objects.filter(
        pk=decode("Artifact", artifact_id), source__project__in=projects.values("pk")
    )
    draft = found.select_related("source__project__entity__team", "twin").first()
    if draft is None:
        raise Missing("There is no such artifact.")
    return draft


@mutation
def create_artifact(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Open a draft, or answer with the version that has this content."""
    given = input
    place = given["project_name"] or UNCATEGORIZED
    project = project_in(info.context, given["entity_name"], place)
    names = given.get("artifact_collection_names") or [None]
    name = given.get("artifact_collection_name") or names[0]
    if not name:
        raise Invalid("artifactCollectionName", "Name the collection of the artifact.")
    run = _run(project, given["run_name"]) if given.get("run_name") else None
    artifact = begin_draft(project, name, _intent(given), run=run, by=info.context.actor)
    return {"artifact": ArtifactNode(info.context, artifact)}


def _intent(given: dict[str, Any]) -> Intent:
    said = {
        "description": given.get("description") or "",
        "metadata": text.parse_json(given.get("metadata") or "{}"),
        "history_step": given.get("history_step"),
        "client_id": given.get("client_id") or None,
        "distributed_id": given.get("distributed_id") or "",
        "storage_region": given.get("storage_region") or "",
    }
    return Intent(
        artifact_type=given["artifact_type_name"],
        digest=given["digest"],
        digest_algorithm=ALGORITHMS[given.get("digest_algorithm") or "MANIFEST_MD5"],
        aliases=[alias["alias"] for alias in given.get("aliases") or ()],
        tags=[tag["tag_name"] for tag in given.get("tags") or ()],
        ttl_seconds=ttl_seconds(given.get("ttl_duration_seconds")),
        **said,
    )


def _run(project: Project, name: str) -> Run:
    run = find_run(project, name)
    if run is None:
        raise Missing(f"There is no run {name} in {project}.")
    return run


@mutation
def create_artifact_files(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Promise files; answer each, in the same order, with where its bytes go."""
    specs = input["artifact_files"]
    asked: dict[str, list[dict[str, Any]]] = {}
    for spec in specs:
        asked.setdefault(spec["artifact_id"], []).append(spec)
    places: dict[tuple[str, str], tuple[Artifact, Entry]] = {}
    for artifact_id, files in asked.items():
        artifact = find_draft(info.context, artifact_id)
        promises = [Promise(s["name"], s.get("digest") or s["md5"]) for s in files]
        promised = promise_files(artifact, promises, by=info.context.actor)
        for spec, entry in zip(files, promised, strict=True):
            places[artifact_id, spec["name"]] = artifact, entry
    nodes = (
        PlaceNode(info.context, *places[spec["artifact_id"], spec["name"]], spec)
        for spec in specs
    )
    return {"files": whole(nodes)}


class PlaceNode(FileNode):
    """A file of a draft, and where its bytes go; nowhere, where they are here."""

    def __init__(
        self, asking: Asking, artifact: Artifact, entry: Entry, spec: dict[str, Any]
    ) -> None:
        super().__init__(encode("File", entry.pk), entry.path)
        self.size_bytes = entry.size
        self.digest = entry.digest
        self.storage_path = storage_path(entry)
        self.upload_headers = _headers(spec["md5"])
        self.artifact = ArtifactNode(asking, artifact)
        if entry.blob_id is None:
            self.upload_url = sign(asking, "upload", e=entry.pk, m=spec["md5"])
            parts = spec.get("upload_parts_input")
            self.upload_multipart_urls = _parts(asking, entry, parts) if parts else None


def _headers(md5: str) -> list[str]:
    """Say with which headers bytes come, to be compared if their MD5 is known."""
    return [*HEADERS, f"Content-MD5:{md5}"] if md5 else HEADERS


def _parts(asking: Asking, entry: Entry, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Say where the parts of a large file go, in the order of the asker's list."""
    promise_parts(entry, [part["part_number"] for part in parts], by=asking.actor)
    places = [
        {
            "part_number": part["part_number"],
            "upload_url": sign(
                asking,
                "upload_part",
                e=entry.pk,
                n=part["part_number"],
                m=_base64(part["hex_md5"]),
            ),
        }
        for part in parts
    ]
    return {"upload_id": encode("Upload", entry.pk), "upload_url_parts": places}


def _base64(hexadecimal: str) -> str:
    try:
        return b64encode(bytes.fromhex(hexadecimal)).decode()
    except ValueError:
        raise Invalid("hexMD5", "The MD5 of a part is not hexadecimal.") from None


@mutation
def complete_multipart_upload_artifact(
    info: Info,
    input: dict[str, Any],
) -> dict[str, Any]:
    """Put a file together of its parts, or give them up."""
    asking = info.context
    artifact = find_draft(asking, input["artifact_id"])
    entries = artifact.entries.select_related("artifact__source__project__entity__team")
    entry = entries.filter(pk=decode("Upload", input["upload_id"])).first()
    if entry is None:
        raise Missing("There is no such upload.")
    if input["complete_multipart_action"] == "Abort":
        abort_parts(entry, by=asking.actor)
        return {"digest": None}
    sent = input["completed_parts"]
    claimed = {part["part_number"]: part["hex_md5"].strip('"') for part in sent}
    done = assemble(entry, claimed, by=asking.actor)
    return {"digest": done.digest}


@mutation
def create_artifact_manifest(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Say where the manifest of a draft goes; asked again, the same."""
    artifact = find_draft(info.context, input["artifact_id"])
    kind = input.get("type") or "FULL"
    if kind == "INCREMENTAL":
        _set_base(info.context, artifact, input.get("base_artifact_id"))
    return _manifest(info.context, artifact, kind, input["digest"])


@mutation
def update_artifact_manifest(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Say where a manifest goes that was created without its digest."""
    for kind, noun in MANIFESTS.items():
        if pk := decode(noun, input["artifact_manifest_id"]):
            artifact = find_draft(info.context, encode("Artifact", pk))
            return _manifest(info.context, artifact, kind, input.get("digest") or "")
    raise Missing("There is no such manifest.")


def _set_base(asking: Asking, artifact: Artifact, base_id: str | None) -> None:
    base = find_draft(asking, base_id) if base_id else None
    set_base(artifact, base, by=asking.actor)


def _manifest(asking: Asking, artifact: Artifact, kind: str, digest: str) -> dict[str, Any]:
    check_pending(artifact, by=asking.actor)
    manifest_id = encode(MANIFESTS[kind], artifact.pk)
    address = sign(asking, "upload_manifest", a=artifact.pk, t=kind, m=digest)
    file = FileNode(manifest_id, MANIFEST)
    file.upload_url, file.upload_headers = address, _headers(digest)
    return {"artifact_manifest": {"id": manifest_id, "file": file}}


@mutation
def commit_artifact(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Make a version of a draft."""
    artifact = find_draft(info.context, input["artifact_id"])
    version = commit_draft(artifact, by=info.context.actor)
    return {"artifact": ArtifactNode(info.context, version.artifact)}


@query
def client_id_mapping(info: Info, client_id: str) -> dict[str, Any] | None:
    """Return the id of the artifact that its sender calls this.

    The SDK logs several beside each other, and may ask for one before it has announced it.
    """
    found = find_sent_as(info.context, client_id) or _awaited(info.context, client_id)
    return {"server_id": encode("Artifact", found.pk)} if found else None


def _awaited(asking: Asking, client_id: str) -> Artifact | None:
    """Look again for a while; for a few at once only, who could fill the server."""
    until, found = time.monotonic() + PATIENCE, None
    if not (text.is_askable(client_id) and WAITING.acquire(blocking=False)):
        return None
    try:
        while not found and time.monotonic() < until:
            time.sleep(PAUSE)
            found = find_sent_as(asking, client_id)
    finally:
        WAITING.release()
    return found
