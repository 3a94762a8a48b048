"""An organization's own settings. Making one makes registries too, so that lives there."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, authorize
from accounts.events import record
from accounts.models import EntityName, Organization
from accounts.operations.memberships import lock_members
from accounts.permissions import CREATOR_ROLES, DEFAULT_ROLES, OrganizationPermission

SHORTEST_TRASH, LONGEST_TRASH = 1, 365
FIELDS = ("display_name", "default_role", "registry_creators", "trash_days")


@transaction.atomic
def change_organization_settings(
    organization: Organization,
    *,
    display_name: str | None = None,
    default_role: str | None = None,
    registry_creators: str | None = None,
    trash_days: int | None = None,
    by: Actor,
) -> Organization:
    """Change an organization's settings; None leaves one as it is. `trash_days` is in days.

    Writes organization.change_settings.
    """
    organization = lock_members(organization)
    authorize(by, OrganizationPermission.CHANGE_SETTINGS, organization)
    before = {field: getattr(organization, field) for field in FIELDS}
    if display_name is not None and display_name != organization.display_name:
        _rename(organization, display_name)
    if default_role is not None:
        organization.default_role = _one_of(default_role, DEFAULT_ROLES, "default_role")
    if registry_creators is not None:
        creators = _one_of(registry_creators, CREATOR_ROLES, "registry_creators")
        organization.registry_creators = creators
    if trash_days is not None:
        organization.trash_days = _days(trash_days)
    after = {field: getattr(organization, field) for field in FIELDS}
    if before != after:
        organization.save(update_fields=FIELDS)
        record(
            "organization.change_settings",
            organization,
            by=by,
            organization=organization,
            before=before,
            after=after,
        )
    return organization


def take_display_name(organization: Organization) -> None:
    """Take the display name in the installation; Conflict if another entity has it."""
    key = text.fold(organization.display_name)
    if organization.entity.names.filter(key=key).exists():
        return
    try:
        with transaction.atomic():
            EntityName.objects.create(entity=organization.entity, key=key)
    except IntegrityError:
        message = f"The name {organization.display_name} is not available."
        raise Conflict(message) from None


def _rename(organization: Organization, display_name: str) -> None:
    own = text.fold(organization.name)
    before = text.fold(organization.display_name)
    organization.display_name = text.display_name(display_name)
    if before not in {own, text.fold(organization.display_name)}:
        organization.entity.names.filter(key=before).delete()
    take_display_name(organization)


def _one_of(value: str, roles: tuple[str, ...], field: str) -> str:
    if value not in roles:
        words = ", ".join(str(role) for role in roles)
        raise Invalid(field, f"The {field} is one of {words}.")
    return value


def _days(value: int) -> int:
    if not SHORTEST_TRASH <= value <= LONGEST_TRASH:
        message = f"The trash keeps things for {SHORTEST_TRASH} to {LONGEST_TRASH} days."
        raise Invalid("trash_days", message)
    return value
