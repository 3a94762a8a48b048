"""Organizations and who is in them: what also makes, ends or moves registry roles."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import (
    Actor,
    Conflict,
    Denied,
    Invalid,
    Missing,
    authorize,
    refuse_read_only,
)
from accounts.events import record
from accounts.models import Entity, Membership, Organization, Team, User
from accounts.operations.invitations import end_invitations
from accounts.operations.locks import hold
from accounts.operations.memberships import is_active_now, lock_members
from accounts.operations.organizations import take_display_name
from accounts.operations.teams import add_team_member, standing_role
from accounts.operations.users import (
    authorize_installation,
    authorize_service_account,
    create_service_account_user,
    create_user,
    take_name,
)
from accounts.permissions import OrganizationPermission, Role, TeamPermission
from registries.models import AcceptedType, Registry, RegistryMember, RegistryName
from registries.models.registry import CORE
from registries.operations.members import pass_ownership
from registries.search import index_registry

LAST_ADMIN = "{organization} needs at least one active Admin, and {user} is the last one."


@transaction.atomic
def create_organization(
    name: str, display_name: str, *, admin: User | None = None, by: Actor
) -> Organization:
    """Make an organization with its core registries and its first Admin, the actor by
    default.

    Writes organization.create and membership.add.
    """
    authorize_installation(by)
    first = admin or by.user
    if first is None or not _locked(first).is_active or first.is_service_account:
        raise Invalid("admin", "An organization needs an active person as its first Admin.")
    organization = Organization.objects.create(
        entity=take_name(name, Entity.Kind.ORGANIZATION),
        display_name=text.display_name(display_name),
    )
    take_display_name(organization)
    record("organization.create", organization, by=by, organization=organization)
    _join(organization, first, Role.ADMIN, by=by)
    for core in CORE:
        _create_core(organization, core)
    return organization


def _create_core(organization: Organization, name: str) -> None:
    """Make a core registry; what pages call it leads to it too, and is taken."""
    display_name, description = CORE[name]
    registry = Registry.objects.create(
        organization=organization,
        name=name,
        description=description,
        icon=name,
        is_core=True,
        accepts_all_types=False,
    )
    AcceptedType.objects.create(registry=registry, name=name)
    index_registry(registry)
    for key in (name, display_name.lower()):
        RegistryName.objects.create(
            organization=organization, registry=registry, key=key, is_current=key == name
        )


@transaction.atomic
def set_up(
    *,
    email: str,
    full_name: str,
    username: str,
    password: str,
    organization: str,
    display_name: str,
    by: Actor,
) -> User:
    """Make the installation administrator and the first organization, once.

    Writes user.create, organization.create and membership.add.
    """
    authorize_installation(by)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_user IN SHARE ROW EXCLUSIVE MODE")
    if User.objects.exists():
        raise Conflict("This installation is set up already.")
    user = create_user(
        email=email,
        full_name=full_name,
        username=username,
        password=password,
        is_administrator=True,
        by=by,
    )
    create_organization(organization, display_name, admin=user, by=by)
    return user


@transaction.atomic
def add_member(
    organization: Organization, user: User, role: str, *, by: Actor
) -> Membership:
    """Put a person into an organization, or change their role.

    Writes membership.add or membership.change_role.
    """
    organization = lock_members(organization)
    authorize(by, OrganizationPermission.MANAGE_PEOPLE, organization)
    role = standing_role(role)
    if not is_active_now(user):
        raise Invalid("user", f"{user} is deactivated.")
    present = organization.memberships.filter(user=user).first()
    if present is not None:
        return change_organization_role(present, role, by=by)
    if user.is_service_account:
        raise Invalid("user", f"{user} is a service account of another organization.")
    return _join(organization, user, role, by=by)


def _join(organization: Organization, user: User, role: Role, *, by: Actor) -> Membership:
    membership = Membership.objects.create(organization=organization, user=user, role=role)
    _record("membership.add", membership, by=by, after=role)
    return membership


@transaction.atomic
def change_organization_role(membership: Membership, role: str, *, by: Actor) -> Membership:
    """Change somebody's organization role. Writes membership.change_role."""
    organization = lock_members(membership.organization)
    authorize(by, OrganizationPermission.MANAGE_PEOPLE, organization)
    role = standing_role(role)
    membership = _present(organization, membership)
    if membership.user.is_service_account and role == Role.ADMIN:
        raise Invalid("role", "A service account is Viewer or Member of its organization.")
    before, membership.role = membership.role, role
    if before == role:
        return membership
    if before == Role.ADMIN:
        _keep_an_admin(membership)
    membership.save(update_fields=["role"])
    _record("membership.change_role", membership, by=by, before=before, after=role)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: Actor) -> None:
    """End everything that somebody has in an organization, at once (rules.md, section 2).

    Registries they own pass to the Admin who removes them, else to the longest-standing
    one. Writes membership.remove, and registry.move_ownership, invitation.revoke and
    api_key.revoke for each of those.
    """
    if by.user is not None and by.user.pk == membership.user_id:
        leave(membership.organization, by=by)
        return
    organization, user = lock_members(membership.organization), membership.user
    if user.is_service_account:
        authorize_service_account(user.team, organization, by=by)
    else:
        authorize(by, OrganizationPermission.MANAGE_PEOPLE, organization)
    _end(_present(organization, membership), by=by)


