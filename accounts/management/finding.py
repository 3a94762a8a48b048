"""Finding what a command names: hidden and missing say the same."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet

from accounts.actors import Actor, Invalid, Missing
from accounts.models import ApiKey, Invitation, Membership, Organization, Team, User
from accounts.models.user import UserQuerySet
from accounts.operations.invitations import is_theirs
from accounts.operations.keys import authorize_keys
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


def find_invitation(organization: Organization, email: str) -> Invitation:
    """Return the invitation of that address that is neither accepted nor revoked."""
    waiting = organization.invitations.filter(accepted_at=None, revoked_at=None)
    return _one(
        waiting.filter(email=email.strip().lower()), f"There is no invitation of {email}."
    )


def find_offer(organization: str, email: str, *, by: Actor) -> Invitation:
    """Return the actor's own open invitation; those of others say that there is none."""
    offers = Invitation.objects.open().filter(
        email=email.strip().lower(), organization__entity__names__key=fold(organization)
    )
    found = offers.select_related("organization__entity").first()
    if found is None or by.user is None or not is_theirs(found, by.user):
        raise Missing(f"There is no invitation of {email} to {organization}.")
    return found


def find_key(user: User, name: str, *, by: Actor) -> ApiKey:
    """Return the user's one live key of that name, or with those last characters."""
    authorize_keys(user, by=by)
    live = user.api_keys.live()
    found = list(live.filter(name=name)[:9]) or list(live.filter(hint=name)[:9])
    if not found:
        raise Missing(f"{user} has no live API key {name}.")
    if len(found) > 1:
        named = ", ".join(map(str, found))
        raise Invalid("name", f"Name one of these by its last four characters: {named}.")
    return found[0]


def _one[M: Model](rows: QuerySet[M], missing: str) -> M:
    found = rows.first()
    if found is None:
        raise Missing(missing)
    return found
