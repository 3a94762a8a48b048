"""Mutations of the wire that log, link, use and change artifacts, as doors."""

from __future__ import annotations

from base64 import b64decode
from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from registries.models import Artifact, Version
from registries.operations.collections import add_tag
from registries.operations.projects import ensure_project
from registries.operations.runs import start_run
from registries.wire.ids import encode
from tests.doors import WIRE, Door, Scene, answer, keep, someone
from tests.doors_of_wire import ask, mutation
from tests.factories import SYSTEM, logged_version
from tests.operations import DESCRIBED
from tests.operations_of_drafts import (
    DIGEST,
    MD5,
    WORDS,
    alone,
    begun,
    complete,
    manifest,
    with_alias,
    with_tag,
)

IN_PROJECT = {"entityName": "other", "projectName": "sdk"}
IN_UPLOADS = {"entityName": "other", "projectName": "uploads"}


def of(artifact: Artifact) -> dict[str, str]:
    return {"artifactID": encode("Artifact", artifact.pk)}


def in_registry(scene: Scene) -> dict[str, str]:
    project = f"wandb-registry-{scene.registry.name}"
    return {"entityName": "acme", "projectName": project}


def named(scene: Scene, alias: str) -> dict[str, Any]:
    """An alias in the scene's collection."""
    return {
        "alias": alias,
        "artifactCollectionName": scene.collection.name,
        **in_registry(scene),
    }


def run_and_version(scene: Scene) -> Version:
    project = ensure_project(scene.cast.other, "uploads", by=SYSTEM)
    start_run(project, "r", by=SYSTEM)
    return logged_version(scene.cast.other)


def tagged_line(scene: Scene) -> Version:
    version = alone(scene)
    add_tag(version.collection, "old", by=SYSTEM)
    return version


# Bytes

FILES = """query Files($project: String!) {
  project(name: $project, entityName: "acme") {
    artifactCollection(name: "classifier") { artifactMembership(aliasName: "v0") {
      files { edges { node { name directUrl } } }
    } }
  }
}"""
MANIFEST = """query Manifest($id: ID!) {
  artifact(id: $id) { currentManifest { file { directUrl } } }
}"""
PLACE = """mutation Place($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) { files { edges { node { uploadUrl } } } }
}"""
PARTS = """mutation Parts($input: CreateArtifactFilesInput!) {
  createArtifactFiles(input: $input) { files { edges { node {
    uploadMultipartUrls { uploadUrlParts { uploadUrl } }
  } } } }
}"""
DESCRIBE = """mutation Describe($input: UpdateArtifactManifestInput!) {
  updateArtifactManifest(input: $input) { artifactManifest { file { uploadUrl } } }
}"""


def found(value: Any, *steps: Any) -> Any:
    """Go down into an answer; None where it ends."""
    for step in steps:
        if value is None:
            return None
        value = value[step]
    return value


def address_of(answered: Any, *steps: Any) -> tuple[int, str]:
    """The status of an answer of GraphQL, and the address in it; 404 where it is null."""
    if answered.status_code != 200:
        return answered.status_code, ""
    url = found(answered.json()["data"], *steps)
    return (200, urlsplit(url).path) if url else (404, "")


def fetched(scene: Scene, person: str, given: Any) -> int:
    """Ask where a file of the version is, and fetch it from there, without a key."""
    project = in_registry(scene)["projectName"]
    answered = ask(scene.program(person), FILES, project=project)
    steps = ("project", "artifactCollection", "artifactMembership", "files", "edges")
    status, path = address_of(answered, *steps, 0, "node", "directUrl")
    return answer(Client().get(path)) if path else status


def fetched_again(scene: Scene, person: str, given: Any) -> int:
    """Fetch a file by artifact and digest, as the SDK does when an address fails."""
    entry = scene.version.artifact.entries.get()
    artifact = encode("Artifact", entry.artifact_id)
    digest = b64decode(entry.digest).hex()
    path = f"/artifactsV2/default/acme/p/c/{artifact}/{artifact}/{digest}/w.bin"
    return answer(scene.program(person).get(path))


def described_by(scene: Scene, person: str, given: Any) -> int:
    answered = ask(scene.program(person), MANIFEST, **of_id(scene.version.artifact))
    steps = ("artifact", "currentManifest", "file", "directUrl")
    status, path = address_of(answered, *steps)
    return answer(Client().get(path)) if path else status


