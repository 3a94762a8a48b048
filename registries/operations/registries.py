"""Making registries, and who can see them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Invalid, Missing, authorize, forget
from accounts.jobs import enqueue
from accounts.models import Membership, Organization, User
from accounts.operations.locks import hold
from accounts.operations.memberships import lock_members
from accounts.permissions import OrganizationPermission, Role
from registries.backends import role_in
from registries.events import record
from registries.models import (
    AcceptedType,
    Registry,
    RegistryMember,
    RegistryName,
)
from registries.operations.contents import (
    append_types,
    check_types,
    switch_types,
    types_there,
)
from registries.operations.members import (
    give,
    locked,
    locked_with_members,
    refuse_core,
)
from registries.permissions import Permission
from registries.search import index_registry

ICONS = (
    "registry",
    "model",
    "dataset",
    "rocket",
    "wave",
    "eye",
    "scale",
    "layers",
    "flask",
    "chart",
    "code",
    "bookmark",
)
"""The symbols of the sprite that a registry may wear."""


@transaction.atomic
def create_registry(
    organization: Organization,
    name: str,
    *,
    description: str = "",
    visibility: str = Registry.Visibility.ORGANIZATION,
    types: Sequence[str] | None = None,
    icon: str = "registry",
    owner: User | None = None,
    by: Actor,
) -> Registry:
    """Make a custom registry; its creator becomes its Owner.

    `types` None accepts all types.

    Writes registry.create.
    """
    if by.user is not None and by.user.is_service_account:
        raise Denied("A service account cannot create registries.")
    organization = lock_members(organization)
    authorize(by, OrganizationPermission.CREATE_REGISTRY, organization)
    registry = Registry(
        organization=organization,
        name=text.registry_name(name),
        description=text.text(description),
        visibility=_visibility(visibility),
        icon=_icon(icon),
        accepts_all_types=types is None,
        owner=_owner(organization, owner, by),
    )
    accepted = [] if types is None else check_types(types)
    registry.save()
    _take_name(registry, by=by)
    index_registry(registry)
    AcceptedType.objects.bulk_create(
        AcceptedType(registry=registry, name=accepted_type) for accepted_type in accepted
    )
    after = {"visibility": registry.visibility, "types": accepted or None}
    record("registry.create", registry, by=by, after=after)
    return registry


@transaction.atomic
def change_visibility(registry: Registry, visibility: str, *, by: Actor) -> Registry:
    """Open a registry to its organization, or restrict it to those who were added.

    Whoever restricts it keeps at least Admin in it, and its Owner stays Owner. Writes
    registry.change_visibility, and registry_member.add or registry_member.change_role
    where the role had to be given.
    """
    registry = locked_with_members(registry)
    always = "A core registry is always visible to the whole organization."
    refuse_core(registry, always, by=by)
    authorize(by, Permission.CHANGE_VISIBILITY, registry)
    before, registry.visibility = registry.visibility, _visibility(visibility)
    if before == registry.visibility:
        return registry
    registry.save(update_fields=["visibility"])
    record(
        "registry.change_visibility",
        registry,
        by=by,
        before=before,
        after=registry.visibility,
    )
    if registry.is_restricted and by.user is not None:
        _keep_admin(registry, by.user, by=by)
    return registry


@transaction.atomic
def take_access(registry: Registry, *, by: Actor) -> Registry:
    """Make an organization Admin Admin of a restricted registry.

    Writes registry.take_access.

    The registry's Admins are told.
    """
    registry = locked_with_members(registry)
    authorize(by, OrganizationPermission.TAKE_ACCESS, registry.organization)
    if not registry.is_restricted:
        raise Conflict(f"{registry} is not restricted: you have access already.")
    if by.user is None or not _standing(registry, by.user):
        raise Conflict(f"Only somebody in {registry.organization} can take access.")
    if _is_admin(registry, by.user):
        return registry
    _give_admin(registry, by.user)
    event = record("registry.take_access", registry, by=by, after={"role": Role.ADMIN})
    enqueue("announce", event=event.pk)
    return registry


@transaction.atomic
def edit_registry(
    registry: Registry,
    *,
    name: str | None = None,
    description: str | None = None,
    icon: str | None = None,
    by: Actor,
) -> Registry:
    """Change name, description or icon; None leaves one as it is.

    The old name goes on leading here. Writes registry.rename, registry.edit, or both.
    """
    registry = locked_with_members(registry)
    if name not in {None, registry.name}:
        fixed = "The name of a core registry is fixed: programs address it."
        refuse_core(registry, fixed, by=by)
    authorize(by, Permission.EDIT_REGISTRY, registry)
    if name is not None and name != registry.name:
        _rename(registry, text.registry_name(name), by=by)
    before = {"description": registry.description, "icon": registry.icon}
    if description is not None:
        registry.description = text.text(description)
    if icon is not None:
        registry.icon = _icon(icon)
    after = {"description": registry.description, "icon": registry.icon}
    if before != after:
        registry.save(update_fields=["description", "icon"])
        record("registry.edit", registry, by=by, before=before, after=after)
    return registry


@transaction.atomic
def save_registry(
    registry: Registry,
    *,
    description: str | None = None,
    visibility: str | None = None,
    accepts_all_types: bool | None = None,
    types: Sequence[str] = (),
    by: Actor,
) -> Registry:
    """Change all that differs, or nothing; types come to those there, None is as it is.

    Writes registry.edit, registry.append_types or registry.switch_types,
    registry.change_visibility, and what that writes.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.VIEW_SETTINGS, registry)
    if description not in {None, registry.description}:
        registry = edit_registry(registry, description=description, by=by)
    if accepts_all_types and not registry.accepts_all_types:
        registry = switch_types(registry, None, by=by)
    elif accepts_all_types is False and registry.accepts_all_types:
        registry = switch_types(registry, [*sorted(types_there(registry)), *types], by=by)
        types = ()
    if types:
        append_types(registry, types, by=by)
    if visibility not in {None, registry.visibility}:
        registry = change_visibility(registry, str(visibility), by=by)
    return registry


