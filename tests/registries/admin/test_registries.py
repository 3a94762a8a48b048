from __future__ import annotations

import pytest

from accounts.models import Event, Job
from accounts.permissions import Role
from accounts.text import TEXT_LIMIT
from registries.models import Registry, RegistryMember
from registries.operations.contents import switch_types
from registries.operations.members import set_role
from registries.operations.registries import create_registry, edit_registry
from tests.admin import act, address, fields, remove, said, save
from tests.cast import CORE, OPEN, RESTRICTED, Cast
from tests.doors import client_of
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryMemberFactory,
    acting,
    linked_version,
)
from tests.registries.views.pages import words

pytestmark = pytest.mark.django_db

LIST = "registries_registry"


@pytest.fixture
def client(cast):
    """A browser of an Admin of the organization."""
    return client_of(cast, "organization admin")


def page(cast: Cast, kind: str) -> str:
    return address(LIST, "change", cast.registries[kind])


def written(began: int) -> list[tuple[str, str, str]]:
    events = Event.objects.filter(pk__gt=began).order_by("pk")
    return [(event.kind, event.via, event.actor_name) for event in events]


def last() -> int:
    return Event.objects.latest("pk").pk


def row(cast: Cast, kind: str, username: str) -> str:
    given = RegistryMember.objects.filter(registry=cast.registries[kind]).order_by("pk")
    return f"members__{[each.holder for each in given].index(username)}"


# What is shown


def test_the_list_shows_name_owner_and_size(cast, client):
    text = words(client.get(address(LIST)))

    assert "Models" in text
    assert "restricted Acme Restricted the-owner 10 bytes" in text
    assert "organization Acme Organization the-owner 12 bytes" in text


def test_of_a_closed_registry_nothing_else_is_known(cast, client):
    registry = cast.registry(RESTRICTED)
    edit_registry(registry, description="Fraud models.", by=SYSTEM)
    linked_version(registry, "scorecard", team=cast.other)
    set_role(registry, cast.person("organization member"), Role.VIEWER, by=SYSTEM)

    shown = client.get(page(cast, RESTRICTED))

    assert "restricted Organization: Acme Visibility: Restricted Owner: the-owner" in (
        words(shown)
    )
    for hidden in ("Fraud models", "scorecard", "the-organization-member", "Save"):
        assert hidden not in shown.text
    assert set(fields(client, page(cast, RESTRICTED))) <= {
        *("csrfmiddlewaretoken", "_save", "_selected_action"),
        *("CHANGE_FORM-action", "CHANGE_FORM-select_across"),
    }


def test_nor_changed(cast, client, unchanged):
    place = page(cast, RESTRICTED)
    client.get(place)
    with unchanged():
        assert client.post(place, {"description": "Mine."}).status_code == 403
        assert remove(client, LIST, cast.registries[RESTRICTED]).status_code == 403


def test_of_its_history_who_runs_it(cast, client):
    leads_to = client.get(address(LIST, "history", cast.registries[RESTRICTED]))["Location"]

    text = words(client.get(leads_to))
    assert "registry.take_access" in text
    assert "registry_member.add" not in text


def test_the_history_of_an_open_one_is_its_events(cast, client):
    edit_registry(cast.registry(OPEN), description="Shelf.", by=SYSTEM)

    leads_to = client.get(address(LIST, "history", cast.registries[OPEN]))["Location"]

    text = words(client.get(leads_to))
    assert "registry.edit" in text
    assert "registry_member.add" in text
    assert "registry.take_access" not in text


def test_search_finds_by_name_only(cast, client):
    edit_registry(cast.registry(RESTRICTED), description="Fraud models.", by=SYSTEM)

    assert "1 result " in words(client.get(address(LIST), {"q": "restr"}))
    assert "0 results" in words(client.get(address(LIST), {"q": "Fraud"}))


def test_a_registry_in_the_trash_is_gone(cast, client):
    assert remove(client, LIST, cast.registries[OPEN])["Location"] == address(LIST)

    assert not cast.registry(OPEN).is_live
    assert client.get(page(cast, OPEN)).status_code == 404


