"""Making teams and accounts, who is in teams, and keys."""

from __future__ import annotations

from typing import Any

from accounts.actors import Invalid, Missing
from accounts.models import ApiKey, Entity, Invitation, Organization, Team, TeamMembership
from accounts.operations.invitations import invite_into_team, revoke_invitation
from accounts.operations.keys import issue_api_key, revoke_api_key
from accounts.operations.profile import choose_default_entity
from accounts.operations.teams import create_team as make_team
from accounts.operations.teams import remove_team_member
from accounts.operations.users import create_user as make_user
from accounts.permissions import Role
from registries.operations.organizations import create_service_account as make_program
from registries.operations.organizations import remove_member
from registries.wire.fields import Asking, Info, mutation
from registries.wire.ids import decode, encode, row_of
from registries.wire.resolvers.member_changes import DONE, Success
from registries.wire.resolvers.people import (
    EntityNode,
    UserNode,
    find_entity,
    key_node,
    organization_of,
)

UNNAMED_KEY = "made by a program"
"""What a key is called that nobody described."""

type Input = dict[str, Any]


def _organization(asking: Asking, organization_id: object) -> Organization:
    """Return the organization that is named, or the only one: of one's own, if any is."""
    seen = Organization.objects.visible_to(asking.user).select_related("entity")
    if organization_id is not None:
        return row_of(seen, "Organization", organization_id)
    mine = seen.filter(memberships__user=asking.user)
    match list(mine[:2]) or list(seen[:2]):
        case [only]:
            return only
        case _:
            raise Invalid("organization_id", "Name the organization that the team is for.")


def _team(asking: Asking, name: str | None) -> Team:
    found = find_entity(asking, name) if name else None
    if found is None or found.kind != Entity.Kind.TEAM:
        raise Missing(f"There is no team {name}.")
    return Team.objects.select_related("organization__entity", "entity").get(entity=found)


@mutation
def create_team(info: Info, input: Input) -> dict[str, Any]:
    """Make a team in an organization."""
    organization = _organization(info.context, input.get("organization_id"))
    admin, actor = input.get("team_admin_user_name") or "", info.context.actor
    team = make_team(organization, input["team_name"], admin=admin, by=actor)
    return {"entity": EntityNode(info.context, team.entity)}


@mutation
def create_invite(info: Info, input: Input) -> dict[str, Any]:
    """Put somebody into a team, or invite them."""
    team = _team(info.context, input["entity_name"])
    name = input.get("email") or input.get("username") or ""
    role = Role.ADMIN if input.get("admin") else Role.MEMBER
    made = invite_into_team(team, name, role=role, by=info.context.actor)
    return {"invite": _invite(info.context, made)}


def _invite(asking: Asking, made: TeamMembership | Invitation) -> dict[str, Any]:
    if isinstance(made, Invitation):
        return {
            "id": encode("Invite", made.pk),
            "name": made.email,
            "email": made.email,
            "created_at": made.created_at,
            "to_user": None,
        }
    user = UserNode(asking, made.membership.user)
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "created_at": made.created_at,
        "to_user": user,
    }


@mutation
def delete_invite(info: Info, input: Input) -> Success:
    """Take somebody out of a team, or an invitation back; a team's programs end."""
    team, actor = _team(info.context, input.get("entity_name")), info.context.actor
    named = input.get("id")
    invitations = team.invitations.open().filter(pk=decode("Invite", named))
    if (invitation := invitations.first()) is not None:
        revoke_invitation(invitation, by=actor)
        return DONE
    memberships = team.organization.memberships.select_related("user__entity")
    member = memberships.filter(user=decode("User", named)).first()
    if member is None:
        raise Missing(f"There is no member {named} of the team {team}.")
    if member.user.team_id == team.pk:
        remove_member(member, by=actor)
    else:
        remove_team_member(team, member, by=actor)
    return DONE


@mutation
def create_service_account(info: Info, input: Input) -> dict[str, Any]:
    """Make the account of a program, of a team or of an organization."""
    asking, place = info.context, find_entity(info.context, input["entity_name"])
    is_place = place is not None and place.kind != Entity.Kind.USER
    organization = organization_of(asking, place) if place and is_place else None
    if organization is None:
        raise Missing(f"There is no team {input['entity_name']}.")
    team = organization.teams.select_related("entity").filter(entity=place).first()
    purpose = input["description"]
    user = make_program(organization, None, team=team, full_name=purpose, by=asking.actor)
    return {"user": UserNode(asking, user)}


@mutation
def create_user(info: Info, input: Input) -> dict[str, Any]:
    """Make a person's account, named after their e-mail address."""
    is_administrator = bool(input.get("admin"))
    actor = info.context.actor
    user = make_user(email=input["email"], is_administrator=is_administrator, by=actor)
    return {"user": UserNode(info.context, user)}


@mutation
def update_user(info: Info, input: Input) -> dict[str, Any]:
    """Choose where one's runs go unless they say otherwise."""
    asking = info.context
    if (name := input.get("default_entity")) is not None:
        choose_default_entity(asking.user, name, by=asking.actor)
    return {"user": UserNode(asking, asking.user)}


@mutation
def generate_api_key(info: Info, input: Input) -> dict[str, Any]:
    """Make a key of one's own; its secret stands where its name is otherwise.

    It expires with the key that asks for it.
    """
    asking, name = info.context, input.get("description") or UNNAMED_KEY
    until = asking.actor.key.expires_at if asking.actor.key else None
    key, secret = issue_api_key(asking.user, name=name, expires_at=until, by=asking.actor)
    return {"api_key": key_node(key) | {"name": secret}}


@mutation
def delete_api_key(info: Info, input: Input) -> Success:
    """End a key."""
    asking = info.context
    managed = ApiKey.objects.managed_by(asking.user).select_related("user__entity")
    revoke_api_key(row_of(managed, "ApiKey", input["id"]), by=asking.actor)
    return DONE