@transaction.atomic
def release_name(registry: Registry, name: str, *, by: Actor) -> None:
    """Give up a former name, so that another registry can take it.

    Writes registry.release_name.
    """
    registry = locked(registry)
    taken = "The names of core registries are taken in every organization."
    refuse_core(registry, taken, by=by)
    authorize(by, Permission.CHANGE_VISIBILITY, registry)
    former = registry.names.filter(key=name.lower(), is_current=False)
    if not former.delete()[0]:
        raise Invalid("name", f"{name} is not a former name of {registry}.")
    record("registry.release_name", registry, by=by, before=name)


@transaction.atomic
def delete_registry(registry: Registry, *, by: Actor) -> Registry:
    """Put a registry into the trash; its names are free. Writes registry.delete."""
    registry = locked_with_members(registry)
    refuse_core(registry, "A core registry is never deleted.", by=by)
    authorize(by, Permission.DELETE_REGISTRY, registry)
    registry.deleted_at = timezone.now()
    registry.save(update_fields=["deleted_at"])
    registry.names.update(live=False)
    record("registry.delete", registry, by=by)
    return registry


@transaction.atomic
def restore_registry(registry: Registry, *, by: Actor) -> Registry:
    """Take a registry out of the trash; former names that others took are dropped.

    Writes registry.restore.
    """
    lock_members(registry.organization)
    found = hold(Registry.objects.filter(pk=registry.pk).select_related("organization"))
    if (present := found.first()) is None:
        raise Missing(f"There is no registry {registry}.")
    registry = present
    authorize(by, Permission.DELETE_REGISTRY, registry)
    if registry.is_live:
        raise Conflict(f"{registry} is not in the trash.")
    taken = RegistryName.objects.filter(organization=registry.organization, live=True)
    registry.names.filter(is_current=False, key__in=taken.values("key")).delete()
    try:
        with transaction.atomic():
            registry.names.update(live=True)
    except IntegrityError:
        raise Conflict(
            f"The name {registry.name} is taken by another registry now."
        ) from None
    registry.deleted_at = None
    registry.save(update_fields=["deleted_at"])
    record("registry.restore", registry, by=by)
    return registry


def _rename(registry: Registry, name: str, *, by: Actor) -> None:
    before, registry.name = registry.name, name
    registry.names.filter(is_current=True).update(is_current=False)
    known = registry.names.filter(key=name.lower()).update(is_current=True)
    if not known:
        _take_name(registry, by=by)
    registry.save(update_fields=["name"])
    index_registry(registry)
    record("registry.rename", registry, by=by, before=before, after=name)


def _keep_admin(registry: Registry, user: User, *, by: Actor) -> None:
    membership = _standing(registry, user)
    if membership is not None and not _is_admin(registry, user):
        give(registry, {"membership": membership}, Role.ADMIN, by=by)


def _is_admin(registry: Registry, user: User) -> bool:
    forget(user)
    role = role_in(registry, user)
    return role is not None and role.rank >= Role.ADMIN.rank


def _standing(registry: Registry, user: User) -> Membership | None:
    return registry.organization.memberships.filter(user=user).first()


def _give_admin(registry: Registry, user: User) -> None:
    RegistryMember.objects.update_or_create(
        registry=registry,
        membership=_standing(registry, user),
        defaults={"role": Role.ADMIN, "expires_at": None},
    )
    forget(user)


def _owner(organization: Organization, owner: User | None, by: Actor) -> Membership:
    """The membership that will own it; only the installation names somebody else."""
    person = owner or by.user
    if person is None:
        raise Invalid("owner", "Name the owner of the registry.")
    stands_above = by.is_system or (by.user is not None and by.user.is_superuser)
    if person != by.user and not stands_above:
        raise Denied("Only the installation administrator names another owner.")
    membership = organization.memberships.filter(
        user=person, user__is_active=True, user__is_service_account=False
    ).first()
    if membership is None:
        raise Invalid("owner", f"The owner must be an active person in {organization}.")
    return membership


def _take_name(registry: Registry, *, by: Actor) -> None:
    try:
        with transaction.atomic():
            RegistryName.objects.create(
                organization=registry.organization,
                registry=registry,
                key=registry.name.lower(),
            )
    except IntegrityError:
        raise Conflict(_taken(registry, by=by)) from None


def _taken(registry: Registry, *, by: Actor) -> str:
    """Name the holder of a taken name only to whoever may see it."""
    seen = Registry.objects.live() if by.is_system else Registry.objects.visible_to(by.user)
    holder = seen.filter(organization=registry.organization).named(registry.name).first()
    if holder is None:
        return f"The name {registry.name} is not available."
    if registry.name.lower() not in {holder.name.lower(), holder.display_name.lower()}:
        return f"{registry.name} is a former name of the registry {holder}."
    return (
        f"{registry.organization} already has a registry named {holder}. "
        "Upper and lower case count as the same name."
    )


def _visibility(value: str) -> str:
    if value not in Registry.Visibility.values:
        raise Invalid("visibility", "The visibility is organization or restricted.")
    return Registry.Visibility(value)


def _icon(value: str) -> str:
    if value not in ICONS:
        raise Invalid("icon", f"There is no icon {value}.")
    return value
