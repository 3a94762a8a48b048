"""Role words, and what roles allow in organizations and teams (rules.md, 2 and 4)."""

from __future__ import annotations

from enum import StrEnum

from django.db.models import TextChoices


class Role(TextChoices):
    """All role words, weakest first. Which of them can be given depends on where."""

    RESTRICTED_VIEWER = "restricted_viewer", "Restricted Viewer"
    VIEWER = "viewer", "Viewer"
    MEMBER = "member", "Member"
    ADMIN = "admin", "Admin"
    OWNER = "owner", "Owner"

    @property
    def rank(self) -> int:
        """The place in the order, 0 for the weakest."""
        return list(type(self)).index(self)

    @classmethod
    def strongest(cls, roles: list[Role]) -> Role | None:
        """Return the strongest of the roles, None if there are none."""
        return max(roles, key=lambda role: role.rank, default=None)

    @classmethod
    def choose(cls, *roles: Role) -> list[tuple[str, str]]:
        """Return some of the roles as choices of a field."""
        return [(role.value, role.label) for role in roles]


STANDING_ROLES = (Role.VIEWER, Role.MEMBER, Role.ADMIN)
"""The roles in an organization, and in a team."""
DEFAULT_ROLES = (Role.VIEWER, Role.RESTRICTED_VIEWER)
"""What an organization may give its people in registries with visibility Organization."""
CREATOR_ROLES = (Role.MEMBER, Role.ADMIN)
"""The least organization role that may create registries."""


class OrganizationPermission(StrEnum):
    """What one may do in an organization."""

    VIEW = "accounts.view_organization"
    CREATE_REGISTRY = "accounts.create_registry"
    CREATE_TEAM = "accounts.create_team"
    MANAGE_PEOPLE = "accounts.manage_people"
    MANAGE_SERVICE_ACCOUNTS = "accounts.manage_service_accounts"
    CHANGE_SETTINGS = "accounts.change_settings"
    MANAGE_INTEGRATIONS = "accounts.manage_integrations"
    VIEW_AUDIT_LOG = "accounts.view_audit_log"
    TAKE_ACCESS = "accounts.take_access"

    @property
    def label(self) -> str:
        """The action, as a refusal names it."""
        return ORGANIZATION_TABLE[self][0]

    @property
    def minimum(self) -> Role:
        """The weakest organization role that has the permission."""
        return ORGANIZATION_TABLE[self][1]

    def needs(self, obj: object) -> str:
        """Say what the permission takes in that organization."""
        minimum = self.minimum
        if self is OrganizationPermission.CREATE_REGISTRY:
            minimum = Role(getattr(obj, "registry_creators", minimum))
        role = f"the role {minimum.label} in the organization {obj}"
        return f"{role}; an Admin of it can give it"


ORGANIZATION_TABLE: dict[OrganizationPermission, tuple[str, Role]] = {
    OrganizationPermission.VIEW: ("Seeing the organization", Role.VIEWER),
    OrganizationPermission.CREATE_REGISTRY: ("Creating a registry", Role.MEMBER),
    OrganizationPermission.CREATE_TEAM: ("Creating a team", Role.MEMBER),
    OrganizationPermission.MANAGE_PEOPLE: ("Managing people", Role.ADMIN),
    OrganizationPermission.MANAGE_SERVICE_ACCOUNTS: (
        "Managing service accounts",
        Role.ADMIN,
    ),
    OrganizationPermission.CHANGE_SETTINGS: ("Changing organization settings", Role.ADMIN),
    OrganizationPermission.MANAGE_INTEGRATIONS: (
        "Managing automations and integrations of an organization",
        Role.ADMIN,
    ),
    OrganizationPermission.VIEW_AUDIT_LOG: ("Seeing the audit log", Role.ADMIN),
    OrganizationPermission.TAKE_ACCESS: (
        "Taking access to a restricted registry",
        Role.ADMIN,
    ),
}


class TeamPermission(StrEnum):
    """What one may do in a team and in its projects."""

    VIEW = "accounts.view_projects"
    LOG = "accounts.log_artifacts"
    DELETE = "accounts.delete_content"
    MANAGE = "accounts.manage_team"

    @property
    def label(self) -> str:
        """The action, as a refusal names it."""
        return TEAM_TABLE[self][0]

    @property
    def minimum(self) -> Role:
        """The weakest team role that has the permission."""
        return TEAM_TABLE[self][1]

    def needs(self, obj: object) -> str:
        """Say what the permission takes in that team."""
        project = getattr(obj, "project", None) or obj
        team = getattr(project, "entity", obj)
        return (
            f"the role {self.minimum.label} in the team {team}; an Admin of it can give it"
        )


TEAM_TABLE: dict[TeamPermission, tuple[str, Role]] = {
    TeamPermission.VIEW: ("Seeing the team's projects", Role.VIEWER),
    TeamPermission.LOG: ("Logging artifacts", Role.MEMBER),
    TeamPermission.DELETE: ("Deleting artifacts, runs and projects", Role.ADMIN),
    TeamPermission.MANAGE: ("Managing the team", Role.ADMIN),
}


def allowed(
    permissions: type[OrganizationPermission | TeamPermission], role: Role
) -> set[str]:
    """Return the permissions of one table that the role has."""
    return {p.value for p in permissions if role.rank >= p.minimum.rank}
