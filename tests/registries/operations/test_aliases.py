from __future__ import annotations

from copy import deepcopy

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing, Refusal
from accounts.models import Event
from accounts.permissions import Role
from registries.models import AliasMove, Collection, Registry, Version
from registries.operations.aliases import remove_alias, set_alias, undo_move
from registries.operations.contents import protect_alias
from registries.operations.links import link, unlink
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(undone) -> list[Version]:
    """Three versions of one collection of a registry."""
    registry = RegistryFactory()
    team = TeamFactory(organization=registry.organization)
    contents = [{"a": bytes([number])} for number in range(3)]
    return [linked_version(registry, team=team, files=files) for files in contents]


@pytest.fixture
def versions(made) -> list[Version]:
    return deepcopy(made)


def moves(collection: Collection, name: str) -> list[tuple[int | None, int | None]]:
    rows = AliasMove.objects.filter(collection=collection, name=name).order_by("pk")
    return list(rows.values_list("from_number", "to_number"))


def test_every_move_is_kept_with_who_why_from_and_to(versions):
    first, second, _ = versions
    user = person(first.registry, Role.MEMBER)
    Event.objects.all().delete()

    set_alias(first, "production", by=acting(user))
    set_alias(second, "production", reason="better", by=acting(user))
    set_alias(second, "production", reason="again", by=acting(user))
    remove_alias(first.collection, "production", by=acting(user))

    collection = first.collection
    assert moves(collection, "production") == [(None, 0), (0, 1), (1, None)]
    moved = AliasMove.objects.get(from_number=0, to_number=1, name="production")
    assert (moved.by, moved.reason) == (user, "better")
    events = list(
        Event.objects.order_by("pk").values_list("kind", "before", "after", "reason")
    )
    assert events == [
        ("alias.add", None, {"alias": "production", "version": 0}, ""),
        ("alias.move", *at(0, 1), "better"),
        ("alias.remove", *at(1, None), ""),
    ]


def at(before: int | None, after: int | None) -> list[dict[str, object]]:
    return [{"alias": "production", "version": number} for number in (before, after)]


def test_an_alias_is_on_one_version_and_exact(versions):
    first, second, third = versions

    set_alias(first, "Prod", by=SYSTEM)
    set_alias(second, "prod", by=SYSTEM)
    set_alias(third, "Prod", by=SYSTEM)

    assert first.collection.versions.called("Prod").get() == third
    assert first.collection.versions.called("prod").get() == second


def test_latest_follows_the_newest_and_keeps_its_history(versions):
    first, second, third = versions
    collection = third.collection
    assert collection.versions.called("latest").get() == third

    unlink(third, by=SYSTEM)
    assert collection.versions.called("latest").get() == second
    unlink(first, by=SYSTEM)
    assert collection.versions.called("latest").get() == second
    unlink(second, by=SYSTEM)

    assert not collection.versions.called("latest").exists()
    assert moves(collection, "latest") == [
        (None, 0), (0, 1), (1, 2), (2, None), (None, 1), (1, None),
    ]  # fmt: skip
    assert not Event.objects.filter(after__alias="latest").exists()


def test_latest_is_ignored_on_the_way_on_and_off(versions, unchanged):
    first, _, third = versions

    with unchanged():
        assert set_alias(first, "latest", by=SYSTEM) is None
        remove_alias(first.collection, "latest", by=SYSTEM)

    assert third.collection.versions.called("latest").get() == third


def test_taking_latest_off_an_empty_collection_does_nothing(unchanged):
    version = linked_version(RegistryFactory())
    unlink(version, by=SYSTEM)

    with unchanged():
        remove_alias(version.collection, "latest", by=SYSTEM)


