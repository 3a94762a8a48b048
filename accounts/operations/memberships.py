"""Who is in an organization: what everybody waits for who counts on it."""

from __future__ import annotations

from accounts.models import Organization, User


def is_active_now(user: User) -> bool:
    """Whether the account is active, asked of the database after a lock."""
    return User.objects.filter(pk=user.pk, is_active=True).exists()


def lock_members(organization: Organization) -> Organization:
    """Lock who is in the organization, and return it as it is now.

    Taken first by whoever adds or removes somebody, and by whoever hangs a team, a role or
    a registry on a membership, so that none is given to somebody who is leaving.
    """
    organizations = Organization.objects.select_for_update(of=("self",))
    return organizations.select_related("entity").get(pk=organization.pk)
