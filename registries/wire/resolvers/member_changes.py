"""Who is given a role in a registry, and whose ends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.actors import Missing
from accounts.models import Team, User
from accounts.permissions import Role
from registries.models import Registry
from registries.operations.members import add_members, change_role, remove_members
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import decode, registry_pk, row_of, rows_of

type Success = dict[str, bool]

DONE: Success = {"success": True}


def find_registry(asking: Asking, project_id: object) -> Registry:
    """Return the registry of that id, if the asker sees it; raise Missing."""
    pk = registry_pk(decode("Project", project_id))
    seen = Registry.objects.visible_to(asking.user).select_related("organization__entity")
    if pk is None or (found := seen.filter(pk=pk).first()) is None:
        raise Missing(f"There is no registry {project_id}.")
    return found


def find_user(asking: Asking, user_id: object) -> User:
    """Return the user of that id, if the asker sees them; raise Missing."""
    return row_of(_users(asking), "User", user_id)


def _users(asking: Asking) -> QuerySet[User]:
    return User.objects.visible_to(asking.user).select_related("entity")


def find_team(asking: Asking, entity_id: object) -> Team:
    """Return the team of that id, if the asker sees it; raise Missing."""
    return row_of(_teams(asking), "Entity", entity_id, by="entity_id")


def _teams(asking: Asking) -> QuerySet[Team]:
    return Team.objects.visible_to(asking.user).select_related("entity")


def _names(
    asking: Asking, user_ids: Sequence[object] | None, team_ids: Sequence[object] | None
) -> list[str]:
    """Return what the users and teams are called, each once, however often it is named."""
    users = rows_of(_users(asking), "User", user_ids or ())
    teams = rows_of(_teams(asking), "Entity", team_ids or (), by="entity_id")
    return [*(user.username for user in users), *(team.name for team in teams)]


@mutation
def create_project_members(info: Info, input: dict[str, Any]) -> Success:
    """Give users and teams the role Viewer in a registry."""
    registry = find_registry(info.context, input["project_id"])
    names = _names(info.context, input.get("user_ids"), input.get("team_ids"))
    add_members(registry, names, Role.VIEWER, by=info.context.actor)
    return DONE


@mutation
def delete_project_members(info: Info, input: dict[str, Any]) -> Success:
    """End the roles that users and teams were given in a registry."""
    registry = find_registry(info.context, input["project_id"])
    names = _names(info.context, input.get("user_ids"), input.get("team_ids"))
    remove_members(registry, names, by=info.context.actor)
    return DONE


@mutation
def update_project_member(info: Info, input: dict[str, Any]) -> Success:
    """Give a user another role in a registry."""
    registry = find_registry(info.context, input["project_id"])
    user, role = find_user(info.context, input["user_id"]), input["user_project_role"]
    change_role(registry, user, role, instead_of=None, by=info.context.actor)
    return DONE


@mutation
def update_project_team_member(info: Info, input: dict[str, Any]) -> Success:
    """Give a team another role in a registry."""
    registry = find_registry(info.context, input["project_id"])
    team, role = find_team(info.context, input["team_id"]), input["team_project_role"]
    change_role(registry, team, role, instead_of=None, by=info.context.actor)
    return DONE
