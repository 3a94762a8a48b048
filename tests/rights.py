"""The tables of rules.md sections 2 and 4, copied by hand, not from the code they judge."""

from __future__ import annotations

from tests.cast import CORE, KINDS

REGISTRY_ROLES = ("R.Viewer", "Viewer", "Member", "Admin", "Owner")

REGISTRY_TABLE = """
| # | Codename | R.Viewer | Viewer | Member | Admin | Owner |
| 1 | view_collection | ✓ | ✓ | ✓ | ✓ | ✓ |
| 2 | view_artifact | ✓ | ✓ | ✓ | ✓ | ✓ |
| 3 | use_artifact | | ✓ | ✓ | ✓ | ✓ |
| 4 | download_artifact | | ✓ | ✓ | ✓ | ✓ |
| 5 | download_file | | ✓ | ✓ | ✓ | ✓ |
| 6 | search_registry | ✓ | ✓ | ✓ | ✓ | ✓ |
| 7 | view_settings | ✓ | ✓ | ✓ | ✓ | ✓ |
| 8 | create_automation | | | ✓ | ✓ | ✓ |
| 9 | notify_slack | | | ✓ | ✓ | ✓ |
| 10 | create_collection | | | ✓ | ✓ | ✓ |
| 12 | edit_card | | | ✓ | ✓ | ✓ |
| 13 | edit_description | | | ✓ | ✓ | ✓ |
| 14 | edit_tags | | | ✓ | ✓ | ✓ |
| 15 | edit_aliases | | | ✓ | ✓ | ✓ |
| 16 | link_artifact | | | ✓ | ✓ | ✓ |
| 17 | append_types | | | ✓ | ✓ | ✓ |
| 18 | edit_registry | | | ✓ | ✓ | ✓ |
| 19 | delete_collection | | | ✓ | ✓ | ✓ |
| 20 | delete_automation | | | ✓ | ✓ | ✓ |
| 21 | unlink_artifact | | | ✓ | ✓ | ✓ |
| 22 | switch_types | | | | ✓ | ✓ |
| 23 | change_visibility | | | | ✓ | ✓ |
| 24 | manage_members | | | | ✓ | ✓ |
| 25 | assign_role | | | | ✓ | ✓ |
| 26 | protect_alias | | | | ✓ | ✓ |
| 27 | manage_automations | | | | ✓ | ✓ |
| 28 | delete_registry | | | | ✓ | ✓ |
| 29 | move_ownership | | | | | ✓ |
"""
READING = {
    "view_collection",
    "view_artifact",
    "use_artifact",
    "download_artifact",
    "download_file",
    "search_registry",
    "view_settings",
}
"""The group Read: whoever may, changes nothing."""
NOT_IN_CORE = {"switch_types", "change_visibility", "delete_registry", "move_ownership"}
"""Footnote 4: on core registries 22, 23, 28 and 29 do not exist."""
ORGANIZATION_ADMINS = {"organization admin", "organization admin with access"}

EFFECTIVE_ROLES = """
|                                | core     | organization | restricted |
| anonymous                      | -        | -            | -          |
| outsider                       | -        | -            | -          |
| organization viewer            | default  | default      | -          |
| organization member            | default  | default      | -          |
| team admin                     | default  | default      | -          |
| team member                    | Member   | Member       | Member     |
| restricted viewer              | R.Viewer | R.Viewer     | R.Viewer   |
| viewer                         | Viewer   | Viewer       | Viewer     |
| member                         | Member   | Member       | Member     |
| admin                          | Admin    | Admin        | Admin      |
| owner                          | default  | Owner        | Owner      |
| organization admin             | Admin    | Admin        | -          |
| organization admin with access | Admin    | Admin        | Admin      |
| service account                | Viewer   | Viewer       | Viewer     |
| deactivated                    | -        | -            | -          |
| removed                        | -        | -            | -          |
| installation administrator     | all      | all          | all        |
"""

ORGANIZATION_TABLE = """
| Codename | Viewer | Member | Admin |
| view_organization | ✓ | ✓ | ✓ |
| create_registry | | ✓ | ✓ |
| create_team | | ✓ | ✓ |
| manage_people | | | ✓ |
| manage_service_accounts | | | ✓ |
| change_settings | | | ✓ |
| manage_integrations | | | ✓ |
| view_audit_log | | | ✓ |
| take_access | | | ✓ |
"""

