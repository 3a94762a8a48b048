"""Who may do what in a registry: the only matrix (rules.md, section 4).

The backend, the templates, the help page and part of the tests derive from `TABLE`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from accounts.permissions import OrganizationPermission, Role

GIVEN_ROLES = (Role.RESTRICTED_VIEWER, Role.VIEWER, Role.MEMBER, Role.ADMIN)
"""The roles that can be given to a user or team here; Owner is moved, not given."""


class Permission(StrEnum):
    """One row of the matrix; the value is what `user.has_perm` is asked."""

    VIEW_COLLECTION = "registries.view_collection"
    VIEW_ARTIFACT = "registries.view_artifact"
    USE_ARTIFACT = "registries.use_artifact"
    DOWNLOAD_ARTIFACT = "registries.download_artifact"
    DOWNLOAD_FILE = "registries.download_file"
    SEARCH_REGISTRY = "registries.search_registry"
    VIEW_SETTINGS = "registries.view_settings"
    CREATE_AUTOMATION = "registries.create_automation"
    NOTIFY_SLACK = "registries.notify_slack"
    CREATE_COLLECTION = "registries.create_collection"
    EDIT_CARD = "registries.edit_card"
    EDIT_DESCRIPTION = "registries.edit_description"
    EDIT_TAGS = "registries.edit_tags"
    EDIT_ALIASES = "registries.edit_aliases"
    LINK_ARTIFACT = "registries.link_artifact"
    APPEND_TYPES = "registries.append_types"
    EDIT_REGISTRY = "registries.edit_registry"
    DELETE_COLLECTION = "registries.delete_collection"
    DELETE_AUTOMATION = "registries.delete_automation"
    UNLINK_ARTIFACT = "registries.unlink_artifact"
    SWITCH_TYPES = "registries.switch_types"
    CHANGE_VISIBILITY = "registries.change_visibility"
    MANAGE_MEMBERS = "registries.manage_members"
    ASSIGN_ROLE = "registries.assign_role"
    PROTECT_ALIAS = "registries.protect_alias"
    MANAGE_AUTOMATIONS = "registries.manage_automations"
    DELETE_REGISTRY = "registries.delete_registry"
    MOVE_OWNERSHIP = "registries.move_ownership"

    @property
    def row(self) -> Row:
        """The permission's row in the matrix."""
        return TABLE[self]

    @property
    def label(self) -> str:
        """The action, as a refusal names it."""
        return self.row.action

    def needs(self, obj: object) -> str:
        """Say what the permission takes in the object's registry, and who can give it."""
        registry: Any = getattr(obj, "registry", obj)
        role = self.row.minimum
        if self is Permission.EDIT_REGISTRY and getattr(registry, "is_core", False):
            return OrganizationPermission.CHANGE_SETTINGS.needs(registry.organization)
        if role is Role.OWNER:
            return f"the role Owner in the registry {registry}; its Owner can move it"
        return (
            f"the role {role.label} in the registry {registry}; an Admin of it can give it"
        )


@dataclass(frozen=True, slots=True)
class Row:
    """What the rules' table says of one permission."""

    number: int
    group: str
    minimum: Role
    wording: str
    action: str


