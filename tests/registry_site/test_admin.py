"""Who is let into the admin, at every address of it; and what nobody gets there."""

from __future__ import annotations

import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, reverse

from accounts.models import ApiKey, Event, Invitation, Membership, Team, User
from accounts.operations.invitations import invite
from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.models import Registry
from registry_site.admin import site
from tests.admin import act, address, fields, remove, save
from tests.cast import ANONYMOUS, PEOPLE, Cast
from tests.doors import NOT_SIGNED_IN, client_of
from tests.factories import SYSTEM

pytestmark = [pytest.mark.django_db, pytest.mark.tables]

ADMINS = {"organization admin", "organization admin with access"}
INSIDE = {"outsider", "installation administrator", *ADMINS}
"""Who runs an organization, or the whole; the outsider runs another one."""
OUTSIDE = {ANONYMOUS, "deactivated", "removed", "owner", "service account"}
"""Of those who are not let in, who tries it by day."""
EVERYBODY = [
    person
    if person in INSIDE | OUTSIDE
    else pytest.param(person, marks=pytest.mark.nightly)
    for person in PEOPLE
]
SITE = {"index", "jsi18n", "app_list"}
VIEWS = ("changelist", "add", "change", "delete", "history")
TABLE = {
    # Each view's status for whoever runs the organization of the row.
    "accounts_apikey": (200, 403, 200, 403, 302),
    "accounts_event": (200, 403, 200, 403, 302),
    "accounts_invitation": (200, 200, 200, 403, 302),
    "accounts_membership": (200, 403, 200, 200, 302),
    "accounts_serviceaccount": (200, 200, 200, 200, 302),
    "accounts_team": (200, 200, 200, 200, 302),
    "accounts_user": (200, 403, 200, 403, 302),
    "registries_registry": (200, 403, 200, 200, 302),
}
FOR_THE_INSTALLATION = {"accounts_user"}
MASKED = re.compile(r'nonce="[^"]+"|value="\w{64}"|X-CSRFToken": "\w+"')


def names(patterns: list[URLPattern | URLResolver]) -> set[str | None]:
    found: set[str | None] = set()
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            found |= names(pattern.url_patterns)
        else:
            found.add(pattern.name)
    return found


def rows(cast: Cast) -> dict[str, int]:
    """A row of each list, in the cast's organization."""
    program = cast.person("service account")
    if not (key := ApiKey.objects.first()):
        key, _ = issue_api_key(program, name="builds", by=SYSTEM)
    if not (invitation := Invitation.objects.first()):
        invitation = invite(cast.organization, "new@example.org", Role.VIEWER, by=SYSTEM)
    events = Event.objects.filter(organization_id=cast.organization.pk, registry_id=None)
    return {
        "accounts_apikey": key.pk,
        "accounts_event": events.latest("pk").pk,
        "accounts_invitation": invitation.pk,
        "accounts_membership": cast.person("viewer").memberships.get().pk,
        "accounts_serviceaccount": program.memberships.get().pk,
        "accounts_team": cast.other.pk,
        "accounts_user": cast.people["viewer"],
        "registries_registry": cast.registries["organization"],
    }


def addresses(cast: Cast) -> dict[tuple[str, str], str]:
    """Every address of every list."""
    return {
        (model, view): address(model, view, None if view in VIEWS[:2] else pk)
        for model, pk in rows(cast).items()
        for view in VIEWS
    }


def nowhere(cast: Cast) -> list[str]:
    """Addresses below the admin where there is nothing."""
    return [
        *("/admin/login/", "/admin/logout/", "/admin/password_change/", "/admin/nothing"),
        *("/admin/autocomplete/?app_label=accounts&model_name=team&field_name=entity",),
        f"/admin/r/1/{cast.organization.pk}/",
        "/admin/auth/permission/",
        "/admin/admin/logentry/",
        address("accounts_apikey", "history", "0"),
        address("accounts_event", "change", 987_654_321),
        address("accounts_team", "delete", "abc"),
        address("registries_registry", "change", "1" * 40),
    ]


def sitewide() -> list[str]:
    apps = [reverse("admin:app_list", args=[app]) for app in ("accounts", "registries")]
    return [reverse("admin:index"), reverse("admin:jsi18n"), *apps]


