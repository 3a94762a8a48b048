"""The pages of collections and versions as doors: more of the list in `doors.py`."""

from __future__ import annotations

from typing import Any

from registries.models import AliasMove, Collection, Version
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, delete_collection
from registries.operations.contents import protect_alias
from registries.operations.links import link
from registries.operations.runs import start_run
from registries.operations.seen import mark
from tests.cast import CORE, RESTRICTED
from tests.doors import Scene, holding, someone
from tests.doors_of_pages import form, of_given, of_version
from tests.factories import SYSTEM, logged_version
from tests.operations import DESCRIBED, last_move, starred
from tests.operations_of_drafts import alone, trashed


def of_source(scene: Scene, given: Any) -> dict[str, Any]:
    """The source version of what is linked, or of the version given."""
    linked = given if isinstance(given, Version) else scene.version
    version = source_of(linked)
    project = version.project
    assert project
    return {
        "entity": project.entity.name,
        "project": project.name,
        "type": version.artifact.type,
        "collection": version.collection.name,
        "number": version.number,
        "path": "weights.bin" if given is not linked else "dot.gif",
        "run": "r",
    }


def source_of(version: Version) -> Version:
    return version.artifact.versions.get(collection__registry=None)


def second_collection(scene: Scene) -> Version:
    logged = logged_version(scene.cast.other, "second", files={"a": b"second"})
    return link(logged.artifact, scene.registry, "second", by=SYSTEM)


def protected(scene: Scene) -> None:
    """Only Admins move the alias that is on the version, and another one."""
    for name in ("production", "golden"):
        protect_alias(scene.registry, name, by=SYSTEM)


def protected_move(scene: Scene) -> AliasMove:
    protected(scene)
    move: AliasMove = last_move(scene)
    return move


def in_trash(scene: Scene) -> Collection:
    return delete_collection(scene.collection, by=SYSTEM)


def tagged(scene: Scene) -> None:
    for place in (scene.collection, scene.version, source_of(scene.version)):
        add_tag(place, "vision", by=SYSTEM)


def aliased(scene: Scene) -> None:
    set_alias(source_of(scene.version), "best", by=SYSTEM)


def logged_at(scene: Scene, version: Version) -> dict[str, Any]:
    """Where a version that is nowhere linked was logged."""
    names = {"type": version.artifact.type, "collection": version.collection.name}
    return of_source(scene, None) | names | {"number": version.number}


def describes(person: str, kind: str) -> tuple[int, str] | None:
    """Who may describe the content in its project may here too, if they see it."""
    return (302, DESCRIBED) if person == "team admin" and kind != RESTRICTED else None


AT_V0 = {"alias": "production", "instead_of": "v0"}
IN_REGISTRY: dict[str, Any] = {"at": of_version, "by_htmx": 200}
MANY: dict[str, Any] = {"by_htmx": 200}
IN_PROJECT: dict[str, Any] = {"at": of_source, "by_htmx": 200, "denied": 404}

# Collections

form(
    "edit_card",
    "edit_collection",
    {"name": "renamed"},
    **IN_REGISTRY,
    writes="collection.rename",
)
form(
    "edit_card",
    "card",
    {"text": "# Card", "seen": mark("")},
    at=of_version,
    writes="collection.edit_card",
)
form("edit_card", "preview_card", {"text": "# Card"}, at=of_version, done=200)
form(
    "edit_tags",
    "tag_collection",
    {"tag": "vision, gdpr"},
    **IN_REGISTRY,
    writes="collection.add_tag collection.add_tag",
)
form(
    "edit_tags",
    "untag_collection",
    {"tag": "vision"},
    **IN_REGISTRY,
    given=tagged,
    writes="collection.remove_tag",
)
form("delete_collection", "delete_collection", **IN_REGISTRY, writes="collection.delete")
form(
    "delete_collection",
    "restore_collection",
    at=of_given,
    given=in_trash,
    denied=404,
    writes="collection.restore",
)

form(
    "delete_content",
    "restore_collection",
    at=of_given,
    variant="of a project",
    given=trashed,
    denied=404,
    writes="collection.restore",
)

# Runs

form(
    "delete_content",
    "delete_run",
    **IN_PROJECT,
    given=lambda scene: start_run(source_of(scene.version).project, "r", by=SYSTEM),
    writes="run.delete",
)

# Stars

form("view_collection", "star_registry", by_htmx=200, denied=404, writes="user.star")
form(
    "view_collection",
    "unstar_registry",
    by_htmx=200,
    denied=404,
    given=starred,
    writes="user.unstar",
)
form("view_collection", "star_collection", **IN_REGISTRY, denied=404, writes="user.star")
form(
    "view_collection",
    "unstar_collection",
    **IN_REGISTRY,
    denied=404,
    given=starred,
    writes="user.unstar",
)

# Many at once

