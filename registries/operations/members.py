"""Who has which role in a registry, and who owns it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, Missing, authorize, forget
from accounts.events import record as record_account
from accounts.jobs import enqueue
from accounts.models import Membership, Team, User
from accounts.operations.locks import hold
from accounts.operations.memberships import is_active_now, keep_members, lock_members
from accounts.permissions import Role
from registries.backends import role_in
from registries.events import record
from registries.models import Registry, RegistryMember
from registries.permissions import GIVEN_ROLES, Permission

NO_MEMBER = "There is no such member of this organization."
MOST_NAMES = 100
"""How many people and teams are added at once."""


def locked(registry: Registry) -> Registry:
    """Lock the live registry against everybody who changes it, and return it."""
    keep_members(registry.organization_id)
    found = hold(Registry.objects.live().filter(pk=registry.pk))
    if (live := found.select_related("organization__entity").first()) is None:
        raise Missing(f"There is no registry {registry}.")
    return live


def locked_with_members(registry: Registry) -> Registry:
    """Lock who is in the registry's organization first, and then the registry."""
    lock_members(registry.organization)
    return locked(registry)


def refuse_core(registry: Registry, sentence: str, *, by: Actor) -> None:
    """Raise Conflict for a core registry, which has no such permission at all."""
    if registry.is_core:
        authorize(by, Permission.VIEW_SETTINGS, registry)
        raise Conflict(sentence)


@transaction.atomic
def set_role(
    registry: Registry,
    holder: User | Team,
    role: str,
    *,
    expires_at: datetime | None = None,
    reason: str = "",
    by: Actor,
) -> RegistryMember:
    """Give a user or team a role in the registry, or change the one they were given.

    Writes registry_member.add or registry_member.change_role; membership.add too, where the
    installation administrator names somebody from outside the organization.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.MANAGE_MEMBERS, registry)
    role, reason = given_role(role), text.reason(reason)
    if expires_at is not None and expires_at <= timezone.now():
        raise Invalid("expires_at", "This is over already: name a day to come.")
    place = _place(registry, holder, by=by)
    if registry.members.filter(**place).exists():
        authorize(by, Permission.ASSIGN_ROLE, registry)
    return give(registry, place, role, expires_at=expires_at, reason=reason, by=by)


@transaction.atomic
def add_members(
    registry: Registry,
    names: Sequence[str],
    role: str,
    *,
    expires_at: datetime | None = None,
    reason: str = "",
    by: Actor,
) -> list[RegistryMember]:
    """Give a role to all who are named by e-mail, username or team; else to nobody.

    Writes registry_member.add for each of them.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.MANAGE_MEMBERS, registry)
    _check_count(names)
    added = []
    for name in names:
        holder = _named(registry, name, by=by)
        _refuse_another_role(registry, holder, role)
        given = set_role(
            registry, holder, role, expires_at=expires_at, reason=reason, by=by
        )
        added.append(given)
    return added


@transaction.atomic
def change_role(
    registry: Registry,
    holder: User | Team,
    role: str,
    *,
    instead_of: str | None,
    by: Actor,
) -> RegistryMember:
    """Give a role in place of the one that was seen, empty where none was given.

    None is in place of any. Expiry and reason stay. Writes registry_member.add or
    registry_member.change_role.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.MANAGE_MEMBERS, registry)
    role = given_role(role)
    place = _place(registry, holder, by=by)
    given = registry.members.in_force().filter(**place).first()
    if given is None:
        _refuse_stale(holder, None, instead_of)
        return give(registry, place, role, by=by)
    authorize(by, Permission.ASSIGN_ROLE, registry)
    if given.role != role:
        _refuse_stale(holder, given, instead_of)
    return give(
        registry, place, role, expires_at=given.expires_at, reason=given.reason, by=by
    )


def give(
    registry: Registry,
    place: dict[str, Membership | Team],
    role: Role,
    *,
    expires_at: datetime | None = None,
    reason: str = "",
    by: Actor,
) -> RegistryMember:
    """Put the role on a membership or team, in a locked registry, and record it."""
    given = registry.members.filter(**place).first()
    before = given.role if given else None
    if given is None:
        given = RegistryMember(registry=registry, **place)
    elif (given.role, given.expires_at, given.reason) == (role, expires_at, reason):
        return given
    given.role, given.expires_at, given.reason = role, expires_at, reason
    given.save()
    verb = "add" if before is None else "change_role"
    _record(f"registry_member.{verb}", given, before, role, by=by, reason=reason)
    return given


@transaction.atomic
def remove_role(
    registry: Registry, holder: User | Team, *, instead_of: str = "", by: Actor
) -> None:
    """End the role given to a user or team: the one that was seen, where it is named.

    Writes registry_member.remove.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.MANAGE_MEMBERS, registry)
    if isinstance(holder, Team):
        given = registry.members.filter(team=holder).first()
    else:
        given = registry.members.filter(membership__user=holder).first()
        _refuse_owner(registry, holder)
    if given is None:
        raise Invalid("member", f"{holder} was given no role in {registry}.")
    if instead_of:
        _refuse_stale(holder, given, instead_of)
    _record("registry_member.remove", given, given.role, None, by=by)
    given.delete()


