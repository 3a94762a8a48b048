"""Mutations of the wire that log, link, use and change artifacts, as doors."""

from __future__ import annotations

from typing import Any

from registries.models import Artifact, Version
from registries.operations.collections import add_tag
from registries.operations.projects import ensure_project
from registries.operations.runs import start_run
from registries.wire.ids import encode
from tests.doors import Scene, someone
from tests.doors_of_wire import mutation
from tests.factories import SYSTEM, logged_version
from tests.operations import DESCRIBED
from tests.operations_of_drafts import (
    DIGEST,
    MD5,
    alone,
    begun,
    complete,
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
    writes="artifact.change_ttl version.add_tag version.remove_tag",
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
    writes="collection.edit_card collection.rename",
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
    writes="collection.edit_card collection.rename",
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