def expected(person: str, model: str, view: str) -> int:
    if person in NOT_SIGNED_IN:
        return 302
    if person not in INSIDE:
        return 404
    if model in FOR_THE_INSTALLATION and person != "installation administrator":
        return 404
    if person == "outsider" and view in VIEWS[2:]:
        return 404
    return dict(zip(VIEWS, TABLE[model], strict=True))[view]


def test_every_address_has_its_row():
    listed = {f"{model}_{view}" for model in TABLE for view in VIEWS}

    # Without a name are the catch-all, and the old address that leads to a row's page.
    assert names(site.get_urls()) == listed | SITE | {None}


@pytest.mark.parametrize("person", EVERYBODY)
def test_everybody_gets_what_the_rules_say_and_looking_changes_nothing(
    cast, person, unchanged
):
    client, places, found = client_of(cast, person), addresses(cast), {}
    client.get("/account/")
    with unchanged():
        for (model, view), place in places.items():
            found[model, view] = client.get(place).status_code

    assert found == {place: expected(person, *place) for place in found}


@pytest.mark.parametrize("person", EVERYBODY)
def test_what_is_the_sites_is_for_whoever_is_let_in(cast, person):
    client = client_of(cast, person)
    status = 200 if person in INSIDE else 302 if person in NOT_SIGNED_IN else 404

    assert {client.get(place).status_code for place in sitewide()} == {status}


@pytest.mark.parametrize("person", EVERYBODY)
def test_where_nothing_is_everybody_gets_the_same(cast, person):
    client = client_of(cast, person)
    status = 302 if person in NOT_SIGNED_IN else 404

    for place in nowhere(cast):
        assert client.get(place).status_code == status, place
        assert client.post(place, {"post": "yes"}).status_code == status, place


def test_visitors_are_sent_to_sign_in_and_back(client, cast):
    for place in ("/admin/", "/admin/nothing/", address("accounts_team")):
        leads_to = client.get(place)["Location"]
        assert leads_to == f"{reverse('account_login')}?next={place}"


@pytest.mark.parametrize("person", ["viewer", "removed", "service account"])
def test_to_everybody_else_all_of_it_is_one_page_that_does_not_exist(cast, person):
    client = client_of(cast, person)
    places = [*addresses(cast).values(), *nowhere(cast), *sitewide()]

    pages = {MASKED.sub("", client.get(place).text) for place in places}

    assert pages == {MASKED.sub("", client.get("/orgs/nobody/registry/").text)}


@pytest.mark.parametrize("person", ["outsider", *sorted(ADMINS)])
def test_rows_of_others_and_rows_that_are_missing_are_one_page(cast, person):
    client, found = client_of(cast, person), rows(cast)
    if person in ADMINS:
        found = elsewhere(cast)
    pages = set()
    for model, pk in found.items():
        for view in VIEWS[2:]:
            for place in (pk, 987_654_321):
                answer = client.get(address(model, view, place))
                assert answer.status_code == 404, (model, view)
                pages.add(MASKED.sub("", answer.text))

    assert len(pages) == 1


def elsewhere(cast: Cast) -> dict[str, int]:
    """A row of each list in the other organization."""
    outsider = cast.person("outsider")
    key, _ = issue_api_key(outsider, name="theirs", by=SYSTEM)
    invitation = invite(cast.elsewhere, "new@example.org", Role.VIEWER, by=SYSTEM)
    return {
        "accounts_apikey": key.pk,
        "accounts_event": Event.objects.filter(organization_id=cast.elsewhere.pk)[0].pk,
        "accounts_invitation": invitation.pk,
        "accounts_membership": outsider.memberships.get().pk,
        "accounts_user": outsider.pk,
        "registries_registry": cast.elsewhere.registries.get(name="model").pk,
    }


@pytest.mark.parametrize("person", [ANONYMOUS, "owner", "admin", "service account"])
def test_who_is_outside_changes_nothing(cast, person, unchanged):
    client, places = client_of(cast, person), addresses(cast).values()
    client.get("/account/")
    with unchanged():
        for place in places:
            client.post(place, {"role": "admin", "post": "yes", "name": "x"})


@pytest.mark.parametrize("person", ["organization admin", "installation administrator"])
def test_asking_for_the_head_only_changes_nothing(cast, person, unchanged):
    client, places = client_of(cast, person), addresses(cast).values()
    client.get("/admin/")
    with unchanged():
        for place in places:
            client.head(place)


