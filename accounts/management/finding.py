"""Finding what a command names: hidden and missing say the same."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from accounts.actors import Actor, Missing
from accounts.models import Membership, Organization, Team, User
from accounts.models.user import UserQuerySet
from accounts.text import fold


def visible(rows: Any, by: Actor) -> Any:
    """Return the rows of a queryset that the actor may see; the system sees all."""
    return rows.all() if by.is_system else rows.visible_to(by.user)


def find_user(name: str, *, by: Actor) -> User:
    """Return the user of that e-mail address or username."""
    users: UserQuerySet = visible(User.objects.select_related("entity"), by)
    return _one(users.named(name), f"There is no user {name}.")


def find_organization(name: str, *, by: Actor) -> Organization:
    """Return the organization of that name or display name."""
    organizations = visible(Organization.objects.select_related("entity"), by)
    found: QuerySet[Organization] = organizations.filter(entity__names__key=fold(name))
    return _one(found, f"There is no organization {name}.")


def find_team(organization: str, name: str, *, by: Actor) -> Team:
    """Return the live team of that name in the organization."""
    teams = visible(Team.objects.live(), by).select_related(
        "entity", "organization__entity"
    )
    found: QuerySet[Team] = teams.filter(
        entity__names__key=fold(name), organization__entity__names__key=fold(organization)
    )
    return _one(found, f"There is no team {organization}/{name}.")


def find_membership(organization: Organization, user: User) -> Membership:
    """Return the user's membership; one sentence for everybody who has none."""
    memberships = organization.memberships.select_related("user__entity")
    return _one(
        memberships.filter(user=user), "There is no such member of this organization."
    )


def _one[M: Model](rows: QuerySet[M], missing: str) -> M:
    found = rows.first()
    if found is None:
        raise Missing(missing)
    return found
