"""What somebody owns and has in an organization: what ends when they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.models import Membership, User
from accounts.permissions import Role
from registries.models import Registry, RegistryMember

if TYPE_CHECKING:
    from accounts.requests import SignedIn


@dataclass(frozen=True, slots=True)
class Holdings:
    """All of it, as the page before the act lists it."""

    membership: Membership
    is_oneself: bool
    is_last_admin: bool
    owned: list[Registry]
    trashed: list[Registry]
    heir: User | None
    roles: list[RegistryMember]
    """Those in registries that whoever asks sees."""
    teams: list[str]
    keys: int
    """How many API keys die: those of somebody with no other organization."""

    @property
    def must_stay(self) -> bool:
        """Whether something has to be done first."""
        return self.is_last_admin or (self.is_oneself and bool(self.owned))

    @property
    def has_nothing(self) -> bool:
        """Whether nothing but the membership ends."""
        return not (self.owned or self.trashed or self.roles or self.teams or self.keys)


def held(request: SignedIn, membership: Membership) -> Holdings:
    """Return what somebody owns and has in the organization."""
    admins = membership.organization.memberships.human_admins().exclude(pk=membership.pk)
    owned = list(membership.owned_registries.order_by("name"))
    longest = admins.select_related("user__entity").order_by("created_at", "pk").first()
    others = membership.user.memberships.exclude(pk=membership.pk)
    teams = membership.team_memberships.values_list("team__entity__name", flat=True)
    return Holdings(
        membership=membership,
        is_oneself=membership.user_id == request.user.pk,
        is_last_admin=membership.role == Role.ADMIN and longest is None,
        owned=[registry for registry in owned if registry.is_live],
        trashed=[registry for registry in owned if not registry.is_live],
        heir=_heir(request, membership, longest),
        roles=_roles(request, membership),
        teams=list(teams.order_by("team__entity__name")),
        keys=0 if others.exists() else membership.user.api_keys.live().count(),
    )


def _heir(
    request: SignedIn, membership: Membership, longest: Membership | None
) -> User | None:
    """To whom what they own passes: who removes, else the longest-standing Admin."""
    admins = membership.organization.memberships.human_admins()
    mine = admins.filter(user=request.user).exclude(pk=membership.pk)
    if mine.exists():
        return request.user
    return longest.user if longest else None


def _roles(request: SignedIn, membership: Membership) -> list[RegistryMember]:
    seen = Registry.objects.visible_to(request.user)
    roles = RegistryMember.objects.in_force().filter(
        membership=membership, registry__in=seen
    )
    found = roles.select_related("registry__organization__entity")
    return list(found.order_by("registry__name"))