# Taking access


@pytest.mark.parametrize("where", ["list", "page"])
def test_access_is_taken_and_opens_the_page(cast, client, where):
    began, pk = last(), cast.registries[RESTRICTED]

    if where == "list":
        act(client, LIST, "take", pk)
    else:
        sent = {"CHANGE_FORM-action": "take", "_selected_action": pk}
        client.post(page(cast, RESTRICTED), sent | {"CHANGE_FORM-select_across": "0"})

    assert "You are Admin of restricted now." in said(client)
    assert written(began) == [("registry.take_access", "admin", "the-organization-admin")]
    assert Job.objects.filter(name="announce").exists()
    assert "visibility" in fields(client, page(cast, RESTRICTED))


def test_access_to_what_is_open_is_refused_and_nothing_is_taken(cast, client, unchanged):
    both = [cast.registries[RESTRICTED], cast.registries[OPEN]]
    client.get("/admin/")

    answer = act(client, LIST, "take", *both)

    assert answer["Location"] == address(LIST)
    assert "Nothing was changed. organization is not restricted" in said(client)
    assert not cast.registry(RESTRICTED).members.filter(
        membership__user=cast.person("organization admin")
    )


# Changes


def test_everything_at_once(cast, client):
    began = last()

    answer = save(
        client,
        page(cast, OPEN),
        name="shelf",
        description="What belongs in here.",
        accepted="specify",
        types="onnx, tokenizer",
        visibility="restricted",
        owner="the-admin",
        **{f"{row(cast, OPEN, 'the-viewer')}__role": "member"},
        **{f"{row(cast, OPEN, 'the-member')}__DELETE": "on"},
        members__6__member="the-organization-viewer",
    )

    assert answer["Location"] == address(LIST)
    registry = cast.registry(OPEN)
    assert (registry.name, registry.visibility) == ("shelf", "restricted")
    assert registry.owner.user == cast.person("admin")
    types = set(registry.accepted_types.values_list("name", flat=True))
    assert types == {"model", "onnx", "tokenizer"}
    roles = {given.holder: given.role for given in registry.members.all()}
    assert "the-member" not in roles
    assert (roles["the-viewer"], roles["the-organization-viewer"]) == ("member", "viewer")
    assert [kind for kind, _, _ in written(began)] == [
        *("registry.rename", "registry.edit", "registry.switch_types"),
        *("registry.change_visibility", "registry_member.add", "registry.move_ownership"),
        *("registry_member.change_role", "registry_member.remove", "registry_member.add"),
    ]
    assert {(via, name) for _, via, name in written(began)} == {
        ("admin", "the-organization-admin")
    }


def test_saving_a_page_as_it_is_writes_nothing(cast, client, unchanged):
    for kind in (CORE, OPEN):
        sent = fields(client, page(cast, kind))
        began = last()
        assert client.post(page(cast, kind), sent)["Location"] == address(LIST)
        assert written(began) == []


REFUSED = [
    ({"name": "a/b"}, 422, "name"),
    ({"name": "model"}, 409, "model"),
    ({"name": ""}, 422, "required"),
    ({"description": "x" * (TEXT_LIMIT + 1)}, 413, "description"),
    ({"accepted": "specify", "types": "job"}, 422, "type"),
    ({"accepted": "nothing"}, 422, "valid choice"),
    ({"visibility": "public"}, 422, "valid choice"),
    ({"owner": "nobody"}, 422, "Nobody in Acme is called that."),
    ({"owner": "the-outsider"}, 422, "Nobody in Acme is called that."),
    ({"owner": "the-service-account"}, 422, "A service account cannot own a registry."),
    ({"owner": ""}, 422, "required"),
    ({"members__6__member": "the-outsider"}, 422, "There is no such member"),
    ({"members__6__member": "nobody"}, 422, "There is no such member"),
    ({"members__6__member": "the-owner"}, 409, "move the ownership first"),
    ({"members__6__member": "the-viewer", "members__6__role": "admin"}, 409, "already"),
    ({"members__6__member": "the-admin", "members__6__role": "owner"}, 422, "valid choice"),
    ({"members__0__role": ""}, 422, "required"),
    ({"members__0__role": "owner"}, 422, "valid choice"),
    ({"members__0__role": "emperor"}, 422, "valid choice"),
]


