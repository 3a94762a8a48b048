"""The registries of an organization, and what happened in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.permissions import Role
from registries.events import SENTENCES, recent
from registries.models import Registry
from registries.operations.aliases import remove_alias, set_alias
from registries.operations.collections import add_tag, delete_collection, edit_card
from registries.operations.contents import (
    append_types,
    protect_alias,
    switch_types,
    unprotect_alias,
)
from registries.operations.links import unlink
from registries.operations.members import move_ownership, set_role
from registries.operations.registries import (
    change_visibility,
    delete_registry,
    edit_registry,
    release_name,
    restore_registry,
)
from registries.templatetags.activity import sentence
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    acting,
    linked_version,
    logged_version,
    make_organization,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return make_organization("northwind", display_name="Northwind Labs")


@pytest.fixture
def member(organization):
    return signed_in(MembershipFactory(organization=organization).user)


def home(client, **query: str):
    return client.get("/orgs/northwind/registry/", query)


def test_it_shows_core_and_custom_registries_with_totals(organization, member):
    registry = RegistryFactory(organization=organization, name="speech")
    linked_version(registry)

    page = home(member)

    assert page.status_code == 200
    text = words(page)
    assert "3 registries, 1 collection, 1 version." in text
    assert "Core registry" in text
    assert "Custom registry" in text
    assert "Models" in text
    assert "1 collection, 1 version" in text
    assert registry.get_absolute_url() in links(page)


def test_it_counts_and_shows_only_what_the_person_sees(organization, member):
    hidden = RegistryFactory(
        organization=organization, name="hidden", visibility="restricted"
    )
    version = linked_version(hidden, "secret-collection")
    set_alias(version, "secret-alias", by=SYSTEM)
    elsewhere = RegistryFactory(name="elsewhere")

    text = words(home(member))

    assert "2 registries, 0 collections, 0 versions." in text
    assert "hidden" not in text
    assert "secret" not in text
    assert elsewhere.name not in text


@pytest.mark.parametrize(
    ("standing", "shown"), [(Role.VIEWER, False), (Role.MEMBER, True), (Role.ADMIN, True)]
)
def test_the_button_is_there_for_who_may_create(organization, standing, shown):
    user = MembershipFactory(organization=organization, role=standing).user

    assert ("Create registry" in words(home(signed_in(user)))) is shown


def test_everybody_finds_the_trash_for_an_owner_may_be_a_viewer(organization):
    viewer = MembershipFactory(organization=organization, role=Role.VIEWER).user

    trash = reverse("registries:trash", args=[organization.name])

    assert trash in links(home(signed_in(viewer)))


def test_the_filter_finds_names_and_answers_htmx_with_the_part(organization, member):
    for name in ("speech-nl", "Speech-de", "vision"):
        RegistryFactory(organization=organization, name=name)

    whole = home(member, filter="speech")
    part = member.get(
        "/orgs/northwind/registry/?filter=speech", headers={"hx-request": "true"}
    )

    for page in (whole, part):
        assert "speech-nl" in words(page)
        assert "Speech-de" in words(page)
        assert "vision" not in words(page)
    assert "<html" in whole.content.decode()
    assert part.content.decode().strip().startswith('<div id="custom">')
    assert "HX-Request" in whole["Vary"]


def test_history_gets_the_whole_page(member):
    headers = {"hx-request": "true", "hx-history-restore-request": "true"}

    page = member.get("/orgs/northwind/registry/", headers=headers)

    assert "<html" in page.content.decode()


@pytest.mark.parametrize(
    "words_", ["none such", "%", "_", "\\", "'", "<b>", "\0", "x" * 999]
)
def test_a_filter_without_hits_says_so(organization, member, words_):
    RegistryFactory(organization=organization, name="speech")

    page = home(member, filter=words_)

    if words_ == "\0":
        assert "speech" in words(page)
    else:
        assert "No custom registry has" in words(page)
        assert "Clear filter" in words(page)
        assert "<b>" not in page.content.decode().replace("<b>Test", "")


def test_a_thousand_registries_come_in_pages(organization, member):
    owner = MembershipFactory(organization=organization)
    Registry.objects.bulk_create(
        Registry(organization=organization, name=f"r{n}", owner=owner) for n in range(1000)
    )

    page = home(member)

    assert page.content.decode().count('<li class="card">') == 2 + 24
    assert "1002 registries" in words(page)
    older = next(link for link in links(page) if link.startswith("?after="))
    following = member.get(f"/orgs/northwind/registry/{older}")
    assert following.content.decode().count('<li class="card">') == 2 + 24


def test_without_custom_registries_it_says_what_one_is(member):
    assert "No custom registry yet" in words(home(member))


def test_a_long_or_marked_up_description_is_shortened_to_words(organization, member):
    RegistryFactory(
        organization=organization,
        description="# Title\n\nWhat *serves* [customers](https://example.org) "
        + "x " * 999,
    )

    text = words(home(member))

    assert "What serves customers" in text
    assert "Title" not in text
    assert "…" in text


def test_activity_names_who_did_what_with_links_to_what_is_there(organization, member):
    registry = RegistryFactory(organization=organization, name="speech")
    actor = acting(person(registry, Role.ADMIN, full_name="Priya Raman"))
    version = linked_version(registry, "whisper")
    newer = linked_version(registry, "whisper", files={"b": b"b"})
    for one in (newer, version):
        set_alias(one, "production", by=actor)
    kept = linked_version(registry, "gone")
    delete_collection(kept.collection, by=actor)

    page = home(member)

    text = words(page)
    assert "Priya Raman moved production of whisper back to v0" in text
    assert "Priya Raman put production on whisper v1" in text
    assert "Priya Raman deleted the collection gone of speech" in text
    assert version.collection.get_absolute_url() in links(page)
    assert not any("/c/gone/" in link for link in links(page))


def test_every_kind_that_operations_write_in_a_registry_has_a_sentence():
    sources = (settings.BASE_DIR / "registries/operations").glob("*.py")
    code = "".join(Path(source).read_text() for source in sources)
    in_registries = r'"((?:registry|registry_member|collection|version|alias)\.[a-z_]+)"'
    written = set(re.findall(in_registries, code))

    assert written - set(SENTENCES) == set()


def test_every_sentence_can_be_said(organization, member):
    registry = RegistryFactory(organization=organization, name="speech")
    admin = acting(person(registry, Role.ADMIN))
    somebody = person(registry)
    version = linked_version(registry, "whisper")
    set_role(registry, somebody, Role.VIEWER, by=admin)
    set_role(registry, somebody, Role.MEMBER, by=admin)
    set_role(registry, TeamFactory(organization=organization), Role.MEMBER, by=admin)
    protect_alias(registry, "production", by=admin)
    set_alias(version, "candidate", by=admin)
    remove_alias(version.collection, "candidate", by=admin)
    add_tag(version.collection, "nl", by=admin)
    add_tag(version, "checked", by=admin)
    edit_card(version.collection, "x" * 100_000, by=admin)
    unlink(version, by=admin)
    text = words(home(member))

    assert f"unlinked whisper v0 from {registry}" in text
    assert "edited the card of whisper" in text
    assert "tagged whisper with nl" in text
    assert "took candidate off whisper v0" in text
    assert f"gave {somebody} the role" not in text  # older than the newest eight


def test_what_was_done_to_a_registry_can_be_said(organization):
    registry = RegistryFactory(organization=organization, name="speech")
    owner = registry.owner.user
    by = acting(owner)
    switch_types(registry, ["model"], by=by)
    append_types(registry, ["onnx", "gguf"], by=by)
    protect_alias(registry, "production", by=by)
    unprotect_alias(registry, "production", by=by)
    edit_registry(registry, name="voice", description="x" * 100_000, by=by)
    release_name(registry, "speech", by=by)
    delete_registry(registry, by=by)
    restore_registry(registry, by=by)
    move_ownership(registry, person(registry, username="heir"), by=by)
    change_visibility(registry, "restricted", by=by)
    registry.refresh_from_db()

    events = recent(
        registry.organization, Registry.objects.filter(pk=registry.pk), limit=100
    )
    said = [strip_tags(sentence(event, organization)) for event in events][::-1]

    assert said == [
        "changed the types that voice accepts",
        "added onnx, gguf to the types that voice accepts",
        "protected the alias production in voice",
        "stopped protecting the alias production in voice",
        "renamed voice, which was speech",
        "edited voice",
        "gave up speech, a former name of voice",
        "put voice into the trash",
        "took voice out of the trash",
        "made heir the Owner of voice",
        "changed the visibility of voice to Restricted",
    ]


def test_activity_of_people_who_left_or_of_the_server_is_told(organization, member):
    registry = RegistryFactory(organization=organization, name="speech")
    user = person(registry, Role.MEMBER, full_name="")
    logged_version(TeamFactory(organization=organization))
    linked_version(registry, "by-system")
    edit_card(registry.collections.get(), "text", by=acting(user))

    text = words(home(member))

    assert f"{user.username} edited the card of by-system" in text
    assert "system linked by-system v0" in text


def test_an_outsider_finds_no_organization(organization):
    assert home(signed_in(UserFactory())).status_code == 404
    assert reverse("registries:home", args=["northwind"]) == "/orgs/northwind/registry/"