def of_id(artifact: Artifact) -> dict[str, str]:
    return {"id": encode("Artifact", artifact.pk)}


def sent(scene: Scene, person: str, draft: Artifact) -> int:
    """Ask where a file goes, and send it there, without a key."""
    promise = {**of(draft), "name": "words.txt", "md5": MD5}
    answered = ask(scene.program(person), PLACE, input={"artifactFiles": [promise]})
    steps = ("createArtifactFiles", "files", "edges", 0, "node", "uploadUrl")
    status, path = address_of(answered, *steps)
    return answer(Client().put(path, WORDS)) if path else status


def sent_manifest(scene: Scene, person: str, draft: Artifact) -> int:
    """Ask where the manifest goes, and send it there, without a key."""
    said = {"artifactManifestID": encode("ArtifactManifest", draft.pk), "digest": ""}
    answered = ask(scene.program(person), DESCRIBE, input=said)
    steps = ("updateArtifactManifest", "artifactManifest", "file", "uploadUrl")
    status, path = address_of(answered, *steps)
    return answer(Client().put(path, manifest().getvalue())) if path else status


keep(Door(right="download_artifact", kind=WIRE, place="wire:file", act=fetched))
keep(
    Door(
        right="download_artifact",
        kind=WIRE,
        place="wire:fallback",
        act=fetched_again,
        but=someone("team admin", "organization admin", answer=200),  # where it was logged
    )
)
keep(
    Door(
        right="view_artifact",
        kind=WIRE,
        place="wire:manifest",
        act=described_by,
        but=someone("team admin", "organization admin", answer=200),  # where it was logged
    )
)
keep(
    Door(
        right="log_artifacts",
        kind=WIRE,
        place="wire:upload",
        act=sent,
        given=begun,
        denied=404,
        writes="artifact.attach",
    )
)


def sent_in_parts(scene: Scene, person: str, draft: Artifact) -> int:
    """Ask where the only part of a file goes, and send it there, without a key."""
    part = {"partNumber": 1, "hexMD5": b64decode(MD5).hex()}
    promise = {**of(draft), "name": "words.txt", "md5": MD5, "uploadPartsInput": [part]}
    answered = ask(scene.program(person), PARTS, input={"artifactFiles": [promise]})
    node = ("createArtifactFiles", "files", "edges", 0, "node", "uploadMultipartUrls")
    status, path = address_of(answered, *node, "uploadUrlParts", 0, "uploadUrl")
    return answer(Client().put(path, WORDS)) if path else status


keep(
    Door(
        right="log_artifacts",
        kind=WIRE,
        place="wire:upload_part",
        act=sent_in_parts,
        given=begun,
        denied=404,
        writes="artifact.attach",
    )
)
keep(
    Door(
        right="log_artifacts",
        kind=WIRE,
        place="wire:upload_manifest",
        act=sent_manifest,
        given=begun,
        denied=404,
        is_quiet=True,
    )
)

# Logging

mutation(
    "log_artifacts",
    "createArtifact",
    {
        **IN_PROJECT,
        "artifactTypeName": "model",
        "artifactCollectionName": "words",
        "digest": DIGEST,
        "clientID": "c" * 40,
        "enableDigestDeduplication": True,
    },
    writes="project.create collection.create artifact.begin",
)
mutation(
    "log_artifacts",
    "createArtifactFiles",
    lambda scene, draft: {
        "artifactFiles": [{**of(draft), "name": "words.txt", "md5": MD5}],
        "storageLayout": "V2",
    },
    given=begun,
    denied=404,
    writes="artifact.attach",
)
mutation(
    "log_artifacts",
    "createArtifactManifest",
    lambda scene, draft: {
        **of(draft),
        **IN_PROJECT,
        "name": "wandb_manifest.json",
        "digest": "",
        "runName": "r",
        "type": "FULL",
    },
    given=begun,
    denied=404,
)
mutation(
    "log_artifacts",
    "completeMultipartUploadArtifact",
    lambda scene, draft: {
        **of(draft),
        "completeMultipartAction": "Complete",
        "completedParts": [],
        "storagePath": "wandb_artifacts/1/1",
        "uploadID": encode("Upload", draft.entries.get().pk),
    },
    given=complete,
    denied=404,
)
mutation(
    "log_artifacts",
    "commitArtifact",
    lambda scene, draft: of(draft),
    given=complete,
    denied=404,
    writes="artifact.commit alias.add version.add_tag",
)

# Using, linking, unlinking