TABLE: dict[Permission, Row] = {
    Permission.VIEW_COLLECTION: Row(
        1,
        "Read",
        Role.RESTRICTED_VIEWER,
        "View a collection's details",
        "Viewing a collection",
    ),
    Permission.VIEW_ARTIFACT: Row(
        2,
        "Read",
        Role.RESTRICTED_VIEWER,
        "View a linked artifact's details",
        "Viewing an artifact",
    ),
    Permission.USE_ARTIFACT: Row(
        3,
        "Read",
        Role.VIEWER,
        "Consume an artifact in a registry with use_artifact",
        "Using an artifact",
    ),
    Permission.DOWNLOAD_ARTIFACT: Row(
        4, "Read", Role.VIEWER, "Download a linked artifact", "Downloading"
    ),
    Permission.DOWNLOAD_FILE: Row(
        5,
        "Read",
        Role.VIEWER,
        "Download files from an artifact's file viewer",
        "Downloading a file",
    ),
    Permission.SEARCH_REGISTRY: Row(
        6, "Read", Role.RESTRICTED_VIEWER, "Search a registry", "Searching a registry"
    ),
    Permission.VIEW_SETTINGS: Row(
        7,
        "Read",
        Role.RESTRICTED_VIEWER,
        "View a registry's settings and user list",
        "Viewing the settings",
    ),
    Permission.CREATE_AUTOMATION: Row(
        8,
        "Create",
        Role.MEMBER,
        "Create a new automation for a collection",
        "Creating an automation",
    ),
    Permission.NOTIFY_SLACK: Row(
        9,
        "Create",
        Role.MEMBER,
        "Turn on Slack notifications for new version being added",
        "Turning on Slack notifications",
    ),
    Permission.CREATE_COLLECTION: Row(
        10, "Create", Role.MEMBER, "Create a new collection", "Creating a collection"
    ),
    Permission.EDIT_CARD: Row(
        12, "Update", Role.MEMBER, "Edit collection card", "Editing a collection's card"
    ),
    Permission.EDIT_DESCRIPTION: Row(
        13,
        "Update",
        Role.MEMBER,
        "Edit linked artifact description",
        "Editing an artifact's description",
    ),
    Permission.EDIT_TAGS: Row(
        14, "Update", Role.MEMBER, "Add or delete a collection's tag", "Editing tags"
    ),
    Permission.EDIT_ALIASES: Row(
        15,
        "Update",
        Role.MEMBER,
        "Add or delete an alias from a linked artifact",
        "Editing aliases",
    ),
    Permission.LINK_ARTIFACT: Row(
        16, "Update", Role.MEMBER, "Link a new artifact", "Linking an artifact"
    ),
    Permission.APPEND_TYPES: Row(
        17,
        "Update",
        Role.MEMBER,
        "Edit allowed types list for a registry",
        "Adding an accepted type",
    ),
    Permission.EDIT_REGISTRY: Row(
        18, "Update", Role.MEMBER, "Edit custom registry name", "Editing the registry"
    ),
    Permission.DELETE_COLLECTION: Row(
        19, "Delete", Role.MEMBER, "Delete a collection", "Deleting a collection"
    ),
    Permission.DELETE_AUTOMATION: Row(
        20, "Delete", Role.MEMBER, "Delete an automation", "Deleting an automation"
    ),
    Permission.UNLINK_ARTIFACT: Row(
        21,
        "Delete",
        Role.MEMBER,
        "Unlink an artifact from a registry",
        "Unlinking an artifact",
    ),
    Permission.SWITCH_TYPES: Row(
        22,
        "Admin",
        Role.ADMIN,
        "Edit accepted artifact types",
        "Switching the accepted types",
    ),
    Permission.CHANGE_VISIBILITY: Row(
        23, "Admin", Role.ADMIN, "Change registry visibility", "Changing the visibility"
    ),
    Permission.MANAGE_MEMBERS: Row(
        24, "Admin", Role.ADMIN, "Add users to a registry", "Adding and removing members"
    ),
    Permission.ASSIGN_ROLE: Row(
        25,
        "Admin",
        Role.ADMIN,
        "Assign or change a user's role in a registry",
        "Assigning a role",
    ),
    Permission.PROTECT_ALIAS: Row(
        26,
        "Admin",
        Role.ADMIN,
        "Define a protected alias; put it on or take it off a version",
        "Changing a protected alias",
    ),
    Permission.MANAGE_AUTOMATIONS: Row(
        27,
        "Admin",
        Role.ADMIN,
        "Registry-wide automations and integrations",
        "Managing registry-wide automations",
    ),
    Permission.DELETE_REGISTRY: Row(
        28, "Admin", Role.ADMIN, "Delete or restore a registry", "Deleting a registry"
    ),
    Permission.MOVE_OWNERSHIP: Row(
        29, "Admin", Role.OWNER, "Move ownership", "Moving ownership"
    ),
}

MINIMUM_ROLE: dict[Permission, Role] = {p: row.minimum for p, row in TABLE.items()}

GRANTS: dict[Role, frozenset[Permission]] = {
    role: frozenset(p for p, least in MINIMUM_ROLE.items() if role.rank >= least.rank)
    for role in Role
}

NOT_IN_CORE = frozenset(
    {
        Permission.SWITCH_TYPES,
        Permission.CHANGE_VISIBILITY,
        Permission.DELETE_REGISTRY,
        Permission.MOVE_OWNERSHIP,
    }
)
"""What core registries do not have, for nobody (footnote 4)."""