@pytest.mark.parametrize("refused", REFUSED, ids=[why for _, _, why in REFUSED])
def test_a_refusal_stands_on_the_page_and_nothing_is_done(cast, client, refused, unchanged):
    sent, status, why = refused
    place = page(cast, OPEN)
    others = {"description": "Another."} if "description" not in sent else {}
    client.get(place)
    with unchanged():
        answer = save(client, place, **others | sent, members__2__DELETE="on")

    assert answer.status_code == status
    assert why in answer.text
    assert "errornote" in answer.text
    assert others.get("description", "") in answer.text


def test_a_name_that_only_others_may_know_is_not_told(cast, client):
    create_registry(
        cast.organization,
        "Secret-Shelf",
        visibility=RESTRICTED,
        by=acting(cast.person("owner")),
    )

    answer = save(client, page(cast, OPEN), name="secret-shelf")

    assert answer.status_code == 409
    assert "is not available" in answer.text
    assert "Secret-Shelf" not in answer.text


def test_of_a_core_registry_little_is_offered(cast, client, unchanged):
    place = page(cast, CORE)
    own = fields(client, place)
    assert {"description", "types"} <= set(own)

    with unchanged():
        for name in ("name", "visibility", "owner", "accepted"):
            assert client.post(place, own | {name: "x"}).status_code == 400
        assert remove(client, LIST, cast.registries[CORE]).status_code == 403


def test_a_role_is_offered_what_it_may_change(cast, client, unchanged):
    admin = cast.person("organization admin")
    set_role(cast.registry(RESTRICTED), admin, Role.MEMBER, by=SYSTEM)

    own = fields(client, page(cast, RESTRICTED))

    assert {"name", "description", "types"} <= set(own)
    assert not {"accepted", "visibility", "owner", "members-0-role"} & set(own)
    with unchanged():
        for name in ("visibility", "owner", "accepted"):
            sent = own | {name: "organization"}
            assert client.post(page(cast, RESTRICTED), sent).status_code == 400


def test_rows_that_may_only_be_read_are_not_changed(cast, client, unchanged):
    admin = cast.person("organization admin")
    set_role(cast.registry(RESTRICTED), admin, Role.MEMBER, by=SYSTEM)
    place, given = page(cast, RESTRICTED), cast.registry(RESTRICTED).members.earliest("pk")
    forged = {
        "members-TOTAL_FORMS": "2",
        "members-INITIAL_FORMS": "1",
        "members-0-id": str(given.pk),
        "members-0-role": "admin",
        "members-0-DELETE": "on",
        "members-1-member": "the-organization-viewer",
        "members-1-role": "admin",
    }
    own = fields(client, place)
    with unchanged():
        client.post(place, own | forged)


# Forged rows


def elsewhere(cast: Cast) -> RegistryMember:
    registry = cast.elsewhere.registries.get(name="model")
    membership = cast.elsewhere.memberships.get()
    return RegistryMemberFactory(registry=registry, membership=membership, role=Role.VIEWER)


@pytest.mark.parametrize("changes", [{"role": "admin"}, {"DELETE": "on"}], ids=str)
@pytest.mark.parametrize("whose", ["another registry's", "another organization's"])
def test_rows_of_other_pages_are_not_touched(cast, client, whose, changes, unchanged):
    given = (
        cast.registry(RESTRICTED).members.earliest("pk")
        if whose == "another registry's"
        else elsewhere(cast)
    )
    place = page(cast, OPEN)
    own = fields(client, place)
    own |= {"members-0-id": str(given.pk), "initial-members-0-role": given.role}
    own |= {f"members-0-{name}": value for name, value in changes.items()}
    with unchanged():
        there = client.post(place, own)
        missing = client.post(place, own | {"members-0-id": "987654321"})

    assert there.status_code == missing.status_code
    assert ("Select a valid choice" in there.text) is ("Select a valid" in missing.text)