def test_a_form_from_elsewhere_is_refused(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.person("organization admin"))

    assert remove(client, "accounts_team", cast.other.pk).status_code == 403
    assert Team.objects.live().contains(cast.other)


@pytest.mark.parametrize("name", ["_popup", "_to_field", "_source_model"])
@pytest.mark.parametrize(
    "values",
    [("1",), pytest.param(("id", "nothing.there", "password"), marks=pytest.mark.nightly)],
    ids=["", "more"],
)
def test_there_are_no_windows(cast, name, values):
    client = client_of(cast, "organization admin")
    for place in addresses(cast).values():
        if place.startswith(address("accounts_user")):
            continue
        for value in values:
            assert client.get(place, {name: value}).status_code == 400
            assert client.post(place, {name: value}).status_code == 400


FILTERS = {
    "accounts_apikey": {"read_only__exact"},
    "accounts_event": {"organization"},
    "accounts_invitation": {"organization", "role__exact"},
    "accounts_membership": {"organization", "role__exact"},
    "accounts_serviceaccount": {"organization", "role__exact"},
    "accounts_team": {"organization"},
    "accounts_user": {
        "is_active__exact",
        "is_superuser__exact",
        "is_service_account__exact",
    },
    "registries_registry": {"organization", "visibility__exact"},
}
"""What the lists can be asked for by column; choices and numbers, all of them shown."""
LOOKUPS = [
    "password",
    "digest",
    "nonce",
    "secret",
    "user__password",
    "user__is_superuser",
    "entity__name",
    "organization__memberships__user__email",
    "organization__invitations__email",
    "user__memberships__organization",
    "members__membership__user__email",
    "owner__user__email",
    "description",
    "names__key",
    "invited_by__password",
    "pk",
    "id",
    "before",
    "address",
]


ENDINGS = ("", "__exact", "__startswith", "__in", "__isnull", "__regex", "__gt")


def test_no_column_is_spelled_out(cast, rf):
    request = rf.get("/admin/")
    request.user = cast.person("installation administrator")

    for model, part in site._registry.items():
        columns = {field.name for field in model._meta.get_fields()}
        found = {
            f"{name}{ending}"
            for name in {*LOOKUPS, *columns}
            for ending in ENDINGS
            if part.lookup_allowed(f"{name}{ending}", "a", request)
        }
        assert found <= FILTERS.get(part.opts.label_lower.replace(".", "_"), set())


@pytest.mark.parametrize("person", ["organization admin", "installation administrator"])
def test_a_lookup_of_ones_own_is_refused(cast, person):
    client = client_of(cast, person)

    for model in set(TABLE) - FOR_THE_INSTALLATION:
        for name in ("digest__startswith", "organization__memberships__user__email__gt"):
            assert client.get(address(model), {name: "a"}).status_code == 400, model


ODD = [
    *({"p": value} for value in ("-1", "9999", "x", "1" * 30)),
    *({"o": value} for value in ("99", "-1.2.-99", "x", "password")),
    *({"q": value} for value in ("\x00", "'", '"', "%", "\\", "a" * 3000, '"a b" c')),
    *({"all": ""}, {"e": "1"}, {"e": "2"}),
    *({"organization": value} for value in ("0", "x", "\x00", "1" * 30)),
    *({"role__exact": value} for value in ("owner", "\x00", "x")),
    *({"state": value} for value in ("x", "open", "")),
    *({"visibility__exact": value} for value in ("x", "restricted")),
    *({"about": value} for value in ("x", "team-x", "team-" + "9" * 30, "-1", "a-\x00")),
    *({"is_active__exact": value} for value in ("2", "x")),
]


@pytest.mark.parametrize("query", ODD, ids=str)
@pytest.mark.parametrize(
    "every_list", [False, pytest.param(True, marks=pytest.mark.nightly)], ids=["", "all"]
)
def test_odd_questions_get_an_answer(cast, query, every_list):
    """By day each is asked of the lists that have such a filter, else of two by turn."""
    client, turn = client_of(cast, "installation administrator"), ODD.index(query)
    some = [model for model in TABLE if FILTERS[model] & query.keys()]
    for model in TABLE if every_list else some[:2] or [*TABLE, *TABLE][turn % 8 :][:2]:
        assert client.get(address(model), query).status_code in {200, 302, 400}, model


