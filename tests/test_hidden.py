"""What one may not see, what is of somebody else, and what does not exist: one answer.

Every address that names something is asked with the name or id of a thing that is there but
hidden, or in another place than the address says, and with one that is nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts.models import User
from accounts.operations.invitations import invite, revoke_invitation
from accounts.operations.keys import issue_api_key
from accounts.operations.teams import create_team
from accounts.permissions import Role
from registries.operations.access import request_access
from registries.operations.collections import create_collection, delete_collection
from registries.operations.organizations import create_service_account, delete_team
from registries.operations.projects import ensure_project
from registries.operations.registries import create_registry, delete_registry
from registries.operations.runs import start_run
from tests.addresses import parameters
from tests.cast import OPEN, PEOPLE, RESTRICTED, Cast
from tests.digest import unchanged
from tests.doors import EXIT, HTMX, NOT_SIGNED_IN, PAGE, SIGN_IN, Door, Scene, answer
from tests.doors_of_commands import run
from tests.doors_of_pages import HEADERS, values
from tests.doors_of_uploads import begun
from tests.factories import SYSTEM, acting
from tests.test_access import FORMS, SHOWING, ours

pytestmark = [pytest.mark.django_db, pytest.mark.tables]

OF_UPLOADS = [f"upload_{name}" for name in ("session", "files", "file", "finish", "cancel")]
NOWHERE = 2_000_000_000
BOSS = "installation administrator"
"""Passes every check: what they do not find is not there."""
MASKED = re.compile(
    r'nonce[=-]"?[^"\'; ]*|value="\w{64}"|"X-CSRFToken": "\w+"|\b[0-9a-f]{16}\b'
    r"|\b\d\d? \w+ \d{4}, \d\d:\d\d UTC\b"
)
"""Nonces, tokens of forms, ids of requests and the minute of a refusal."""
OF_ONE_ANSWER = {"X-Request-Id", "Content-Length", "Expires"}

type Pks = dict[str, list[int]]
type Told = tuple[int, dict[str, str], list[str], str]
"""Status, headers, the names of cookies, body."""


class Hidden(NamedTuple):
    """What somebody puts into an address: of what is hidden or elsewhere; of nothing."""

    person: str
    there: dict[str, object]
    nowhere: dict[str, object]


def wrong(person: str, parameter: str, *values: object) -> list[Hidden]:
    """Names or ids of what somebody may not see, or of what is not in that place."""
    nowhere = {parameter: NOWHERE if parameter == "pk" else "nothing"}
    return [Hidden(person, {parameter: value}, nowhere) for value in values]


class Others(NamedTuple):
    """Ids that are of another place, by the name of the address; and a dead link."""

    pks: Pks
    token: str


@pytest.fixture(scope="module")
def others(cast: Cast) -> Others:
    """What is there besides the cast's, built once, inside the transaction of the cast."""
    outsider = cast.person("outsider")
    theirs = create_registry(cast.elsewhere, "theirs", by=acting(outsider))
    trashed = [
        delete_registry(create_registry(place, "gone", by=by), by=SYSTEM).pk
        for place, by in (
            (cast.organization, acting(cast.person("owner"))),
            (cast.elsewhere, acting(outsider)),
        )
    ]
    delete_team(create_team(cast.organization, "ended", by=SYSTEM), by=SYSTEM)
    team = create_team(cast.elsewhere, "their-team", by=acting(outsider))
    ensure_project(team, "theirs", by=SYSTEM)
    another = ensure_project(cast.other, "another", by=SYSTEM)
    start_run(another, "only-there", by=SYSTEM)
    create_collection(cast.registry(OPEN), "only-there", artifact_type="model", by=SYSTEM)
    lost = create_collection(theirs, "lost", artifact_type="model", by=SYSTEM)
    collections = [scene_collection(cast), delete_collection(lost, by=SYSTEM).pk]
    invitation = invite(cast.elsewhere, "new@example.org", Role.VIEWER, by=SYSTEM)
    dead = invite(cast.organization, "dead@example.org", Role.VIEWER, by=SYSTEM)
    revoke_invitation(dead, by=SYSTEM)
    robots = [
        create_service_account(place, name, by=SYSTEM)
        for place, name in ((cast.organization, "robot-2"), (cast.elsewhere, "their-robot"))
    ]
    viewer = cast.person("viewer")
    key = key_of(viewer)
    asked = request_access(cast.registry(OPEN), Role.ADMIN, by=acting(viewer)).pk
    session = UserSession.objects.create(user=viewer, session_key="there", ip="127.0.0.1")
    upload = begun(Scene(cast, OPEN))
    of_people = [outsider.memberships.get().pk, robots[0].memberships.get().pk]
    of_teams = [cast.added.memberships.get().pk, team.memberships.get().pk]
    of_robots = [key, *map(key_of, robots)]
    return Others(
        {
            "registries:people:resend": [invitation.pk],
            "registries:people:revoke": [invitation.pk],
            "registries:people:role": of_people,
            "registries:people:remove": of_people,
            "registries:teams:role": of_teams,
            "registries:teams:remove": of_teams,
            "registries:service_accounts:rotate": of_robots,
            "registries:service_accounts:revoke": of_robots,
            "registries:organization:take": [
                cast.registries[OPEN],
                theirs.pk,
                trashed[0],
            ],
            "registries:restore_collection": collections,
            "registries:restore_registry": [cast.registries[OPEN], trashed[1]],
            "registries:accept_request": [asked],
            "registries:decline_request": [asked],
            **{f"registries:{name}": [upload.pk] for name in OF_UPLOADS},
            "accounts:revoke_key": [key],
            "accounts:rotate_key": [key],
            "accounts:end_session": [session.pk],
        },
        dead.token,
    )


