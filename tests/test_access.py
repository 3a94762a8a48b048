"""Every page x everybody: who gets what, by rules.md and not by the code."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.cast import ANONYMOUS, CORE, KINDS, PEOPLE, Cast
from tests.rights import has_right, role_of

pytestmark = pytest.mark.django_db

RIGHTS = {
    "registries:home": "organization",
    "registries:create": "organization",
    "registries:registry": "view_collection",
    "registries:settings": "view_settings",
    "registries:visibility": "change_visibility",
    "registries:members": "view_settings",
    "registries:delete_registry": "delete_registry",
    "registries:add_member": "manage_members",
    "registries:make_owner": "move_ownership",
    "registries:request_access": "view_collection",
    "registries:registry_activity": "view_collection",
    "registries:collection_activity": "view_collection",
    "registries:collection": "view_collection",
    "registries:versions": "view_collection",
    "registries:version": "view_artifact",
    "registries:raw": "download_file",
}
"""What each address of an organization takes, by its name."""
CHANGES = {
    "registries:change_role": ("assign_role", {"role": "member", "instead_of": "viewer"}),
    "registries:general": ("edit_registry", {"description": "Shelf."}),
    "registries:protect_alias": ("protect_alias", {"alias": "golden"}),
    "registries:end_role": ("manage_members", {"instead_of": "viewer"}),
}
"""The addresses that only take a change, with what it takes and an example of it."""
ELSEWHERE = {
    "registries:accept_request",
    "registries:decline_request",
    "registries:types",
    "registries:unprotect_alias",
    "registries:release_name",
    "registries:trash",
    "registries:restore_registry",
}
"""Whom these serve depends on what is there: see test_general.py, test_access.py."""
ASK_FIRST = {
    "request_access",
    "create",
    "visibility",
    "add_member",
    "make_owner",
    "delete_registry",
}
"""The addresses that ask before they change something."""
CREATORS = {
    "organization member",
    "team admin",
    "owner",
    "organization admin",
    "organization admin with access",
    "installation administrator",
}
STRANGERS = {"outsider", "removed"}
NOT_SIGNED_IN = {ANONYMOUS, "deactivated"}
HELP = {"registries:help-permissions", "registries:help-registry-types"}
"""Pages for whoever is signed in, as the start is."""


def names() -> set[str]:
    """The names of all our addresses; allauth's own are tested with sign-in."""
    return {name for name in _names(get_resolver()) if not name.startswith("account_")}


def _names(resolver: URLResolver, namespace: str = "") -> set[str]:
    found: set[str] = set()
    for part in resolver.url_patterns:
        if isinstance(part, URLResolver):
            inner = f"{namespace}{part.namespace}:" if part.namespace else namespace
            found |= _names(part, inner)
        elif isinstance(part, URLPattern):
            found.add(f"{namespace}{part.name}")
    return found


def test_every_address_has_its_row():
    # Pages of an organization itself (registries:people:list) have a table of their own.
    ours = {n for n in names() if n.startswith("registries:") and n.count(":") == 1}

    assert ours == set(RIGHTS) | set(CHANGES) | ELSEWHERE | HELP | {
        "registries:index",
        "registries:setup",
    }


def address(name: str, cast: Cast, kind: str) -> str:
    """An address of that name, at the cast's organization and registry."""
    version = cast.version(kind)
    values = {
        "org": cast.organization.name,
        "registry": version.registry.name,
        "collection": version.collection.name,
        "number": version.number,
        "path": "weights.bin",
    }
    depth = {"home": 1, "create": 1, "registry": 2, "settings": 2, "visibility": 2}
    depth |= {"members": 2, "add_member": 2, "general": 2, "protect_alias": 2}
    depth |= {"delete_registry": 2, "request_access": 2}
    depth |= {"registry_activity": 2, "collection_activity": 3}
    depth |= {"collection": 3, "versions": 3, "version": 4, "raw": 5}
    if name.removeprefix("registries:") not in depth:
        named = {"org": values["org"], "registry": values["registry"]}
        return reverse(name, kwargs=named | {"holder": "the-viewer"})
    wanted = list(values)[: depth[name.removeprefix("registries:")]]
    return reverse(name, kwargs={key: values[key] for key in wanted})


