"""Who is in an organization: what everybody waits for who counts on it."""

from __future__ import annotations

from django.db import connection

from accounts.models import Organization, User
from accounts.operations.locks import hold


def is_active_now(user: User) -> bool:
    """Whether the account is active, asked of the database after a lock."""
    return User.objects.filter(pk=user.pk, is_active=True).exists()


def lock_members(organization: Organization) -> Organization:
    """Lock who is in the organization, and return it as it is now.

    Taken first by whoever adds or removes somebody, and by whoever hangs a team, a role or
    a registry on a membership, so that none is given to somebody who is leaving; and by
    whoever changes in another way what somebody may do.
    """
    organizations = hold(Organization.objects.select_related("entity"))
    return organizations.get(pk=organization.pk)


def keep_members(organization_id: int) -> None:
    """Let nobody's role in the organization or its registries change before the commit.

    Taken first by whoever changes what is in a registry, many at a time: each change is
    before the loss of the role that allowed it, or refused. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM accounts_organization WHERE id = %s FOR SHARE",
                [organization_id],
            )