def scene_collection(cast: Cast) -> int:
    return cast.version(OPEN).collection_id


def key_of(user: User) -> int:
    return issue_api_key(user, name="laptop", by=SYSTEM)[0].pk


WRONG = {
    "org": [*wrong("outsider", "org", "acme"), *wrong("anonymous", "org", "acme")],
    "registry": [
        *wrong("organization viewer", "registry", RESTRICTED),
        *wrong(BOSS, "registry", "theirs", "gone"),
    ],
    "collection": wrong(BOSS, "collection", "only-there"),
    "entity": [Hidden("organization viewer", {}, {"entity": "nothing"})],
    "project": [
        Hidden("organization viewer", {}, {"project": "nothing"}),
        *wrong(BOSS, "project", "theirs"),
    ],
    "before": [Hidden(BOSS, {"before": 1}, {"before": NOWHERE})],
    "after": [Hidden(BOSS, {"after": 1}, {"after": NOWHERE})],
    "type": wrong(BOSS, "type", "dataset"),
    "run": wrong(BOSS, "run", "only-there"),
    "team": [
        *wrong("organization admin", "team", "their-team"),
        *wrong(BOSS, "team", "their-team", "ended", "the-viewer"),
    ],
    "holder": wrong(
        BOSS, "holder", "the-outsider", "their-team", "ended", "acme", "the-removed"
    ),
    "name": [
        *wrong("organization admin", "name", "their-robot"),
        *wrong(BOSS, "name", "their-robot", "the-viewer"),
    ],
}
INSIDE = ("registry", "team", "name", "pk")


def hidden(name: str, others: Others) -> Iterator[Hidden]:
    """Every wrong name or id that can stand in the address."""
    wanted = parameters()[name]
    for parameter in wanted:
        yield from WRONG.get(parameter, [])
    for inside in set(wanted) & set(INSIDE) if "org" in wanted else ():
        nowhere = wrong(BOSS, inside, "")[0].nowhere
        yield Hidden(BOSS, {"org": "elsewhere"}, {"org": "elsewhere"} | nowhere)
    yield from wrong(BOSS, "pk", *others.pks.get(name, []))
    if "token" in wanted:
        yield from wrong("outsider", "token", others.token)
        yield from wrong("anonymous", "token", others.token)


type Way = tuple[str, str]
BY_DAY: list[Way] = [("get", PAGE)]
AT_NIGHT: list[Way] = [
    ("get", HTMX),
    ("post", PAGE),
    ("post", HTMX),
    ("put", PAGE),
    ("head", PAGE),
]
WAYS = pytest.mark.parametrize(
    "ways",
    [
        pytest.param(BY_DAY, id="by day"),
        pytest.param(AT_NIGHT, id="at night", marks=pytest.mark.nightly),
    ],
)


def with_its_own(door: Door, ways: list[Way]) -> list[Way]:
    """The ways, and the one in which the door's own form is sent."""
    method = door.form.method
    return ways if method in dict(ways) else [*ways, (method, HTMX)]


def asked(client: Client, ways: list[Way], place: str, sent: dict[str, Any]) -> list[Told]:
    """What an address answers to whatever is sent, without what differs every time."""
    return [
        told(getattr(client, method)(place, sent, headers=HEADERS[kind]), place)
        for method, kind in ways
    ]


def told(response: Any, place: str) -> Told:
    status = answer(response)
    headers = {
        name: masked(value, place)
        for name, value in response.headers.items()
        if name not in OF_ONE_ANSWER
    }
    return status, headers, sorted(response.cookies), masked(response.text, place)