form(
    "edit_tags",
    "change_collections",
    lambda scene, _: {"action": "tag", "tag": "vision", "pick": scene.collection.pk},
    **MANY,
    variant="to tag them",
    writes="collection.add_tag",
)
form(
    "edit_tags",
    "change_collections",
    {"action": "untag", "tag": "vision", "all": "on"},
    **MANY,
    variant="to take a tag off",
    given=tagged,
    writes="collection.remove_tag",
)
form(
    "delete_collection",
    "change_collections",
    lambda scene, _: {"action": "delete", "pick": scene.collection.pk},
    **MANY,
    variant="to delete them",
    writes="collection.delete",
)
form(
    "edit_tags",
    "change_versions",
    lambda scene, _: {"action": "tag", "tag": "vision", "pick": scene.version.pk},
    **IN_REGISTRY,
    variant="to tag them",
    writes="version.add_tag",
)
form(
    "unlink_artifact",
    "change_versions",
    {"action": "unlink", "all": "on"},
    **IN_REGISTRY,
    variant="to unlink them",
    writes="alias.remove version.unlink",
)

# Versions

form(
    "edit_description",
    "description",
    {"text": "# What it is", "seen": mark("")},
    at=of_version,
    but=describes,
    writes=DESCRIBED,
)
form(
    "edit_description",
    "preview_description",
    {"text": "# What it is"},
    at=of_version,
    done=200,
    but=lambda person, kind: (200, "") if describes(person, kind) else None,
)
form(
    "edit_tags",
    "tag_version",
    {"tag": "vision"},
    **IN_REGISTRY,
    writes="version.add_tag",
)
form(
    "edit_tags",
    "untag_version",
    {"tag": "vision"},
    **IN_REGISTRY,
    given=tagged,
    writes="version.remove_tag",
)
form(
    "link_artifact",
    "link",
    lambda scene, _: {"source": scene.version.full_name, "collection": "copy"},
    **IN_REGISTRY,
    writes="collection.create version.link",
)
form(
    "link_artifact",
    "link_into_collection",
    lambda scene, second: {"source": second.full_name},
    **IN_REGISTRY,
    given=second_collection,
    writes="version.link",
)
form(
    "link_artifact",
    "link_elsewhere",
    lambda scene, _: {"registry": scene.registry.full_name, "collection": "copy"},
    **IN_REGISTRY,
    but=holding("Viewer", answer=422),  # may link from here, and nowhere to
    writes="collection.create version.link",
)
form("unlink_artifact", "unlink", **IN_REGISTRY, writes="alias.remove version.unlink")

# Aliases

form(
    "edit_aliases",
    "add_alias",
    {"alias": "candidate", "reason": "Best so far."},
    **IN_REGISTRY,
    writes="alias.add",
)
form("edit_aliases", "remove_alias", AT_V0, **IN_REGISTRY, writes="alias.remove")
form(
    "edit_aliases",
    "undo_move",
    lambda scene, move: {"move": move.pk},
    **IN_REGISTRY,
    given=last_move,
    writes="alias.remove",
)
form(
    "protect_alias",
    "add_alias",
    {"alias": "golden"},
    **IN_REGISTRY,
    variant="that is protected",
    given=protected,
    writes="alias.add",
)
form(
    "protect_alias",
    "remove_alias",
    AT_V0,
    **IN_REGISTRY,
    variant="that is protected",
    given=protected,
    writes="alias.remove",
)
form(
    "protect_alias",
    "undo_move",
    lambda scene, move: {"move": move.pk},
    **IN_REGISTRY,
    variant="of a protected alias",
    given=protected_move,
    writes="alias.remove",
)

# Versions where they were logged

form(
    "log_artifacts",
    "description#2",
    {"text": "# What it is", "seen": mark("")},
    at=of_source,
    denied=404,
    writes=DESCRIBED,
)
form(
    "log_artifacts",
    "preview_description#2",
    {"text": "# What it is"},
    at=of_source,
    done=200,
    denied=404,
)
form(
    "log_artifacts",
    "tag_version#2",
    {"tag": "vision"},
    **IN_PROJECT,
    writes="version.add_tag",
)
form(
    "log_artifacts",
    "untag_version#2",
    {"tag": "vision"},
    **IN_PROJECT,
    given=tagged,
    writes="version.remove_tag",
)
form("log_artifacts", "add_alias#2", {"alias": "best"}, **IN_PROJECT, writes="alias.add")
form(
    "log_artifacts",
    "remove_alias#2",
    {"alias": "best", "instead_of": "v0"},
    **IN_PROJECT,
    given=aliased,
    writes="alias.remove",
)
form(
    "log_artifacts",
    "link_elsewhere#2",
    lambda scene, _: {
        "registry": scene.cast.registry(CORE).full_name,
        "collection": "copy",
    },
    **IN_PROJECT,
    but=someone("team admin", answer=422),  # is no Member of that registry
    writes="collection.create version.link",
)
form(
    "delete_content",
    "delete_source",
    at=logged_at,
    given=alone,
    by_htmx=200,
    denied=404,
    writes="collection.delete",
)
form(
    "delete_content",
    "delete_version",
    at=logged_at,
    given=alone,
    by_htmx=200,
    denied=404,
    writes="artifact.delete",
)
