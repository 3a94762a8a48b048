from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing, TooLarge
from accounts.models import Event
from accounts.permissions import Role
from registries.models import Collection, Registry, Tag
from registries.operations.aliases import set_alias
from registries.operations.collections import (
    add_tag,
    create_collection,
    delete_collection,
    edit_card,
)
from registries.operations.contents import protect_alias
from registries.operations.links import link, unlink
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


def counts(registry: Registry) -> tuple[int, int]:
    """What the registry says of its live collections and versions; it has to be true."""
    registry = Registry.objects.get(pk=registry.pk)
    live = registry.collections.live()
    versions = sum(collection.versions.count() for collection in live)
    kept = (registry.collection_count, registry.version_count)
    assert kept == (live.count(), versions)
    for collection in registry.collections.all():
        assert collection.version_count == collection.versions.count()
    return kept


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("collection", {"name": ""}),
        ("collection", {"name": "a/b"}),
        ("collection", {"name": ".."}),
        ("collection", {"name": "é"}),
        ("type", {"artifact_type": ""}),
        ("type", {"artifact_type": "job"}),
        ("type", {"artifact_type": "a:b"}),
        ("type", {"artifact_type": "dataset"}),
        ("description", {"description": "\0"}),
    ],
)
def test_a_bad_value_is_refused_by_field(field, values, unchanged):
    core = RegistryFactory().organization.registries.get(name="model")
    values = {"name": "a", "artifact_type": "model"} | values

    with unchanged(), pytest.raises(Invalid) as refusal:
        create_collection(core, **values, by=SYSTEM)

    assert refusal.value.field == field


def test_a_type_is_kept_composed():
    registry = RegistryFactory()

    collection = create_collection(registry, "a", artifact_type="mode\u0301le", by=SYSTEM)

    assert collection.type == "mod\u00e9le"


def test_a_name_is_taken_without_regard_to_case_until_it_is_in_the_trash(unchanged):
    registry = RegistryFactory()
    first = create_collection(registry, "Classifier", artifact_type="model", by=SYSTEM)

    with unchanged(), pytest.raises(Conflict):
        create_collection(registry, "CLASSIFIER", artifact_type="data", by=SYSTEM)
    delete_collection(first, by=SYSTEM)
    create_collection(registry, "CLASSIFIER", artifact_type="data", by=SYSTEM)

    assert counts(registry) == (1, 0)


def test_a_name_is_taken_in_one_registry_only():
    for _ in range(2):
        create_collection(RegistryFactory(), "a", artifact_type="model", by=SYSTEM)

    assert Collection.objects.filter(name="a").count() == 2


def test_a_card_is_kept_and_its_event_says_what_was_there():
    collection = linked_version(RegistryFactory()).collection
    edit_card(collection, "# One", by=SYSTEM)

    edit_card(collection, "# Two\r\n", by=SYSTEM)

    event = Event.objects.last()
    collection.refresh_from_db()
    assert collection.description == "# Two\n"
    assert (event.before, event.after) == ("# One", "# Two\n")


@pytest.mark.parametrize(
    ("card", "refused"), [("\0", Invalid), ("x" * 1_048_577, TooLarge)]
)
def test_a_bad_card_is_refused(card, refused, unchanged):
    collection = linked_version(RegistryFactory()).collection

    with unchanged(), pytest.raises(refused):
        edit_card(collection, card, by=SYSTEM)


@pytest.mark.parametrize("name", ["", "a/b", " a", "a,b", "a\0", "x" * 129])
def test_a_bad_tag_is_refused(name, unchanged):
    version = linked_version(RegistryFactory())

    for subject in (version, version.collection):
        with unchanged(), pytest.raises(Invalid) as refusal:
            add_tag(subject, name, by=SYSTEM)
        assert refusal.value.field == "tag"


def test_a_tag_is_composed_and_once_on_a_thing():
    version = linked_version(RegistryFactory())

    for name in ("caf\u00e9", "cafe\u0301"):
        add_tag(version, name, by=SYSTEM)
        add_tag(version.collection, name, by=SYSTEM)

    assert Tag.objects.count() == 2


def test_in_a_project_the_team_role_decides(unchanged):
    team = TeamFactory()
    version = logged_version(team)
    viewer, member = (
        acting(TeamMembershipFactory(team=team, role=role).membership.user)
        for role in (Role.VIEWER, Role.MEMBER)
    )

    for change in (
        lambda by: add_tag(version, "vision", by=by),
        lambda by: add_tag(version.collection, "vision", by=by),
        lambda by: edit_card(version.collection, "# Card", by=by),
    ):
        with unchanged(), pytest.raises(Denied):
            change(viewer)
        assert change(member)


def test_the_trash_is_not_changed(unchanged):
    version = linked_version(RegistryFactory())
    collection = version.collection
    admin = acting(person(version.registry, Role.ADMIN))
    delete_collection(collection, by=admin)

    for by in (SYSTEM, admin):
        for change in (
            lambda by: edit_card(collection, "# Card", by=by),
            lambda by: add_tag(collection, "vision", by=by),
            lambda by: add_tag(version, "vision", by=by),
            lambda by: unlink(version, by=by),
        ):
            with unchanged(), pytest.raises(Missing):
                change(by)
        with unchanged(), pytest.raises(Conflict, match="in the trash already"):
            delete_collection(collection, by=by)


def test_a_registry_in_the_trash_is_not_changed(unchanged):
    version = linked_version(RegistryFactory())
    registry = version.registry
    Registry.objects.filter(pk=registry.pk).update(deleted_at=timezone.now())

    for by in (SYSTEM, acting(registry.owner.user)):
        for change in (
            lambda by: create_collection(registry, "b", artifact_type="model", by=by),
            lambda by: link(version.artifact, registry, "b", by=by),
            lambda by: delete_collection(version.collection, by=by),
            lambda by: edit_card(version.collection, "# Card", by=by),
            lambda by: unlink(version, by=by),
        ):
            with unchanged(), pytest.raises(Missing):
                change(by)


def test_a_protected_alias_on_any_version_keeps_the_collection(unchanged):
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    old = linked_version(registry, team=team)
    linked_version(registry, team=team, files={"a": b"new"})
    set_alias(old, "production", by=SYSTEM)
    protect_alias(registry, "production", by=SYSTEM)
    member = acting(person(registry, Role.MEMBER))

    with unchanged(), pytest.raises(Denied, match="protected alias production"):
        delete_collection(old.collection, by=member)

    delete_collection(old.collection, by=acting(person(registry, Role.ADMIN)))
    assert counts(registry) == (0, 0)


def test_the_counts_stay_true():
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    versions = [
        linked_version(registry, name, team=team, files={"a": bytes([number])})
        for number, name in enumerate(["a", "a", "a", "b", "b"])
    ]
    assert counts(registry) == (2, 5)

    unlink(versions[1], by=SYSTEM)
    assert counts(registry) == (2, 4)
    delete_collection(versions[3].collection, by=SYSTEM)
    assert counts(registry) == (1, 2)
    again = link(versions[3].artifact, registry, "b", by=SYSTEM)
    assert counts(registry) == (2, 3)
    assert again.number == 2  # never given twice, though the collection is another one