@transaction.atomic
def remove_members(registry: Registry, names: Sequence[str], *, by: Actor) -> None:
    """End the roles given to all who are named by e-mail, username or team; else none.

    Writes registry_member.remove for each of them.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.MANAGE_MEMBERS, registry)
    _check_count(names)
    for name in names:
        remove_role(registry, _named(registry, name, by=by), by=by)


@transaction.atomic
def move_ownership(registry: Registry, user: User, *, by: Actor) -> Registry:
    """Make somebody with access the Owner; the previous one becomes Admin.

    Writes registry.move_ownership.
    """
    registry = locked_with_members(registry)
    refuse_core(registry, "A core registry has no owner.", by=by)
    authorize(by, Permission.MOVE_OWNERSHIP, registry)
    forget(user)
    owner = registry.organization.memberships.filter(user=user).first()
    if owner is None or role_in(registry, user) is None:
        raise Invalid("owner", f"{user} has no access to {registry}.")
    if user.is_service_account:
        raise Invalid("owner", "A service account cannot own a registry.")
    previous = registry.owner
    if previous != owner:
        pass_ownership(registry, owner, by=by)
        registry.members.create(membership=previous, role=Role.ADMIN)
    return registry


def pass_ownership(registry: Registry, owner: Membership | None, *, by: Actor) -> None:
    """Put another Owner on a locked registry, whatever their role, and tell its Admins."""
    previous = registry.owner
    if owner is None:
        raise Conflict(f"Nobody can take over the registry {registry}.")
    registry.owner = owner
    registry.save(update_fields=["owner"])
    registry.members.filter(membership=owner).delete()
    event = record(
        "registry.move_ownership",
        registry,
        by=by,
        before={"owner": previous.user.username if previous else None},
        after={"owner": owner.user.username},
    )
    enqueue("announce", event=event.pk)


def given_role(value: str, field: str = "role") -> Role:
    """Return a role that can be given in a registry."""
    if value not in {role.value for role in GIVEN_ROLES}:
        words = ", ".join(role.value for role in GIVEN_ROLES)
        raise Invalid(field, f"The role is one of {words}.")
    return Role(value)


def _check_count(names: Sequence[str]) -> None:
    if not 0 < len(names) <= MOST_NAMES:
        raise Invalid("member", f"Name 1 to {MOST_NAMES} people or teams.")


def _named(registry: Registry, name: str, *, by: Actor) -> User | Team:
    """The person or team of that name; one sentence for all who are not here."""
    teams = registry.organization.teams.live().select_related("entity")
    team = text.is_askable(name) and teams.filter(entity__names__key=text.fold(name))
    user = User.objects.select_related("entity").named(name)
    holder = (team and team.first()) or user.first()
    try:
        if holder is not None:
            _place(registry, holder, by=by)
            return holder
    except Invalid:
        pass
    raise Invalid("member", f"{name}: {NO_MEMBER}")


def _refuse_another_role(registry: Registry, holder: User | Team, role: str) -> None:
    place = {"team": holder} if isinstance(holder, Team) else {"membership__user": holder}
    given = registry.members.in_force().filter(**place).exclude(role=role).first()
    if given is not None:
        label = Role(given.role).label
        raise Conflict(f"{holder} was given the role {label} already: change it there.")


def _refuse_stale(
    holder: User | Team, given: RegistryMember | None, instead_of: str | None
) -> None:
    """Raise Conflict where the role is not the one any more that somebody looked at."""
    present = given.role if given else ""
    if instead_of in {None, present}:
        return
    now = f"the role {Role(present).label}" if present else "no role given here"
    raise Conflict(f"Somebody else changed this meanwhile: {holder} has {now}.")


def _place(
    registry: Registry, holder: User | Team, *, by: Actor
) -> dict[str, Membership | Team]:
    """Where the grant hangs; one sentence for everybody who is not in the organization."""
    if isinstance(holder, Team):
        if not registry.organization.teams.live().filter(pk=holder.pk).exists():
            raise Invalid("member", NO_MEMBER)
        return {"team": holder}
    membership = registry.organization.memberships.filter(
        user=holder, user__is_active=True
    ).first()
    membership = membership or _bring_in(registry, holder, by=by)
    _refuse_owner(registry, holder)
    return {"membership": membership}


def _refuse_owner(registry: Registry, user: User) -> None:
    if registry.owner is not None and registry.owner.user_id == user.pk:
        raise Conflict(f"{user} owns {registry}: move the ownership first.")


def _bring_in(registry: Registry, user: User, *, by: Actor) -> Membership:
    """Let the installation administrator name somebody from outside: a Member first."""
    is_administrator = by.is_system or (by.user is not None and by.user.is_superuser)
    if not is_administrator or not is_active_now(user) or user.is_service_account:
        raise Invalid("member", NO_MEMBER)
    organization = registry.organization
    membership = Membership.objects.create(
        organization=organization, user=user, role=Role.MEMBER
    )
    after = {"user": user.username, "role": Role.MEMBER}
    record_account(
        "membership.add", membership, by=by, organization=organization, after=after
    )
    return membership


def _record(
    kind: str,
    given: RegistryMember,
    before: str | None,
    after: str | None,
    *,
    by: Actor,
    reason: str = "",
) -> None:
    name = given.holder
    record(
        kind,
        given.registry,
        by=by,
        before=before and {"member": name, "role": before},
        after=after and {"member": name, "role": after},
        reason=reason,
    )