def _present(organization: Organization, membership: Membership) -> Membership:
    """Return the membership of a locked organization as it is now."""
    present = organization.memberships.select_related("user__entity")
    if (found := present.filter(pk=membership.pk).first()) is None:
        raise Missing(f"{membership.user} is not in {organization}.")
    return found


@transaction.atomic
def leave(organization: Organization, *, by: Actor) -> None:
    """Leave an organization by oneself, ownership moved before.

    Writes membership.remove, and invitation.revoke for each that waits for the address.
    """
    refuse_read_only(by)
    organization = lock_members(organization)
    membership = organization.memberships.filter(user=by.user).first() if by.user else None
    if membership is None:
        raise Denied(f"You are not in {organization}.")
    owned = membership.owned_registries.live().order_by("name")
    if names := ", ".join(owned.values_list("name", flat=True)):
        raise Conflict(f"Move the ownership of what you own first: {names}.")
    _end(membership, by=by)


@transaction.atomic
def deactivate_user(user: User, *, by: Actor) -> User:
    """Close an account: it leaves every organization.

    Writes user.deactivate, and what `remove_member` writes for each organization:
    membership.remove, registry.move_ownership, invitation.revoke, api_key.revoke.
    """
    authorize_installation(by)
    list(hold(Organization.objects.order_by("pk")))  # nobody adds them now
    if user.is_superuser:
        _keep_an_administrator(user)
    user = _locked(user)
    if not user.is_active:
        return user
    places = user.memberships.select_related("organization__entity")
    for membership in places.order_by("organization_id"):
        _end(membership, by=by)
    user.is_active = False
    user.save(update_fields=["is_active"])
    _revoke_keys(user, by=by)
    record("user.deactivate", user, by=by)
    return user


@transaction.atomic
def create_service_account(
    organization: Organization,
    name: str | None,
    *,
    role: str | None = None,
    team: Team | None = None,
    full_name: str = "",
    by: Actor,
) -> User:
    """Make an account for a program, optionally of one team, whose Admins manage it then.

    Without name, one is made of the full name; without role, it is Member where the actor
    may make one that is, else Viewer.

    Writes user.create and membership.add, and team_member.add for a team.
    """
    organization = lock_members(organization)
    authorize_service_account(team, organization, by=by)
    most = _most_for_a_program(organization, by=by)
    given = most if role is None else standing_role(role)
    if given is Role.ADMIN:
        raise Invalid("role", "A service account is Viewer or Member of its organization.")
    if given.rank > most.rank:
        message = f"You are {most.label} in {organization}: choose {most.label}."
        raise Invalid("role", message)
    user = create_service_account_user(name, team=team, full_name=full_name)
    record("user.create", user, by=by, organization=organization)
    membership = _join(organization, user, given, by=by)
    if team is not None:
        add_team_member(team, membership, Role.MEMBER, by=by)
    return user