@pytest.mark.parametrize("name", ["v0", "v17", "", " a", "a/b", "a:b", "a\0", "x" * 129])
def test_bad_aliases_are_refused(versions, name, unchanged):
    version = versions[0]
    collection = version.collection

    for change in (
        lambda: set_alias(version, name, by=SYSTEM),
        lambda: remove_alias(collection, name, by=SYSTEM),
        lambda: link(version.artifact, version.registry, "c", aliases=[name], by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Invalid) as refusal:
            change()
        assert refusal.value.field == "alias"


def test_a_reason_fits_its_column(versions, unchanged):
    version = versions[0]

    for reason in ("x" * 1001, "a\0"):
        with unchanged(), pytest.raises(Refusal):
            set_alias(version, "production", reason=reason, by=SYSTEM)
        with unchanged(), pytest.raises(Refusal):
            remove_alias(version.collection, "latest", reason=reason, by=SYSTEM)


def test_an_alias_that_is_not_there_cannot_be_taken_off(versions, unchanged):
    with unchanged(), pytest.raises(Invalid) as refusal:
        remove_alias(versions[0].collection, "production", by=SYSTEM)

    assert refusal.value.field == "alias"


def test_a_version_that_was_unlinked_a_moment_ago_takes_no_alias(versions, unchanged):
    version = versions[0]
    stale = Version.objects.get(pk=version.pk)
    unlink(version, by=SYSTEM)

    with unchanged(), pytest.raises(Missing):
        set_alias(stale, "production", by=SYSTEM)


def test_nothing_moves_in_the_trash(versions, unchanged):
    version = versions[0]
    set_alias(version, "production", by=SYSTEM)
    admin = acting(person(version.registry, Role.ADMIN))

    for model, row in ((Collection, version.collection), (Registry, version.registry)):
        model.objects.filter(pk=row.pk).update(deleted_at=timezone.now())
        for by in (SYSTEM, admin):
            with unchanged(), pytest.raises(Missing):
                set_alias(version, "staging", by=by)
            with unchanged(), pytest.raises(Missing):
                remove_alias(version.collection, "production", by=by)
        model.objects.filter(pk=row.pk).update(deleted_at=None)


# In projects


def test_in_a_project_the_team_role_decides(unchanged):
    team = TeamFactory()
    version = logged_version(team)
    viewer, member, admin = (
        acting(TeamMembershipFactory(team=team, role=role).membership.user)
        for role in (Role.VIEWER, Role.MEMBER, Role.ADMIN)
    )
    stranger = acting(MembershipFactory(organization=team.organization).user)
    set_alias(version, "best", by=member)

    for by in (viewer, stranger):
        with unchanged(), pytest.raises(Denied):
            set_alias(version, "worst", by=by)
        with unchanged(), pytest.raises(Denied):
            remove_alias(version.collection, "best", by=by)
        with unchanged(), pytest.raises(Denied):
            remove_alias(version.collection, "nothing", by=by)
    with unchanged(), pytest.raises(Invalid):
        remove_alias(version.collection, "nothing", by=member)
    remove_alias(version.collection, "best", by=admin)
    assert not version.aliases.filter(name="best").exists()


# Protected ones


def test_a_protected_alias_stays_where_it_is_for_members(versions, unchanged):
    first, second, _ = versions
    set_alias(first, "production", by=SYSTEM)
    protect_alias(first.registry, "production", by=SYSTEM)
    member = acting(person(first.registry, Role.MEMBER))
    registry, artifact = second.registry, second.artifact

    for change in (
        lambda: set_alias(second, "production", by=member),
        lambda: set_alias(first, "production", by=member),
        lambda: remove_alias(first.collection, "production", by=member),
        lambda: link(artifact, registry, "classifier", aliases=["production"], by=member),
        lambda: link(artifact, registry, "fresh", aliases=["a", "production"], by=member),
        lambda: unlink(first, by=member),
    ):
        with unchanged(), pytest.raises(Denied):
            change()
    unlink(second, by=member)


def test_protection_is_exact_and_of_one_registry(versions):
    first = versions[0]
    protect_alias(first.registry, "production", by=SYSTEM)
    other = RegistryFactory(organization=first.registry.organization)
    protect_alias(other, "staging", by=SYSTEM)
    member = acting(person(first.registry, Role.MEMBER))

    for name in ("Production", "staging"):
        assert set_alias(first, name, by=member)


def test_an_admin_moves_and_takes_off_a_protected_alias(versions):
    first, second, _ = versions
    protect_alias(first.registry, "production", by=SYSTEM)
    admin = acting(person(first.registry, Role.ADMIN))

    set_alias(first, "production", by=admin)
    set_alias(second, "production", by=admin)
    unlink(second, by=admin)

    assert not first.collection.versions.called("production").exists()


def last_move(collection: Collection, name: str) -> AliasMove:
    return AliasMove.objects.filter(collection=collection, name=name).latest("pk")


def test_a_move_is_taken_back_with_a_reason(versions):
    first, second, _ = versions
    set_alias(first, "production", by=SYSTEM)
    set_alias(second, "production", by=SYSTEM)

    undo_move(last_move(first.collection, "production"), by=SYSTEM)

    assert first.collection.versions.called("production").get() == first
    undone = last_move(first.collection, "production")
    assert (undone.from_number, undone.to_number, undone.reason) == (1, 0, "undone")
    assert Event.objects.filter(kind="alias.move").latest("pk").reason == "undone"


def test_what_was_added_is_taken_off_and_what_was_taken_off_comes_back(versions):
    collection = versions[0].collection
    set_alias(versions[0], "staging", by=SYSTEM)

    undo_move(last_move(collection, "staging"), by=SYSTEM)
    assert not collection.aliases.filter(name="staging").exists()
    undo_move(last_move(collection, "staging"), by=SYSTEM)

    assert collection.versions.called("staging").get() == versions[0]


def test_only_the_last_move_is_taken_back(versions, unchanged):
    collection = versions[0].collection
    set_alias(versions[0], "production", by=SYSTEM)
    first = last_move(collection, "production")
    set_alias(versions[1], "production", by=SYSTEM)

    with unchanged(), pytest.raises(Conflict, match="moved again"):
        undo_move(first, by=SYSTEM)


def test_nothing_goes_back_to_a_version_that_is_gone(versions, unchanged):
    collection = versions[0].collection
    set_alias(versions[0], "production", by=SYSTEM)
    set_alias(versions[1], "production", by=SYSTEM)
    unlink(versions[0], by=SYSTEM)

    with unchanged(), pytest.raises(Conflict, match="v0 is not there any more"):
        undo_move(last_move(collection, "production"), by=SYSTEM)


def test_latest_is_not_undone(versions, unchanged):
    with unchanged(), pytest.raises(Conflict):
        undo_move(last_move(versions[0].collection, "latest"), by=SYSTEM)


def test_members_do_not_undo_a_protected_alias(versions, unchanged):
    registry = versions[0].registry
    set_alias(versions[0], "production", by=SYSTEM)
    protect_alias(registry, "production", by=SYSTEM)
    member = acting(person(registry, Role.MEMBER))

    with unchanged(), pytest.raises(Denied, match="role Admin"):
        undo_move(last_move(versions[0].collection, "production"), by=member)


def test_an_alias_that_went_elsewhere_meanwhile_is_not_moved_unseen(versions, unchanged):
    first, second, third = versions
    set_alias(second, "production", by=SYSTEM)

    for seen in ("", "v0"):
        with unchanged(), pytest.raises(Conflict, match="production is on v1"):
            set_alias(third, "production", instead_of=seen, by=SYSTEM)
    with unchanged(), pytest.raises(Conflict, match="production is on v1 by now"):
        remove_alias(first.collection, "production", instead_of="v0", by=SYSTEM)
    set_alias(third, "production", instead_of="v1", by=SYSTEM)

    assert first.collection.versions.called("production").get() == third