PROJECT_TABLE = """
| Codename | Viewer | Member | Admin |
| view_projects | ✓ | ✓ | ✓ |
| log_artifacts | | ✓ | ✓ |
| delete_content | | | ✓ |
| manage_team | | | ✓ |
"""


def cells(table: str) -> list[list[str]]:
    """The rows of a table, its head first."""
    lines = table.strip().splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def grants(table: str, *, named: int = 0) -> dict[str, set[str]]:
    """The roles that have each permission, by codename, which stands in column `named`."""
    head, *rows = cells(table)
    return {
        row[named]: {head[i] for i, cell in enumerate(row) if cell == "✓"} for row in rows
    }


REGISTRY_GRANTS = grants(REGISTRY_TABLE, named=1)
ROLES = {row[0]: dict(zip(KINDS, row[1:], strict=True)) for row in cells(EFFECTIVE_ROLES)}


def role_of(person: str, kind: str, default: str) -> str:
    """The effective role of one of the cast, in the words of the table; - for none."""
    role = ROLES[person][kind]
    return default if role == "default" else role


def has_right(person: str, codename: str, kind: str, default: str) -> bool:
    """Whether one of the cast has the permission in that registry."""
    role = role_of(person, kind, default)
    if kind == CORE and codename in NOT_IN_CORE:
        return False
    if role == "all":
        return True
    if kind == CORE and codename == "edit_registry":
        return person in ORGANIZATION_ADMINS
    if codename == "move_ownership" and person in ORGANIZATION_ADMINS:
        return role in {"Admin", "Owner"}
    return role in REGISTRY_GRANTS[codename]


ORGANIZATION_ROLES = {
    "anonymous": "-",
    "outsider": "-",
    "organization viewer": "Viewer",
    "organization member": "Member",
    "team admin": "Member",
    "team member": "Viewer",
    "restricted viewer": "Viewer",
    "viewer": "Viewer",
    "member": "Viewer",
    "admin": "Viewer",
    "owner": "Member",
    "organization admin": "Admin",
    "organization admin with access": "Admin",
    "service account": "Viewer",
    "deactivated": "-",
    "removed": "-",
    "installation administrator": "all",
}
TEAM_ROLES = {  # in the team `other`, where `added` differs: its member is a Viewer there
    "team admin": "Admin",
    "organization admin": "Admin",
    "organization admin with access": "Admin",
    "installation administrator": "all",
}
ORGANIZATION_GRANTS = grants(ORGANIZATION_TABLE)
PROJECT_GRANTS = grants(PROJECT_TABLE)


def holds(role: str, roles: set[str]) -> bool:
    """Whether the role is among those with the right; `all` is the installation's own."""
    return role == "all" or role in roles


IN_ORGANIZATION = {
    person for person, role in ORGANIZATION_ROLES.items() if role not in {"-", "all"}
}
SIGNED_IN = set(ORGANIZATION_ROLES) - {"anonymous", "deactivated"}
PERSONAL = {
    "everybody": set(ORGANIZATION_ROLES),
    "account_of_viewer": {"viewer", "installation administrator"},
    "account": SIGNED_IN,  # one's own
    "accept_invitation": {"outsider"},  # for whom it is, in the tests
    "viewer": {"viewer"},  # what is theirs alone
    "sign_up": {"anonymous", "deactivated"},  # with a link
    "installation": {"installation administrator"},
    "leave": IN_ORGANIZATION,
}
"""Rights that no role gives, with who has them."""


def is_allowed(right: str, person: str, kind: str, default: str = "Viewer") -> bool:
    """Whether one of the cast has a right of any table; in that registry, if it is one."""
    if right in REGISTRY_GRANTS:
        return has_right(person, right, kind, default)
    if right in ORGANIZATION_GRANTS:
        return holds(ORGANIZATION_ROLES[person], ORGANIZATION_GRANTS[right])
    if right in PROJECT_GRANTS:
        return holds(TEAM_ROLES.get(person, "-"), PROJECT_GRANTS[right])
    if right == "ask":  # for the role Admin: whoever has a weaker one
        return role_of(person, kind, default) in {"R.Viewer", "Viewer", "Member"}
    return person in PERSONAL[right]