@transaction.atomic
def delete_team(team: Team, *, by: Actor) -> Team:
    """End a team: its members, its roles in registries and its accounts, at once.

    Its name, projects and sources stay; the organization's Admins act for it. Writes
    membership.remove and api_key.revoke for its accounts, and team.delete.
    """
    organization = lock_members(team.organization)
    team = hold(Team.objects.all()).get(pk=team.pk)
    authorize(by, TeamPermission.MANAGE, team)
    if team.deleted_at is not None:
        raise Conflict(f"The team {team} is deleted already.")
    programs = organization.memberships.select_related("user__entity")
    for program in programs.filter(user__team=team).order_by("pk"):
        _end(program, by=by)
    team.memberships.all().delete()
    RegistryMember.objects.filter(team=team).delete()
    team.deleted_at = timezone.now()
    team.save(update_fields=["deleted_at"])
    record("team.delete", team, by=by, organization=organization)
    return team


def _end(membership: Membership, *, by: Actor) -> None:
    """Remove a membership of a locked organization, and all that hangs on it."""
    if membership.role == Role.ADMIN:
        _keep_an_admin(membership)
    heir = _heir(membership, by)
    for registry in hold(membership.owned_registries.order_by("pk")):
        pass_ownership(registry, heir, by=by)
    _record("membership.remove", membership, by=by, before=membership.role)
    user = _locked(membership.user)
    organization = membership.organization if user.is_service_account else None
    end_invitations(membership.organization, user, by=by)
    membership.delete()
    if not user.memberships.exists():
        _revoke_keys(user, organization, by=by)


def _most_for_a_program(organization: Organization, *, by: Actor) -> Role:
    """Let the Admin of a team make no program that may more than they in all of it."""
    if by.user is None or by.user.is_superuser:
        return Role.MEMBER
    own = Role(organization.memberships.get(user=by.user).role)
    return Role.MEMBER if own.rank > Role.MEMBER.rank else own


def _locked(user: User) -> User:
    """Lock the account against leaving two organizations at once, and return it."""
    return hold(User.objects.select_related("entity")).get(pk=user.pk)


def _heir(membership: Membership, by: Actor) -> Membership | None:
    """The Admin to whom the owner's registries pass: who removes, else the longest-
    standing.
    """
    admins = membership.organization.memberships.human_admins().exclude(pk=membership.pk)
    remover = admins.filter(user=by.user).first() if by.user else None
    return remover or admins.order_by("created_at", "pk").first()


def _keep_an_admin(membership: Membership) -> None:
    """Raise Conflict for the last active human Admin of the locked organization."""
    admins = membership.organization.memberships.human_admins()
    others = admins.exclude(pk=membership.pk).exists()
    if admins.filter(pk=membership.pk).exists() and not others:
        raise Conflict(
            LAST_ADMIN.format(organization=membership.organization, user=membership.user)
        )


def _keep_an_administrator(user: User) -> None:
    """Lock the installation administrators; raise Conflict when the user is the last."""
    administrators = hold(User.objects.filter(is_superuser=True))
    if [other.pk for other in administrators.filter(is_active=True).order_by("pk")] == [
        user.pk
    ]:
        raise Conflict(f"{user} is the last installation administrator.")


def _revoke_keys(
    user: User, organization: Organization | None = None, *, by: Actor
) -> None:
    """End every key; those of a program are its organization's affair."""
    for key in user.api_keys.filter(revoked_at=None):
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        before = {"user": user.username}
        record("api_key.revoke", key, by=by, organization=organization, before=before)


def _record(
    kind: str,
    membership: Membership,
    *,
    by: Actor,
    before: str | None = None,
    after: str | None = None,
) -> None:
    name = membership.user.username
    record(
        kind,
        membership,
        by=by,
        organization=membership.organization,
        before=before and {"user": name, "role": before},
        after=after and {"user": name, "role": after},
    )