@pytest.mark.parametrize("model", ["accounts_apikey", "accounts_membership"])
@pytest.mark.parametrize("row", ["x", "1" * 30, "-1", "", "\x00", "٣"])
def test_rows_are_selected_by_number(cast, model, row, unchanged):
    client = client_of(cast, "organization admin")
    client.get("/admin/")
    with unchanged():
        answer = act(client, model, "revoke", row)

    assert answer.status_code == 400


def test_keys_nonces_and_passwords_stand_nowhere(cast):
    client = client_of(cast, "installation administrator")
    places = addresses(cast)
    secrets = [
        *ApiKey.objects.values_list("digest", flat=True),
        *Invitation.objects.values_list("nonce", flat=True),
        *(invitation.token for invitation in Invitation.objects.all()),
        *User.objects.values_list("password", flat=True),
    ]
    assert len(secrets) > 10

    pages = [client.get(place).text for place in places.values()]

    assert [secret for secret in secrets for page in pages if secret in page] == []


EVERY_FIELD = sorted(
    {
        field.attname
        for model in (ApiKey, Event, Invitation, Membership, Registry, Team, User)
        for field in model._meta.concrete_fields
    }
    | {"owner", "organization", "user", "is_staff", "password", "groups", "team"}
)


@pytest.mark.parametrize(
    "model", ["accounts_membership", "accounts_serviceaccount", "accounts_team"]
)
def test_no_other_field_is_taken(cast, model, unchanged):
    """Mass assignment of every column that there is."""
    client = client_of(cast, "organization admin")
    place = address(model, "change", rows(cast)[model])
    own = fields(client, place)
    with unchanged():
        for name in set(EVERY_FIELD) - set(own):
            assert client.post(place, own | {name: "1"}).status_code == 400, name


@pytest.mark.parametrize(
    "model", ["accounts_invitation", "accounts_serviceaccount", "accounts_team"]
)
def test_nothing_else_is_given_to_what_is_new(cast, model, unchanged):
    client = client_of(cast, "organization admin")
    place = address(model, "add")
    own = fields(client, place)
    with unchanged():
        for name in set(EVERY_FIELD) - set(own):
            assert client.post(place, own | {name: "1"}).status_code == 400, name


def test_nobody_becomes_administrator_of_the_installation_here(cast):
    before = set(User.objects.filter(is_superuser=True))
    client = client_of(cast, "installation administrator")
    place = address("accounts_user", "change", cast.people["viewer"])

    answers = [
        client.post(place, {"is_superuser": "on"}).status_code,
        client.post(address("accounts_user", "add"), {"email": "a@b.org"}).status_code,
    ]

    assert answers == [403, 403]
    assert set(User.objects.filter(is_superuser=True)) == before


def test_django_keeps_no_log_beside_the_events(cast):
    client = client_of(cast, "organization admin")
    team = address("accounts_team", "change", cast.other.pk)
    began = Event.objects.latest("pk").pk

    save(client, address("accounts_team", "add"), name="fresh")
    save(client, team, memberships__0__role="viewer")
    remove(client, "accounts_team", cast.other.pk)

    written = Event.objects.filter(pk__gt=began).order_by("pk")
    assert [(event.kind, event.via) for event in written] == [
        ("team.create", "admin"),
        ("team_member.add", "admin"),
        ("team_member.change_role", "admin"),
        ("team.delete", "admin"),
    ]
    assert not LogEntry.objects.exists()


def test_whoever_gives_up_their_own_role_is_led_out(cast):
    client = client_of(cast, "organization admin")
    own = cast.person("organization admin").memberships.get()

    answer = save(client, address("accounts_membership", "change", own.pk), role="viewer")

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/admin/").status_code == 404


@pytest.mark.parametrize("person", sorted(set(PEOPLE) - NOT_SIGNED_IN))
def test_the_account_menu_leads_there_whoever_is_let_in(cast, person):
    page = client_of(cast, person).get("/account/").text

    assert ('href="/admin/"' in page) is (person in INSIDE)


def test_a_session_of_somebody_removed_meanwhile_is_out(cast):
    client = client_of(cast, "organization admin")
    assert client.get("/admin/").status_code == 200

    Membership.objects.filter(user=cast.person("organization admin")).delete()

    assert client.get("/admin/").status_code == 404


def test_being_let_in_costs_one_question(cast):
    client = client_of(cast, "organization admin")
    with CaptureQueriesContext(connection) as queries:
        client.get("/admin/")

    assert len(queries) <= 4
