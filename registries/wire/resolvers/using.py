"""Using, linking and unlinking artifacts."""

from __future__ import annotations

from typing import Any

from accounts.actors import Invalid, Missing
from registries.models import Artifact, Registry, Version
from registries.models.registry import PREFIX
from registries.operations.links import link, unlink
from registries.operations.runs import use_artifact as use
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import decode
from registries.wire.resolvers.artifacts import (
    ArtifactNode,
    VersionNode,
    find_artifact,
    find_sent_as,
)
from registries.wire.resolvers.homes import find_home
from registries.wire.resolvers.run_changes import named_run


def artifact_or_missing(asking: Asking, artifact_id: str) -> Artifact:
    """Return the artifact of that id; raise Missing where the asker sees none."""
    found = find_artifact(asking, artifact_id)
    if found is None:
        raise Missing("There is no such artifact.")
    return found


@mutation
def use_artifact(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Note that a run used an artifact."""
    asking = info.context
    artifact = artifact_or_missing(asking, input["artifact_id"])
    run = named_run(asking, input["entity_name"], input["project_name"], input["run_name"])
    use(run, artifact, by=asking.actor)
    return {"artifact": ArtifactNode(asking, artifact)}


@mutation
def link_artifact(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Link an artifact into a registry's collection."""
    asking = info.context
    artifact = _linked(asking, input)
    entity, name = input.get("entity_name"), input.get("project_name")
    home = find_home(asking, entity, name)
    if home is None:
        raise Missing(f"There is no {_what(name)} in {entity}.")
    if not isinstance(home, Registry):
        raise Invalid("projectName", "Artifacts are linked into registries.")
    collection = input.get("artifact_portfolio_name")
    if not collection:
        raise Invalid("artifactPortfolioName", "Name the collection to link into.")
    aliases = [alias["alias"] for alias in input.get("aliases") or ()]
    version = link(artifact, home, collection, aliases=aliases, by=asking.actor)
    linked = Version.objects.with_homes().filter(pk=version.pk).first()
    if linked is None:  # somebody took it out in this moment
        raise Missing("There is no such version.")
    return {
        "version_index": linked.number,
        "artifact_membership": VersionNode(asking, linked),
    }


def _what(name: str | None) -> str:
    prefix, _, registry = (name or "").partition(PREFIX)
    return f"registry {registry}" if registry and not prefix else f"project {name}"


def _linked(asking: Asking, given: dict[str, Any]) -> Artifact:
    if given.get("artifact_id"):
        return artifact_or_missing(asking, given["artifact_id"])
    found = find_sent_as(asking, given.get("client_id") or "")
    if found is None:
        raise Missing("There is no such artifact.")
    return found


@mutation
def unlink_artifact(info: Info, input: dict[str, Any]) -> dict[str, Any]:
    """Take an artifact out of a registry's collection."""
    versions = Version.objects.visible_to(info.context.user).filter(
        artifact=decode("Artifact", input["artifact_id"]),
        collection=decode("ArtifactCollection", input["artifact_portfolio_id"]),
    )
    version = versions.with_homes().first()
    if version is None:
        raise Missing("There is no such version.")
    unlink(version, by=info.context.actor)
    return {"success": True, "artifact_id": input["artifact_id"]}
