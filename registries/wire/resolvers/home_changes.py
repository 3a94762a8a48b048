"""Making projects and registries, and changing, renaming and deleting registries."""

from __future__ import annotations

from typing import Any

from accounts.actors import Conflict, Invalid, Missing
from accounts.models import Team, User
from registries.models import Project, Registry
from registries.models.registry import PREFIX
from registries.operations.projects import ensure_project
from registries.operations.registries import (
    create_registry,
    delete_registry,
    edit_registry,
    save_registry,
)
from registries.wire.fields import Asking, Info, mutation
from registries.wire.resolvers.homes import find_home, home_node
from registries.wire.resolvers.member_changes import DONE, Success, find_registry
from registries.wire.resolvers.people import find_entity, organization_of

VISIBILITY = {
    "PRIVATE": Registry.Visibility.ORGANIZATION,
    "RESTRICTED": Registry.Visibility.RESTRICTED,
}
"""What the wire calls the visibilities."""
UNCATEGORIZED = "uncategorized"
"""Where runs and artifacts go that name no project."""

type Input = dict[str, Any]


@mutation
def upsert_model(info: Info, input: Input) -> dict[str, Any]:
    """Make a project or registry, or change the registry of that name."""
    asking, name = info.context, input.get("name") or ""
    found = find_home(asking, input.get("entity_name"), name)
    if isinstance(found, Registry):
        _refuse_former(found, name)
        home: Any = _save(asking, found, input)
    elif name.startswith(PREFIX):
        home = _create(asking, name.removeprefix(PREFIX), input)
    else:
        description = input.get("description") or ""
        entity = input.get("entity_name")
        home = project_in(asking, entity, name, description=description)
    node = home_node(asking, home)
    return {"inserted": found is None, "project": node, "model": node}


def _refuse_former(registry: Registry, name: str) -> None:
    """Raise Conflict unless the registry has this name: by a former one it is only read."""
    key = name.removeprefix(PREFIX).lower()
    if registry.names.filter(key=key, is_current=False).exists():
        raise Conflict(f"The registry {name} is called {PREFIX}{registry.name} by now.")


def _save(asking: Asking, registry: Registry, wanted: Input) -> Registry:
    return save_registry(
        registry,
        description=wanted.get("description"),
        visibility=_visibility(wanted),
        accepts_all_types=wanted.get("allow_all_artifact_types_in_registry"),
        types=_types(wanted),
        by=asking.actor,
    )


def _create(asking: Asking, name: str, wanted: Input) -> Registry:
    place = find_entity(asking, wanted.get("entity_name"))
    organization = organization_of(asking, place) if place else None
    if organization is None:
        raise Missing(f"There is no organization {wanted.get('entity_name')}.")
    types = _types(wanted)
    is_list = types or wanted.get("allow_all_artifact_types_in_registry") is False
    return create_registry(
        organization,
        name,
        description=wanted.get("description") or "",
        visibility=_visibility(wanted) or Registry.Visibility.ORGANIZATION,
        types=types if is_list else None,
        by=asking.actor,
    )


def _visibility(wanted: Input) -> str | None:
    access = wanted.get("access")
    return VISIBILITY.get(access, access) if access else None


def _types(wanted: Input) -> list[str]:
    return [each["name"] for each in wanted.get("artifact_types") or ()]


def project_in(
    asking: Asking, entity: str | None, name: str, *, description: str = ""
) -> Project:
    """Return the project of a team or person, made if missing."""
    place = find_entity(asking, entity)
    if place is None:
        raise Missing(f"There is no team or person {entity}.")
    owner: Team | User | None = getattr(place, "team", None) or getattr(place, "user", None)
    if owner is None:
        sentence = (
            f"{place} is an organization: projects and runs go to one of its teams, or a "
            f"person. Its registries begin with {PREFIX}."
        )
        raise Invalid("entity", sentence)
    return ensure_project(owner, name, description=description, by=asking.actor)


@mutation
def rename_project(info: Info, input: Input) -> dict[str, Any]:
    """Give a registry another name; the former one goes on leading to it."""
    former, name = input["old_project_name"], input["new_project_name"]
    registry = find_home(info.context, input["entity_name"], former)
    if registry is None:
        raise Missing(f"There is no {former} in {input['entity_name']}.")
    if not isinstance(registry, Registry) or not name.startswith(PREFIX):
        raise Invalid("name", f"Registries are renamed, and begin with {PREFIX}.")
    renamed = edit_registry(registry, name=name.removeprefix(PREFIX), by=info.context.actor)
    node = home_node(info.context, renamed)
    return {"inserted": False, "project": node, "model": node}


@mutation
def delete_model(info: Info, input: Input) -> Success:
    """Put a registry into the trash."""
    delete_registry(find_registry(info.context, input["id"]), by=info.context.actor)
    return DONE
