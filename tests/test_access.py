"""Every address x everybody: who gets what, by rules.md and not by the code.

What a page shows is asked for here; what its forms change is in `test_doors.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from registries.models import Run, Version
from registries.operations.links import link
from registries.operations.run_files import promise_run_files, receive_run_file
from registries.operations.runs import upsert_run
from tests.addresses import parameters
from tests.cast import OPEN, PEOPLE, RESTRICTED
from tests.digest import unchanged, undone
from tests.doors import (
    HTMX,
    NOT_SIGNED_IN,
    PAGE,
    SIGN_IN,
    Door,
    Scene,
    answer,
    someone,
)
from tests.doors_of_content import aliased, describes, of_source, source_of
from tests.doors_of_organizations import (
    NOT_THEIRS,
    ROBOT,
    key_of_robot,
    of_person,
    of_robots_key,
    of_token,
)
from tests.doors_of_pages import NOTHING, Form, Values, of_given, of_version
from tests.doors_of_uploads import begun, only_the_uploader
from tests.every_door import DOORS, SCENES, turns
from tests.factories import SYSTEM, logged_version
from tests.operations import key_of_viewer
from tests.operations_of_admins import invited_outsider
from tests.rights import is_allowed

pytestmark = [pytest.mark.django_db, pytest.mark.tables]

IN_TEAM: Values = {"team": "other"}
FOR_TEAMS = someone("team admin", answer=200)
"""Admins of teams manage the service accounts of theirs."""
SIGNED_IN = set(PEOPLE) - NOT_SIGNED_IN


def shows(
    right: str, address: str, query: Values = NOTHING, *, at: Values = NOTHING, **more: Any
) -> Door:
    """An address that shows something to whoever has the right."""
    name = address if address in parameters() else f"registries:{address}"
    found = Form(name, query, at, "get")

    known: dict[str, Any] = {"kind": PAGE, "in_core": 403, "form": found, "act": None}
    return Door(right=right, place=name, **known | more)


def shows_to_team(address: str, **more: Any) -> Door:
    """An address of a project; to others it does not exist."""
    return shows("view_projects", address, **{"at": of_source, "denied": 404} | more)


def shows_to_loggers(address: str, *query: Values, **more: Any) -> Door:
    """An address of a project that changes it; to others it does not exist."""
    return shows("log_artifacts", address, *query, at=of_source, denied=404, **more)


def of_image(scene: Scene, given: Version) -> dict[str, Any]:
    names = {"collection": given.collection.name, "number": given.number}
    return names | {"path": "dot.gif"}


OF_MODEL = {"selectionPath": "acme/wandb-registry-model/c", "version": "v0"}
V0_AND_V0 = {"before": 0, "after": 0}


def of_two(scene: Scene, _: Any) -> dict[str, Any]:
    return {"collection": scene.version.collection.name} | V0_AND_V0


def image(scene: Scene) -> Version:
    files = {"dot.gif": b"GIF89a\x01\x00\x01\x00"}
    logged = logged_version(scene.cast.other, "dots", files=files)
    return link(logged.artifact, scene.registry, "dots", by=SYSTEM)


def run(scene: Scene) -> Run:
    return upsert_run(source_of(scene.version).project, "r", by=SYSTEM)[0]


def run_with_file(scene: Scene) -> None:
    started = run(scene)
    promise_run_files(started, ["weights.bin"], by=SYSTEM)
    receive_run_file(started, "weights.bin", [b"a"], size=1, by=SYSTEM)


def leads(*people: str) -> Any:
    """Lead some of the cast elsewhere, who have nothing to do there."""
    return someone(*people, answer=302)


ROWS = [
    # registries
    shows("view_collection", "registry"),
    shows("view_collection", "registry_activity"),
    shows("view_collection", "request_access"),
    shows("view_collection", "collection", at=of_version),
    shows("view_collection", "versions", at=of_version),
    shows("view_collection", "choose_versions", V0_AND_V0, at=of_version, done=302),
    shows("view_artifact", "compare", at=of_two),
    shows("view_collection", "collection_activity", at=of_version),
    shows("view_artifact", "version", at=of_version),
    shows("view_artifact", "file", at=of_version),
    shows("download_file", "raw", at=of_version),
    shows("download_file", "image", at=of_image, given=image),
    shows("download_artifact", "zip", at=of_version),
    shows("view_collection", "aliases", at=of_version),
    shows("edit_card", "card", at=of_version),
    shows("edit_card", "edit_collection", at=of_version),
    shows("edit_tags", "tag_collection", at=of_version),
    shows("delete_collection", "delete_collection", at=of_version),
    shows("delete_collection", "change_collections", {"action": "delete"}),
    shows("unlink_artifact", "change_versions", {"action": "unlink"}, at=of_version),
    shows(
        "edit_description",
        "description",
        at=of_version,
        but=lambda person, kind: (200, "") if describes(person, kind) else None,
    ),
    shows("edit_tags", "tag_version", at=of_version),
    shows("edit_aliases", "add_alias", at=of_version),
    shows("edit_aliases", "remove_alias", {"alias": "production"}, at=of_version),
    shows("link_artifact", "link"),
    shows("link_artifact", "link_into_collection", at=of_version),
    shows("download_artifact", "link_elsewhere", at=of_version),
    shows("unlink_artifact", "unlink", at=of_version),
    shows("view_settings", "settings"),
    shows("view_settings", "members"),
    shows("change_visibility", "visibility", {"visibility": "restricted"}),
    shows("delete_registry", "delete_registry"),
    shows("link_artifact", "upload"),
    shows("link_artifact", "upload_version", at=of_version),
    shows("view_collection", "upload_session", at=of_given, given=begun),
    shows(
        "link_artifact",
        "upload_files",
        at=of_given,
        given=begun,
        but=only_the_uploader,
    ),
    shows("manage_members", "add_member"),
    shows("move_ownership", "make_owner", at={"holder": "the-member"}),
    # organizations
    shows("view_organization", "home"),
    shows("view_organization", "trash"),
    shows("view_organization", "search", {"question": "classifier"}),
    shows("create_registry", "create"),
    shows("view_audit_log", "organization:audit"),
    shows("view_audit_log", "organization:export", {"format": "csv"}),
    shows("change_settings", "organization:settings"),
    shows(
        "take_access", "organization:take", at=lambda scene, _: {"pk": scene.registry.pk}
    ),
    shows("view_organization", "people:list"),
    shows("manage_people", "people:invite"),
    shows(
        "manage_people",
        "people:remove",
        at=of_person("team member"),
        but=someone("team member", answer=200),  # one may leave
    ),
    shows("view_organization", "teams:list"),
    shows("view_organization", "teams:team", at=IN_TEAM),
    shows("create_team", "teams:create"),
    shows("manage_team", "teams:add", at=IN_TEAM),
    shows("manage_team", "teams:delete", at=IN_TEAM),
    shows("manage_service_accounts", "service_accounts:list", but=FOR_TEAMS),
    shows("manage_service_accounts", "service_accounts:create", but=FOR_TEAMS),
    shows("manage_service_accounts", "service_accounts:account", at=ROBOT, but=NOT_THEIRS),
    shows("manage_service_accounts", "service_accounts:remove", at=ROBOT, but=NOT_THEIRS),
    shows("manage_service_accounts", "service_accounts:issue", at=ROBOT, but=NOT_THEIRS),
    shows(
        "manage_service_accounts",
        "service_accounts:rotate",
        at=of_robots_key,
        given=key_of_robot,
        but=NOT_THEIRS,
    ),
    shows(
        "manage_service_accounts",
        "service_accounts:revoke",
        at=of_robots_key,
        given=key_of_robot,
        but=NOT_THEIRS,
    ),
    # projects
    shows("view_organization", "projects"),
    shows_to_team("project"),
    shows_to_team("workspace", done=302),
    shows_to_team("artifacts", done=302),
    shows_to_team("runs"),
    shows_to_team("run", given=run),
    shows_to_team("run_metrics", given=run),
    shows_to_team("run_console", given=run),
    shows_to_team("run_files", given=run),
    shows_to_team("run_raw", given=run_with_file),
    shows_to_team("source"),
    shows_to_team("source_version"),
    shows_to_team("source_overview", done=302),
    shows_to_team("source_files", done=302),
    shows_to_team("file#2"),
    shows_to_team("raw#2"),
    shows_to_team("image#2", given=image),
    shows_to_team("zip#2"),
    shows("delete_content", "delete_run", at=of_source, denied=404, given=run),
    shows_to_loggers("description#2"),
    shows_to_loggers("tag_version#2"),
    shows_to_loggers("add_alias#2"),
    shows_to_loggers("remove_alias#2", {"alias": "best"}, given=aliased),
    shows_to_loggers("link_elsewhere#2"),
    shows("delete_content", "delete_source", at=of_source, denied=404),
    shows("delete_content", "delete_version", at=of_source, denied=404),
    shows("view_organization", "entity", at={"name": "acme"}, done=302, denied=404),
    shows(
        "view_organization",
        "model_registry",
        OF_MODEL,
        at={"name": "acme"},
        done=302,
        denied=404,
    ),
    # oneself
    shows("account", "registries:index", done=302, but=someone("removed", answer=200)),
    shows("account", "registries:help-index"),
    shows("account", "registries:help-first-steps"),
    shows("account", "registries:help-sdk"),
    shows("account", "registries:help-concepts"),
    shows("account", "registries:help-commands"),
    shows("account", "registries:help-configuration"),
    shows("account", "registries:help-operations"),
    shows("account", "registries:help-permissions"),
    shows("account", "registries:help-keys"),
    shows("account", "registries:help-registry-types"),
    shows("account", "authorize", done=302),
    shows("account", "accounts:profile"),
    shows("account", "accounts:sessions"),
    shows("account", "accounts:keys"),
    shows("account", "accounts:create_key"),
    shows("viewer", "accounts:rotate_key", at=of_given, given=key_of_viewer, denied=404),
    shows("viewer", "accounts:revoke_key", at=of_given, given=key_of_viewer, denied=404),
    shows(
        "accept_invitation",
        "accounts:invitation",
        at=of_token,
        given=invited_outsider,
        denied=404,
        but=someone(*NOT_SIGNED_IN, answer=200),  # asks to sign in, and says as whom
    ),
    shows("account", "account_logout"),
    shows("account", "account_change_password", done=302),  # they have none
    shows("account", "account_set_password", done=302),
    # before anybody is who they are
    shows("everybody", "healthz"),
    shows("everybody", "ready"),
    shows("everybody", "registries:setup", at={"token": "used"}, done=404),
    shows("everybody", "account_login", but=leads(*SIGNED_IN)),
    shows("everybody", "account_reset_password"),
    shows("everybody", "account_reset_password_done"),
    shows(
        "everybody",
        "account_reset_password_from_key",
        at={"uidb36": "1", "key": "used"},
    ),
]
SHOWING = {row.place: row for row in ROWS}
FORMS = {
    door.place: door for door in DOORS if door.kind == PAGE and door.form.method != "get"
}


ELSEWHERE = {
    "account_login": "test_sign_in.py",
    "account_logout": "test_sign_in.py",
    "account_change_password": "test_sign_in.py",
    "account_reset_password": "test_password_reset.py",
    "account_reset_password_from_key": "test_password_reset.py",
    "registries:setup": "test_setup.py",
}
"""Forms that change something before anybody is who they are, with their own tests."""


def ours() -> set[str]:
    """The names of all addresses but the admin's and the wire's, with their own tables."""
    return {name for name in parameters() if not name.startswith(("admin:", "wire:"))}


def test_every_address_has_its_row():
    assert SHOWING.keys() | FORMS.keys() == ours()


def asked(
    scene: Scene, person: str, rows: list[Door], method: str = "get"
) -> dict[str, int]:
    """What somebody gets at each address that shows something; nothing is changed by it."""
    client = scene.client(person)
    places = [(row, row.form.place(scene, row.given and row.given(scene))) for row in rows]
    ask = getattr(client, method)
    with unchanged():
        return {row.place: answer(ask(place, row.form.sent)) for row, place in places}


@pytest.mark.parametrize(("person", "kind"), SCENES)
@pytest.mark.parametrize(
    "everybody", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["", "all"]
)
def test_everybody_gets_what_the_rules_say_and_looking_changes_nothing(
    cast, person, kind, everybody
):
    rows = [row for row in ROWS if kind == RESTRICTED or row.is_of_registry]
    if not everybody:
        rows = [row for row in rows if (person, kind) in turns(row)]

    found = asked(Scene(cast, kind), person, rows)

    assert found == {name: SHOWING[name].expected(person, kind)[0] for name in found}


AT_NIGHT = pytest.mark.nightly
SOME = [
    *("anonymous", "organization admin with access"),
    *(pytest.param(person, marks=AT_NIGHT) for person in ("outsider", "viewer")),
]
"""Who sees nothing and who sees all; what is between, at night."""


@pytest.mark.parametrize("person", SOME)
def test_asking_for_the_head_only_is_judged_the_same_and_changes_nothing(cast, person):
    rows = [row for row in ROWS if row.is_of_registry]
    found = asked(Scene(cast, OPEN), person, rows, "head")

    assert found == {name: SHOWING[name].expected(person, OPEN)[0] for name in found}


@pytest.mark.parametrize(
    "method", ["get", *(pytest.param(each, marks=AT_NIGHT) for each in ("head", "options"))]
)
@pytest.mark.parametrize("person", SOME)
def test_what_only_changes_is_not_shown_and_asking_changes_nothing(cast, person, method):
    scene = Scene(cast, OPEN)
    client = scene.client(person)
    for name in FORMS.keys() - SHOWING.keys():
        form, given = FORMS[name].form, FORMS[name].given
        with undone():
            place = form.place(scene, given and given(scene))
            with unchanged():
                status = answer(getattr(client, method)(place))
        assert status == (SIGN_IN if person in NOT_SIGNED_IN else 405), name


@pytest.mark.parametrize("name", sorted(SHOWING.keys() - ELSEWHERE.keys()))
def test_an_address_takes_no_change_but_by_its_doors(cast, name):
    scene, row = Scene(cast, OPEN), SHOWING[name]
    place = row.form.place(scene, row.given and row.given(scene))
    client, forms = scene.client("owner"), {"post"} if name in FORMS else set()
    for method in {"post", "put", "patch", "delete"} - forms:
        with unchanged():
            status = getattr(client, method)(place).status_code
        # allauth's own only lead on.
        assert status in ({302, 405} if name.startswith("account_") else {404, 405})


@pytest.mark.parametrize("kind", [PAGE, HTMX])
@pytest.mark.parametrize("name", sorted(FORMS))
def test_a_form_from_elsewhere_is_refused(cast, name, kind):
    scene, door = Scene(cast, OPEN), FORMS[name]
    able = [each for each in PEOPLE if is_allowed(door.right, each, OPEN)]
    given = door.given and door.given(scene)
    client, place = scene.client(able[0], checks=True), door.form.place(scene, given)
    with unchanged():
        response = door.form.send(client, place, scene, given, kind)

    assert response.status_code == 403