def masked(text: str, place: str) -> str:
    return MASKED.sub("…", text.replace(place, "…"))


WITH_NAMES = sorted(
    name
    for name, names in parameters().items()
    if names and name in ours() - {"account_reset_password_from_key"}
)


def test_every_name_and_id_in_an_address_has_wrong_ones(others):
    assert others.pks.keys() == {name for name in WITH_NAMES if "pk" in parameters()[name]}
    assert [name for name in WITH_NAMES if not list(hidden(name, others))] == []


@WAYS
@pytest.mark.parametrize("name", WITH_NAMES)
def test_hidden_elsewhere_and_missing_are_one_answer(cast, others, name, ways):
    scene = Scene(cast, RESTRICTED)
    door = FORMS.get(name) or SHOWING[name]
    given = door.given and door.given(scene)
    ways = with_its_own(door, ways)
    sent = values(door.form.sent, scene, given)
    missing: dict[str, list[Told]] = {}
    tries = list(hidden(name, others))
    clients = {person: scene.client(person) for person, *_ in tries}
    with unchanged():
        for person, there, nowhere in tries:
            client, found = clients[person], []
            for instead in (there, nowhere):
                place = door.form.place(scene, given, **instead)
                found.append(
                    missing.get(person + place) or asked(client, ways, place, sent)
                )
            missing[person + place] = found[1]
            assert found[0] == found[1], (person, there)
            is_visitor = person in NOT_SIGNED_IN and "token" not in there
            statuses = {status for status, *_ in found[0]} - {405}
            assert statuses == ({SIGN_IN} if is_visitor else {404}), (person, there)


REFUSED = {
    name: [each for each in PEOPLE if FORMS[name].expected(each, RESTRICTED)[0] == 403]
    for name in WITH_NAMES
    if name in FORMS
    and "pk" in parameters()[name]
    and name.removeprefix("registries:") not in OF_UPLOADS  # which all see
}


@WAYS
@pytest.mark.parametrize("name", [name for name, people in REFUSED.items() if people])
def test_who_may_not_do_it_learns_nothing_about_ids(cast, name, ways):
    scene, door = Scene(cast, RESTRICTED), FORMS[name]
    ways = with_its_own(door, ways)
    given = door.given and door.given(scene)
    sent = values(door.form.sent, scene, given)
    there = door.form.place(scene, given)
    nowhere = door.form.place(scene, given, pk=NOWHERE)
    clients = {person: scene.client(person) for person in REFUSED[name]}
    with unchanged():
        for person, client in clients.items():
            found = [asked(client, ways, place, sent) for place in (there, nowhere)]
            assert found[0] == found[1], person
            assert {status for status, *_ in found[0]} <= {403, 405}, person


COMMANDS = [
    "add_member acme/other the-outsider",
    "add_member acme/their-team the-viewer",
    "add_member elsewhere/other the-viewer",
    "answer_request acme/restricted the-viewer accept",
    "create_service_account acme/robot-3 --team their-team",
    "delete_registry acme/theirs",
    "delete_registry elsewhere/restricted",
    "delete_team acme/ended",
    "delete_team elsewhere/other",
    "edit_registry elsewhere/restricted --description Theirs.",
    "fetch acme/restricted/only-there nowhere",
    "fetch elsewhere/restricted/classifier nowhere",
    "invite acme dead@example.org --resend",
    "invite acme the-viewer@example.org --accept",
    "invite acme new@example.org --revoke",
    "link acme/restricted/only-there acme/restricted/copy",
    "list acme/theirs --permissions --user the-viewer",
    "move_ownership acme/restricted the-outsider",
    "move_ownership acme/restricted the-removed",
    "remove_member acme the-outsider",
    "remove_member acme/other the-viewer",
    "remove_member acme/restricted --team their-team",
    "remove_member acme/restricted the-organization-viewer",
    "restore_registry acme/restricted",
    "restore_registry elsewhere/restricted",
    "revoke_api_key the-service-account laptop",
    "rotate_api_key the-service-account laptop",
    "set_alias acme/restricted/only-there:v0 golden",
    "set_role acme/restricted --team ended viewer",
    "set_role acme/restricted --team their-team viewer",
    "take_access acme/organization",
    "take_access acme/theirs",
    "take_access elsewhere/restricted",
]
"""What is there, but not where the command says."""


@pytest.mark.parametrize("person", [BOSS, "organization admin with access"])
def test_a_command_finds_nothing_in_another_place(cast, others, person):
    scene = Scene(cast, RESTRICTED)
    for line in COMMANDS:
        with unchanged():
            assert run(scene, person, *line.split()) == EXIT, line
