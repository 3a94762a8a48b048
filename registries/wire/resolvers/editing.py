"""Changing and deleting what is there: aliases, tags, words, collections."""

from __future__ import annotations

from typing import Any

from accounts import text
from accounts.actors import Missing
from registries.models import Artifact, Collection, Version
from registries.operations.aliases import remove_aliases, set_aliases
from registries.operations.collections import (
    add_tags,
    delete_collection,
    remove_tags,
)
from registries.operations.edits import Changes, change_collection, edit_artifact
from registries.operations.keeping import delete_artifact as delete
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import decode, row_of
from registries.wire.resolvers.artifacts import ArtifactNode, CollectionNode, tag_node
from registries.wire.resolvers.homes import find_home
from registries.wire.resolvers.using import artifact_or_missing

type Input = dict[str, Any]


@mutation
def add_aliases(info: Info, input: Input) -> dict[str, Any]:
    """Put aliases on an artifact's versions, all or none."""
    set_aliases(_places(info.context, input), by=info.context.actor)
    return {"success": True}


@mutation
def delete_aliases(info: Info, input: Input) -> dict[str, Any]:
    """Take aliases off an artifact's versions, all or none."""
    remove_aliases(_places(info.context, input), by=info.context.actor)
    return {"success": True}


def _places(asking: Asking, given: Input) -> list[tuple[Version, str]]:
    """Return which alias goes to which version."""
    places = []
    for alias in text.some(given["aliases"], "aliases"):
        collection = _named(
            asking,
            alias["entity_name"],
            alias["project_name"],
            alias["artifact_collection_name"],
        )
        versions = collection.versions.committed().with_homes()
        version = versions.filter(artifact=decode("Artifact", given["artifact_id"])).first()
        if version is None:
            raise Missing(f"{collection} has no such version.")
        places.append((version, alias["alias"]))
    return places


def _named(asking: Asking, entity: str, project: str, name: str) -> Collection:
    home = find_home(asking, entity, project)
    found = home.collections.named(name).first() if home else None
    if found is None:
        raise Missing(f"There is no collection {name} in {project}.")
    return found


@mutation
def update_artifact(info: Info, input: Input) -> dict[str, Any]:
    """Change what is given of an artifact; what is not stays."""
    artifact = artifact_or_missing(info.context, input["artifact_id"])
    metadata = input.get("metadata")
    changes = Changes(
        description=input.get("description"),
        metadata=None if metadata is None else text.parse_json(metadata),
        ttl_seconds=input.get("ttl_duration_seconds"),
        tags_to_add=[tag["tag_name"] for tag in input.get("tags_to_add") or ()],
        tags_to_remove=[tag["tag_name"] for tag in input.get("tags_to_delete") or ()],
    )
    edit_artifact(artifact, changes, by=info.context.actor)
    changed = Artifact.objects.get(pk=artifact.pk)
    return {"artifact": ArtifactNode(info.context, changed)}


@mutation
def delete_artifact(info: Info, input: Input) -> dict[str, Any]:
    """Delete an artifact for good."""
    artifact = artifact_or_missing(info.context, input["artifact_id"])
    node = ArtifactNode(info.context, artifact)
    with_aliases = bool(input.get("delete_aliases"))
    delete(artifact, with_aliases=with_aliases, by=info.context.actor)
    return {"artifact": node}


def _collection(asking: Asking, collection_id: str) -> Collection:
    seen = Collection.objects.visible_to(asking.user).select_related(
        "registry__organization__entity", "project__entity__team"
    )
    return row_of(seen, "ArtifactCollection", collection_id)


@mutation
def update_artifact_sequence(info: Info, input: Input) -> dict[str, Any]:
    """Change name and description of a collection."""
    return _update(info.context, input["artifact_sequence_id"], input)


@mutation
def update_artifact_portfolio(info: Info, input: Input) -> dict[str, Any]:
    """Change name and description of a collection."""
    return _update(info.context, input["artifact_portfolio_id"], input)


def _update(asking: Asking, collection_id: str, given: Input) -> dict[str, Any]:
    collection = change_collection(
        _collection(asking, collection_id),
        name=given.get("name"),
        description=given.get("description"),
        by=asking.actor,
    )
    return {"artifact_collection": CollectionNode(asking, collection)}


@mutation
def move_artifact_sequence(info: Info, input: Input) -> dict[str, Any]:
    """Change the type of a collection that has no version yet."""
    collection = change_collection(
        _collection(info.context, input["artifact_sequence_id"]),
        artifact_type=input["destination_artifact_type_name"],
        by=info.context.actor,
    )
    return {"artifact_collection": CollectionNode(info.context, collection)}


@mutation
def delete_artifact_sequence(info: Info, input: Input) -> dict[str, Any]:
    """Put a collection into the trash."""
    return _delete(info.context, input["artifact_sequence_id"])


@mutation
def delete_artifact_portfolio(info: Info, input: Input) -> dict[str, Any]:
    """Put a collection into the trash."""
    return _delete(info.context, input["artifact_portfolio_id"])


def _delete(asking: Asking, collection_id: str) -> dict[str, Any]:
    collection = _collection(asking, collection_id)
    delete_collection(collection, by=asking.actor)
    node = CollectionNode(asking, collection)
    node.state = "DELETED"
    return {"artifact_collection": node}


@mutation
def create_artifact_collection_tag_assignments(
    info: Info,
    input: Input,
) -> dict[str, Any]:
    """Put tags on a collection."""
    collection = _tagged(info.context, input)
    names = [tag["tag_name"] for tag in input["tags"]]
    tags = add_tags(collection, names, by=info.context.actor)
    return {"tags": [tag_node(tag) for tag in tags]}


@mutation
def delete_artifact_collection_tag_assignments(
    info: Info,
    input: Input,
) -> dict[str, Any]:
    """Take tags off a collection."""
    collection = _tagged(info.context, input)
    names = [tag["tag_name"] for tag in input["tags"]]
    remove_tags(collection, names, by=info.context.actor)
    return {"success": True}


def _tagged(asking: Asking, given: Input) -> Collection:
    return _named(
        asking,
        given["entity_name"],
        given["project_name"],
        given["artifact_collection_name"],
    )