def expected(name: str, person: str, kind: str) -> int:
    """What rules.md, section 4, "Answers", says."""
    if person in NOT_SIGNED_IN:
        return 302
    if person in STRANGERS:
        return 404
    if name == "registries:home":
        return 200
    if name == "registries:create":
        return 200 if person in CREATORS else 403
    if role_of(person, kind, "Viewer") == "-":
        return 404
    return 200 if has_right(person, RIGHTS[name], kind, "Viewer") else 403


def client_of(cast: Cast, person: str) -> Client:
    client = Client()
    if person != ANONYMOUS:
        client.force_login(cast.person(person))
    return client


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_gets_what_the_rules_say(cast, person, kind):
    client = client_of(cast, person)
    for name in RIGHTS:
        query = {"visibility": "restricted"} if name == "registries:visibility" else {}
        response = client.get(address(name, cast, kind), query)
        list(response)
        assert response.status_code == expected(name, person, kind), name


@pytest.mark.parametrize("person", ["outsider", "restricted viewer", "admin"])
def test_asking_for_the_head_only_is_judged_the_same(cast, person):
    client = client_of(cast, person)
    for name in set(RIGHTS) - {"registries:visibility"}:
        response = client.head(address(name, cast, "organization"))
        assert response.status_code == expected(name, person, "organization"), name
        assert b"".join(response) == b""


@pytest.mark.parametrize("person", PEOPLE)
def test_the_start_is_for_whoever_is_signed_in(cast, person):
    response = client_of(cast, person).get("/")

    if person in NOT_SIGNED_IN:
        assert response["Location"] == f"{reverse('account_login')}?next=/"
    elif person == "removed":
        assert response.status_code == 200
    else:
        assert response["Location"].startswith("/orgs/")


@pytest.mark.parametrize(
    "person", [ANONYMOUS, "deactivated", "outsider", "removed", "viewer"]
)
def test_help_is_for_whoever_is_signed_in(cast, person):
    client = client_of(cast, person)
    for name in HELP:
        status = 302 if person in NOT_SIGNED_IN else 200
        assert client.get(reverse(name)).status_code == status


@pytest.mark.parametrize("person", ["outsider", "viewer", "owner"])
def test_looking_changes_nothing(cast, person, unchanged):
    client = client_of(cast, person)
    client.get("/")
    with unchanged():
        for name in RIGHTS:
            for kind in KINDS:
                list(client.get(address(name, cast, kind)))
                client.head(address(name, cast, kind))


@pytest.mark.parametrize("person", sorted(set(PEOPLE) - NOT_SIGNED_IN))
@pytest.mark.parametrize("kind", [CORE, "restricted"])
def test_a_change_of_visibility_is_for_admins(cast, person, kind):
    other = "organization" if kind == "restricted" else "restricted"
    response = client_of(cast, person).post(
        address("registries:visibility", cast, kind), {"visibility": other}
    )

    status = expected("registries:visibility", person, kind)
    if kind == CORE and status == 403:
        status = 409
    assert response.status_code == (302 if status == 200 else status)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", CHANGES)
@pytest.mark.parametrize("person", PEOPLE)
def test_a_change_is_for_whom_the_rules_say(cast, person, name, kind):
    right, sent = CHANGES[name]
    if name == "registries:general" and kind != CORE:
        sent = sent | {"name": kind, "icon": "rocket"}
    client, place = client_of(cast, person), address(name, cast, kind)
    allowed = has_right(person, right, kind, "Viewer")
    hidden = person in STRANGERS or role_of(person, kind, "Viewer") == "-"

    response = client.post(place, sent)

    refused = 404 if hidden else 403
    is_visitor = person in NOT_SIGNED_IN
    assert response.status_code == (302 if allowed or is_visitor else refused)
    assert ("sign-in" in response.get("Location", "")) is is_visitor
    assert client.get(place).status_code == (302 if is_visitor else 405)


@pytest.mark.parametrize(
    "name", sorted(set(RIGHTS) - {f"registries:{name}" for name in ASK_FIRST})
)
def test_pages_that_only_show_take_no_change(cast, name):
    client = client_of(cast, "owner")

    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address(name, cast, "organization")).status_code == 405


@pytest.mark.parametrize(
    "name", [*(f"registries:{name}" for name in sorted(ASK_FIRST)), *CHANGES]
)
def test_a_form_from_elsewhere_is_refused(cast, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.person("owner"))

    response = client.post(
        address(name, cast, "organization"), {"visibility": "restricted", "name": "new"}
    )

    assert response.status_code == 403
    assert not cast.registry("organization").is_restricted
