"""Pages of organizations, teams and accounts as doors: more of the list in `doors.py`."""

from __future__ import annotations

import uuid
from typing import Any

from accounts.operations.keys import issue_api_key
from tests.cast import PEOPLE
from tests.doors import NOT_SIGNED_IN, Scene, someone
from tests.doors_of_pages import Values, form, of_given, page
from tests.factories import PASSWORD, SYSTEM
from tests.operations import key_of_viewer, membership, robot_with_key
from tests.operations_of_admins import invited, invited_outsider, signed_in_elsewhere


def of_person(name: str) -> Values:
    return lambda scene, _: {"pk": membership(scene, name).pk}


def in_team(scene: Scene, _: Any) -> dict[str, Any]:
    return {"team": "other", "pk": scene.cast.other.memberships.get().pk}


def of_token(scene: Scene, given: Any) -> dict[str, Any]:
    return {"token": given.token}


def new_key(scene: Scene, _: Any) -> dict[str, Any]:
    return {"name": "laptop", "days": "30", "once": uuid.uuid4()}


def key_of_robot(scene: Scene) -> Any:
    return issue_api_key(scene.person("service account"), name="ci", by=SYSTEM)[0]


def of_robots_key(scene: Scene, given: Any) -> dict[str, Any]:
    return {"name": given.user.username, "pk": given.pk}


def of_robot(scene: Scene, given: Any) -> dict[str, Any]:
    return {"name": given.user.username}


ROBOT = {"name": "the-service-account"}
NOT_THEIRS = someone("team admin", answer=404)
"""They manage the accounts of their team."""

# An organization

page("view_organization", "home")
form(
    "create_registry",
    "create",
    {"name": "Fraud", "visibility": "restricted", "accepted": "all", "icon": "eye"},
    writes="registry.create",
    but=someone("installation administrator", answer=422),
)
form(
    "change_settings",
    "organization:settings",
    {
        "display_name": "Acme",
        "default_role": "viewer",
        "registry_creators": "admin",
        "trash_days": 7,
    },
    writes="organization.change_settings",
)
form(
    "take_access",
    "organization:take",
    writes="registry.take_access",
    at=lambda scene, _: {"pk": scene.registry.pk},
    but=lambda person, kind: {
        "organization admin with access": (302, ""),
        "installation administrator": (409, ""),
    }.get(person),
)
form(
    "manage_people",
    "people:invite",
    {"email": "new@example.org", "role": "viewer"},
    writes="invitation.create",
)
form(
    "manage_people",
    "people:resend",
    writes="invitation.resend",
    at=of_given,
    given=invited,
)
form(
    "manage_people",
    "people:revoke",
    writes="invitation.revoke",
    at=of_given,
    given=invited,
)
form(
    "manage_people",
    "people:role",
    {"role": "member"},
    writes="membership.change_role",
    at=of_person("viewer"),
)
form(
    "manage_people",
    "people:remove",
    writes="membership.remove",
    at=of_person("team member"),
    but=someone("team member", answer=302, writes="membership.remove"),
)

# Teams

form(
    "create_team",
    "teams:create",
    {"name": "third"},
    writes="team.create team_member.add",
    but=someone("installation administrator", answer=302, writes="team.create"),
)
form(
    "manage_team",
    "teams:add",
    {"member": "the-viewer", "role": "member"},
    writes="team_member.add",
    at={"team": "other"},
)
form(
    "manage_team",
    "teams:role",
    {"role": "member"},
    by_htmx=200,
    writes="team_member.change_role",
    at=in_team,
)
form("manage_team", "teams:remove", writes="team_member.remove", at=in_team)
form("manage_team", "teams:delete", writes="team.delete", at={"team": "other"})

# Service accounts: of the organization, and of a team, whose Admins manage its own

form(
    "manage_service_accounts",
    "service_accounts:create",
    {"name": "robot", "role": "member"},
    writes="user.create membership.add",
    but=someone("team admin", answer=422),
)
form(
    "manage_team",
    "service_accounts:create",
    lambda scene, _: {"name": "robot", "role": "member", "team": scene.cast.other.pk},
    variant="of a team",
    writes="user.create membership.add team_member.add",
)
for right, known in (
    ("manage_service_accounts", {"given": key_of_robot, "but": NOT_THEIRS}),
    ("manage_team", {"given": robot_with_key, "variant": "of a team"}),
):
    form(
        right,
        "service_accounts:remove",
        at=of_robot,
        writes="membership.remove api_key.revoke",
        **known,
    )
    form(
        right,
        "service_accounts:issue",
        new_key,
        at=of_robot,
        done=200,
        writes="api_key.issue",
        **known,
    )
    form(
        right,
        "service_accounts:rotate",
        lambda scene, _: {"ends": "24", "once": uuid.uuid4()},
        at=of_robots_key,
        done=200,
        writes="api_key.issue api_key.expire",
        **known,
    )
    form(
        right, "service_accounts:revoke", at=of_robots_key, writes="api_key.revoke", **known
    )

# Accounts

form("account", "accounts:profile", {"full_name": "Ada"}, writes="user.rename")
form("account", "accounts:theme", {"theme": "dark"}, writes="user.choose_theme")
form("account", "accounts:shortcuts", writes="user.switch_shortcuts")
form(
    "account",
    "accounts:place",
    {"entity": "other"},
    writes="user.choose_default_entity",
    but=someone(*set(PEOPLE) - {"team admin"} - NOT_SIGNED_IN, answer=422),
)
form(
    "account",
    "accounts:create_key",
    new_key,
    done=200,
    writes="api_key.issue",
)
form(
    "viewer",
    "accounts:revoke_key",
    writes="api_key.revoke",
    at=of_given,
    given=key_of_viewer,
    denied=404,
)
form(
    "viewer",
    "accounts:rotate_key",
    lambda scene, _: {"ends": "0", "once": uuid.uuid4()},
    writes="api_key.issue api_key.revoke",
    at=of_given,
    given=key_of_viewer,
    done=200,
    denied=404,
)
form(
    "viewer",
    "accounts:end_session",
    writes="session.end",
    at=of_given,
    given=signed_in_elsewhere,
    denied=404,
)
form(
    "account",
    "accounts:end_other_sessions",
    given=signed_in_elsewhere,
    but=lambda person, kind: (302, "session.end") if person == "viewer" else None,
)
form(
    "accept_invitation",
    "accounts:invitation",
    writes="invitation.accept membership.add",
    at=of_token,
    given=invited_outsider,
    denied=404,
    but=someone(*NOT_SIGNED_IN, answer=200),
)
form(
    "sign_up",
    "accounts:invitation",
    {"username": "newcomer", "full_name": "New", "password": PASSWORD},
    writes="user.create invitation.accept membership.add",
    variant="of somebody new",
    at=of_token,
    given=invited,
    denied=404,
)