@pytest.mark.parametrize(
    "forged",
    [
        {"members-0-registry": "1"},
        {"members-6-registry": "1", "members-6-member": "the-organization-viewer"},
        {"members-0-membership": "1"},
        {"members-0-team": "1"},
        {"members-0-expires_at": "2030-01-01"},
        {"members-6-is_superuser": "1"},
        {"members-INITIAL_FORMS": "900"},
        {"members-TOTAL_FORMS": "99999"},
        {"members-TOTAL_FORMS": "x"},
        {"members-0-id": "x"},
        {"members-0-id": ""},
        {"members-0-id": "1" * 40},
    ],
    ids=str,
)
def test_forged_rows_do_nothing(cast, client, forged, unchanged):
    place = page(cast, OPEN)
    own = fields(client, place)
    with unchanged():
        answer = client.post(place, own | {"members-1-role": "admin"} | forged)

    assert answer.status_code in {400, 422}


def test_no_number_of_forged_rows_takes_long(cast, client):
    place = page(cast, OPEN)
    forged = fields(client, place) | {"members-TOTAL_FORMS": "99999"}

    answer = client.post(place, forged)

    assert len(answer.text) < 2_000_000
    assert "Please submit at most" in answer.text


# Two at once


def test_a_page_from_before_puts_nothing_back(cast, client):
    sent = fields(client, page(cast, OPEN))
    edit_registry(cast.registry(OPEN), description="Theirs.", by=SYSTEM)
    switch_types(cast.registry(OPEN), ["model"], by=SYSTEM)

    answer = client.post(page(cast, OPEN), sent | {"name": "renamed"})

    assert answer.status_code == 302
    registry = cast.registry(OPEN)
    assert (registry.name, registry.description) == ("renamed", "Theirs.")
    assert not registry.accepts_all_types


def test_what_both_have_changed_is_refused(cast, client):
    sent = fields(client, page(cast, OPEN))
    edit_registry(cast.registry(OPEN), description="Theirs.", by=SYSTEM)

    answer = client.post(page(cast, OPEN), sent | {"description": "Mine."})

    assert answer.status_code == 422
    assert "Somebody else changed this meanwhile." in answer.text
    assert cast.registry(OPEN).description == "Theirs."


def test_so_is_a_role_that_both_have_changed(cast, client):
    place, viewer = row(cast, OPEN, "the-viewer"), cast.person("viewer")
    sent = fields(client, page(cast, OPEN))
    set_role(cast.registry(OPEN), viewer, Role.ADMIN, by=SYSTEM)

    name = place.replace("__", "-")
    answer = client.post(page(cast, OPEN), sent | {f"{name}-role": "member"})

    assert "Somebody else changed this meanwhile." in answer.text
    given = cast.registry(OPEN).members.get(membership__user=viewer)
    assert given.role == Role.ADMIN


def test_of_very_many_rows_the_first_hundred_are_on_the_page(cast, client):
    registry = cast.registry(OPEN)
    make_members(registry, 101)

    shown = client.get(page(cast, OPEN))

    assert "the first 100 of 107" in words(shown).lower()
    assert shown.text.count('name="members-99-role"') == 1
    assert "members-101-role" not in shown.text
    assert save(client, page(cast, OPEN), members__99__role="admin").status_code == 302


def make_members(registry: Registry, count: int) -> None:
    """Give a role to that many new members of the organization."""
    for _ in range(count):
        membership = MembershipFactory(organization=registry.organization)
        RegistryMemberFactory(registry=registry, membership=membership)


def test_the_installation_administrator_brings_somebody_in(cast):
    client, began = client_of(cast, "installation administrator"), last()

    save(client, page(cast, RESTRICTED), members__7__member="the-outsider")

    assert [kind for kind, _, _ in written(began)] == [
        "membership.add",
        "registry_member.add",
    ]