mutation(
    "link_artifact",
    "linkArtifact",
    lambda scene, version: {
        **of(scene.version.artifact),
        **in_registry(scene),
        "artifactPortfolioName": "another",
    },
    writes="collection.create version.link",
)
mutation(
    "unlink_artifact",
    "unlinkArtifact",
    lambda scene, _: {
        **of(scene.version.artifact),
        "artifactPortfolioID": encode("ArtifactCollection", scene.collection.pk),
    },
    writes="alias.remove version.unlink",
)

# Changing

mutation(
    "edit_aliases",
    "addAliases",
    lambda scene, _: {
        **of(scene.version.artifact),
        "aliases": [named(scene, "one"), named(scene, "two")],
    },
    writes="alias.add alias.add",
)
mutation(
    "log_artifacts",
    "deleteAliases",
    lambda scene, version: {
        **of(version.artifact),
        "aliases": [{"alias": "kept", "artifactCollectionName": "alone", **IN_UPLOADS}],
    },
    given=with_alias,
    denied=404,
    writes="alias.remove",
)
mutation(
    "edit_description",
    "updateArtifact",
    lambda scene, _: {**of(scene.version.artifact), "description": "# What it is"},
    but=someone("team admin", "organization admin", answer=200, writes=DESCRIBED),
    writes=DESCRIBED,
)
mutation(
    "log_artifacts",
    "updateArtifact",
    lambda scene, version: {
        **of(version.artifact),
        "tagsToAdd": [{"tagName": "new"}],
        "tagsToDelete": [{"tagName": "old"}],
        "ttlDurationSeconds": 3600,
    },
    variant="where it was logged",
    given=with_tag,
    denied=404,
    writes="version.add_tag version.remove_tag artifact.change_ttl",
)
mutation(
    "delete_content",
    "deleteArtifact",
    lambda scene, version: {**of(version.artifact), "deleteAliases": True},
    given=with_alias,
    denied=404,
    writes="alias.remove artifact.delete",
)
mutation(
    "log_artifacts",
    "updateArtifactManifest",
    lambda scene, draft: {
        "artifactManifestID": encode("ArtifactManifest", draft.pk),
        "digest": MD5,
    },
    given=begun,
    denied=404,
)
mutation(
    "log_artifacts",
    "useArtifact",
    lambda scene, version: {**of(version.artifact), **IN_UPLOADS, "runName": "r"},
    given=run_and_version,
    denied=404,
    writes="run.use_artifact",
)


def of_line(version: Version, key: str) -> dict[str, str]:
    return {key: encode("ArtifactCollection", version.collection_id)}


mutation(
    "edit_card",
    "updateArtifactPortfolio",
    lambda scene, _: {
        **of_line(scene.version, "artifactPortfolioID"),
        "name": "renamed",
        "description": "# Card",
    },
    writes="collection.rename collection.edit_card",
)
mutation(
    "log_artifacts",
    "updateArtifactSequence",
    lambda scene, version: {
        **of_line(version, "artifactSequenceID"),
        "name": "renamed",
        "description": "# Card",
    },
    given=alone,
    denied=404,
    writes="collection.rename collection.edit_card",
)
mutation(
    "log_artifacts",
    "moveArtifactSequence",
    lambda scene, draft: {
        "artifactSequenceID": encode("ArtifactCollection", draft.source_id),
        "destinationArtifactTypeName": "dataset",
    },
    given=begun,
    denied=404,
    writes="collection.change_type",
)
mutation(
    "delete_collection",
    "deleteArtifactPortfolio",
    lambda scene, _: of_line(scene.version, "artifactPortfolioID"),
    writes="collection.delete",
)
mutation(
    "delete_content",
    "deleteArtifactSequence",
    lambda scene, version: of_line(version, "artifactSequenceID"),
    given=alone,
    denied=404,
    writes="collection.delete",
)
mutation(
    "edit_tags",
    "createArtifactCollectionTagAssignments",
    lambda scene, _: {
        **in_registry(scene),
        "artifactCollectionName": scene.collection.name,
        "tags": [{"tagName": "fresh"}],
    },
    writes="collection.add_tag",
)
mutation(
    "log_artifacts",
    "deleteArtifactCollectionTagAssignments",
    lambda scene, version: {
        **IN_UPLOADS,
        "artifactCollectionName": "alone",
        "tags": [{"tagName": "old"}],
    },
    given=tagged_line,
    denied=404,
    writes="collection.remove_tag",
)
