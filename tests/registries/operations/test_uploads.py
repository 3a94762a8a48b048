"""Uploading from a browser: what is promised, what comes, who goes on, and how it ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing, TooLarge
from accounts.models import ApiKey, Event
from accounts.permissions import Role
from registries.models import Artifact, Blob, Entry, Upload, UploadSession, Version
from registries.operations import uploads
from registries.operations.artifacts import STALE, abandon_stale
from registries.operations.blobs import sweep_blobs
from registries.operations.contents import protect_alias
from registries.operations.links import unlink
from registries.operations.members import set_role
from registries.operations.publications import Publication, publish_files
from registries.operations.registries import delete_registry, restore_registry
from registries.operations.uploads import (
    announce_files,
    begin_upload,
    cancel_upload,
    finish_upload,
    receive_file,
)
from registries.storage import store
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    linked_version,
    person,
)
from tests.operations import file
from tests.operations_of_uploads import CONTENT, FILES, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    return RegistryFactory(name="serving")


@pytest.fixture
def member(registry):
    """Somebody who may link, with a team that they log into."""
    user = person(registry, Role.MEMBER, full_name="Ada Lovelace")
    team = TeamFactory(organization=registry.organization)
    TeamMembershipFactory(team=team, membership=user.memberships.get(), role=Role.MEMBER)
    return user


@pytest.fixture
def team(member):
    return member.memberships.get().team_memberships.get().team


@pytest.fixture
def by(member):
    return acting(member)


@pytest.fixture
def begin(registry, team, by):
    def begin(**values) -> UploadSession:
        given = {"collection": "churn", "artifact_type": "model", "owner": team} | values
        return begin_upload(Publication(registry=registry, **given), by=by)

    return begin


@pytest.fixture
def session(begin, by) -> UploadSession:
    """An upload of two files, of which none has come."""
    return announce_files(begin(), FILES, by=by)


def send_all(session: UploadSession, by, content: dict[str, bytes] = CONTENT) -> None:
    for path, some in content.items():
        receive(session, path, some, by=by)


def staged() -> list[object]:
    return list(store().temporary.glob("*"))


# From the beginning to the end


def test_files_become_a_version_with_its_aliases(begin, by, registry, team):
    session = begin(aliases=["staging"], description="First.", metadata={"auc": 0.9})
    announce_files(session, FILES, by=by)
    send_all(session, by)

    published = finish_upload(session, by=by)

    version = Version.objects.get(collection__registry=registry)
    assert (published.version, published.was_known) == (version, False)
    assert {alias.name for alias in version.aliases.all()} == {"latest", "staging"}
    artifact = version.artifact
    assert (artifact.file_count, artifact.size, artifact.description) == (2, 9, "First.")
    assert artifact.metadata == {"auc": 0.9}
    assert str(artifact.source.project) == f"{team.name}/uploads"
    entry = artifact.entries.get(path="weights.bin")
    assert entry.blob.sha256 == hashlib.sha256(b"weights").hexdigest()
    assert entry.digest == entry.blob.md5
    assert not UploadSession.objects.exists()
    assert not Upload.objects.exists()
    assert staged() == []


def test_what_publish_writes_is_what_an_upload_writes(begin, by, registry, team):
    """The same files get the same digests, whichever way they came."""
    session = announce_files(begin(), FILES, by=by)
    send_all(session, by)
    uploaded = finish_upload(session, by=by).version.artifact

    publication = Publication(
        registry=registry, collection="other", artifact_type="model", owner=team
    )
    files = [file(content, path) for path, content in CONTENT.items()]
    published = publish_files(publication, files, by=by).version.artifact

    assert uploaded.digest == published.digest
    assert uploaded.fingerprint == published.fingerprint


def test_the_session_counts_what_was_announced_and_what_came(session, by):
    receive(session, "weights.bin", b"weights", by=by)

    now = UploadSession.objects.get()
    assert (now.file_count, now.size) == (2, 9)
    assert (now.received_count, now.received_size, now.missing_count) == (1, 7, 1)
    assert timezone.now() - now.last_byte_at < timedelta(minutes=1)


def test_known_content_gives_the_version_back_and_keeps_one_artifact(begin, by, session):
    send_all(session, by)
    first = finish_upload(session, by=by).version
    again = announce_files(begin(description="Another."), FILES, by=by)
    send_all(again, by)

    published = finish_upload(again, aliases=["best"], by=by)

    assert (published.version, published.was_known) == (first, True)
    assert first.aliases.filter(name="best").exists()
    assert Artifact.objects.get().description == ""
    assert not UploadSession.objects.exists()


def test_numbers_go_on_and_are_foretold(begin, by, session, registry):
    send_all(session, by)
    unlink(finish_upload(session, by=by).version, by=by)

    begin(collection="CHURN")

    assert registry.upload_sessions.into("Churn").with_number().get().number == 1


def test_a_thousand_files_are_finished_with_few_queries(
    begin, by, django_assert_max_num_queries
):
    session = begin()
    names = [f"{number % 10}/{number}" for number in range(1000)]
    announce_files(session, [(name, 4) for name in names], by=by)
    one = receive(session, names[0], b"same", by=by)
    Upload.objects.update(blob=one.blob, md5=one.md5)
    UploadSession.objects.update(received_count=1000, received_size=4000)

    with django_assert_max_num_queries(110):
        finish_upload(session, by=by)

    assert Entry.objects.count() == 1000


# Announcing


@pytest.mark.parametrize(
    "line",
    [
        *((path, 1) for path in ("", "/a", "../a", "a//b", "a\0b", "\ud800", "a/", ".")),
        *((path, 1) for path in ("x" * 256, "y/" * 512, "a\nb", None, 7)),
        *(("a", size) for size in (-1, 2**63, 1.5, "1", True, None)),
    ],
    ids=repr,
)
def test_a_bad_line_is_refused_with_the_good_ones(session, by, line, unchanged):
    with unchanged(), pytest.raises(Invalid) as refusal:
        announce_files(session, [("good", 1), line], by=by)

    assert refusal.value.field == ("size" if line[0] == "a" else "path")


def test_a_path_that_is_named_twice_is_refused_by_its_name(session, by, unchanged):
    with unchanged(), pytest.raises(Invalid, match="a/b is named twice"):
        announce_files(session, [("a/b", 1), ("c", 2), ("a/b", 1)], by=by)


def test_announcing_again_adds_what_is_new_and_no_event_for_nothing(session, by):
    announce_files(session, [*FILES, ("more", 3)], by=by)
    again = announce_files(session, FILES, by=by)

    assert (again.file_count, again.size) == (3, 12)
    events = Event.objects.filter(kind="artifact.attach").order_by("pk")
    assert [event.after for event in events] == [
        {"files": 2, "bytes": 9},
        {"files": 1, "bytes": 3},
    ]


def test_a_known_path_keeps_its_size(session, by, unchanged):
    with unchanged(), pytest.raises(Conflict, match="announced with 7 bytes before"):
        announce_files(session, [("more", 1), ("weights.bin", 8)], by=by)


def test_there_are_limits_for_one_announcement_an_artifact_and_its_size(
    session, by, monkeypatch, unchanged
):
    too_many = [(str(number), 1) for number in range(uploads.ANNOUNCED + 1)]
    with unchanged(), pytest.raises(TooLarge, match="at most 1,000 files at once"):
        announce_files(session, too_many, by=by)
    with unchanged(), pytest.raises(Invalid, match="number of bytes"):
        announce_files(session, [("a", 2**62), ("b", 2**62)], by=by)
    monkeypatch.setattr(uploads, "ENTRY_LIMIT", 3)
    with unchanged(), pytest.raises(TooLarge, match="at most 3 files"):
        announce_files(session, [("a", 1), ("b", 1)], by=by)


def test_what_would_fill_the_disk_is_refused_in_plain_words(
    session, by, settings, unchanged
):
    with unchanged(), pytest.raises(TooLarge, match="no room for 4,611,"):
        announce_files(session, [("a", 2**62)], by=by)
    settings.FREE_SPACE_RESERVE = store().free() * 2
    with unchanged(), pytest.raises(TooLarge, match="only for 0"):
        receive(session, "weights.bin", b"weights", by=by)


# Receiving


def test_nothing_is_read_of_a_file_that_is_refused(session, by, unchanged):
    def unread() -> Iterator[bytes]:
        yield pytest.fail("was read")

    for path, size, refused in (
        ("weights.bin", 8, TooLarge),
        ("weights.bin", 6, Invalid),
        ("weights.bin", -1, Invalid),
        ("unknown", 7, Missing),
        ("../weights.bin", 7, Invalid),
    ):
        with unchanged(), pytest.raises(refused):
            receive_file(session, path, unread(), size=size, by=by)


def test_more_or_fewer_bytes_than_were_said_leave_nothing(session, by, unchanged):
    for chunks, refused in (
        ([b"wei", b"ghts!"], TooLarge),
        ([b"weight"], Invalid),
        ([], Invalid),
    ):
        with unchanged(), pytest.raises(refused):
            receive_file(session, "weights.bin", iter(chunks), size=7, by=by)

    assert staged() == []


def test_other_bytes_than_those_named_leave_nothing(session, by, unchanged):
    named, sent = hashlib.sha256(b"weights").hexdigest(), iter([b"WEIGHTS"])

    with unchanged(), pytest.raises(Invalid, match="other bytes than were sent"):
        receive_file(session, "weights.bin", sent, size=7, sha256=named, by=by)

    assert staged() == []


def test_a_sender_who_goes_away_leaves_nothing(session, by, unchanged):
    def cut_off() -> Iterator[bytes]:
        yield b"wei"
        raise ConnectionResetError

    with unchanged(), pytest.raises(ConnectionResetError):
        receive_file(session, "weights.bin", cut_off(), size=7, by=by)

    assert staged() == []


def test_the_same_file_again_changes_nothing_and_another_is_refused(session, by, unchanged):
    receive(session, "weights.bin", b"weights", by=by)

    with unchanged():
        receive(session, "weights.bin", b"weights", by=by)
        with pytest.raises(Conflict, match="here already, with other bytes"):
            receive(session, "weights.bin", b"WEIGHTS", by=by)

    assert staged() == []


def test_equal_files_are_stored_once_and_count_twice(begin, by):
    session = announce_files(begin(), [("a", 4), ("b", 4)], by=by)
    send_all(session, by, {"a": b"same", "b": b"same"})

    assert Blob.objects.count() == 1
    assert UploadSession.objects.get().missing_count == 0


def test_bytes_that_are_known_elsewhere_have_to_come_all_the_same(begin, by):
    """Nobody learns by a digest what others have stored: there is none to ask with."""
    linked_version(RegistryFactory(), files={"weights.bin": b"weights"})
    session = announce_files(begin(), [("weights.bin", 7)], by=by)

    assert session.received_count == 0
    assert not Upload.objects.exclude(blob=None).exists()


def test_that_bytes_come_is_noted_while_they_do(session, by, monkeypatch):
    monkeypatch.setattr(uploads, "NOTED", timedelta(0))
    seen = []

    def slowly() -> Iterator[bytes]:
        for byte in b"weights":
            seen.append(UploadSession.objects.get().last_byte_at)
            yield bytes([byte])

    receive_file(session, "weights.bin", slowly(), size=7, by=by)

    assert seen[0] is None
    assert len(set(seen)) == 7


def test_a_sweep_leaves_alone_what_an_upload_has(session, by):
    receive(session, "weights.bin", b"weights", by=by)
    later = timezone.now() + timedelta(days=3)

    for _ in range(2):
        sweep_blobs(by=SYSTEM, now=later)
    receive(session, "tokenizer/vocab.json", b"{}", by=by)

    assert finish_upload(session, by=by).version.artifact.file_count == 2


# Who goes on, and as long as they may


def steps(session: UploadSession):
    """Everything that is done with an upload under way."""
    return {
        "announce": lambda by: announce_files(session, [("more", 1)], by=by),
        "receive": lambda by: receive(session, "weights.bin", b"weights", by=by),
        "finish": lambda by: finish_upload(session, by=by),
        "cancel": lambda by: cancel_upload(session, by=by),
    }


def test_another_person_with_every_right_does_not_go_on(session, registry, team, unchanged):
    other = person(registry, Role.ADMIN, standing=Role.ADMIN)

    for step in steps(session).values():
        with unchanged(), pytest.raises(Denied, match="Only Ada Lovelace, who began"):
            step(acting(other))


def test_whoever_only_sees_the_registry_learns_nothing_of_the_project(
    session, registry, unchanged
):
    for role in (Role.RESTRICTED_VIEWER, Role.MEMBER):
        other = acting(person(registry, role))
        for step in steps(session).values():
            with unchanged(), pytest.raises(Denied, match="Only Ada Lovelace, who began"):
                step(other)


def test_nobody_and_a_read_only_key_receive_nothing(session, member, unchanged):
    key = ApiKey(name="reports", read_only=True)

    for by in (acting(None), acting(member).__class__(member, via="test", key=key)):
        with unchanged(), pytest.raises(Denied):
            receive(session, "weights.bin", b"weights", by=by)


def test_whoever_is_demoted_in_the_middle_stops_there_but_may_cancel(
    session, registry, member, by, unchanged
):
    set_role(registry, member, Role.VIEWER, by=SYSTEM)

    for name, step in steps(session).items():
        if name != "cancel":
            with unchanged(), pytest.raises(Denied, match="needs the role Member"):
                step(by)
    cancel_upload(session, by=by)


def test_whoever_leaves_the_team_stops_there(session, team, by, unchanged):
    team.memberships.all().delete()

    for step in steps(session).values():
        with unchanged(), pytest.raises(Denied, match=f"Member in the team {team};"):
            step(by)


def test_a_role_that_ends_while_bytes_come_keeps_them_out(session, registry, member, by):
    def demoted() -> Iterator[bytes]:
        yield b"wei"
        set_role(registry, member, Role.VIEWER, by=SYSTEM)
        yield b"ghts"

    with pytest.raises(Denied):
        receive_file(session, "weights.bin", demoted(), size=7, by=by)

    assert staged() == []
    assert not Blob.objects.exists()


def test_a_registry_in_the_trash_takes_nothing_until_it_is_back(
    session, registry, by, unchanged
):
    delete_registry(registry, by=SYSTEM)
    for name, step in steps(session).items():
        if name != "cancel":
            with unchanged(), pytest.raises(Missing):
                step(by)
    restore_registry(registry, by=SYSTEM)

    send_all(session, by)

    assert finish_upload(session, by=by).version.number == 0


def test_a_registry_that_goes_while_bytes_come_keeps_them_out(session, registry, by):
    def deleted() -> Iterator[bytes]:
        yield b"weights"
        delete_registry(registry, by=SYSTEM)

    with pytest.raises(Missing):
        receive_file(session, "weights.bin", deleted(), size=7, by=by)

    assert not Blob.objects.exists()


def test_an_upload_that_is_cancelled_while_bytes_come_keeps_them_out(session, by):
    def cancelled() -> Iterator[bytes]:
        yield b"weights"
        cancel_upload(session, by=by)

    with pytest.raises(Missing):
        receive_file(session, "weights.bin", cancelled(), size=7, by=by)

    assert staged() == []


def test_a_finished_upload_is_dead(session, by, unchanged):
    send_all(session, by)
    finish_upload(session, by=by)

    for step in steps(session).values():
        with unchanged(), pytest.raises(Conflict, match="content never changes"):
            step(by)


def test_what_linking_refuses_is_refused_before_it_begins(
    begin, registry, team, by, unchanged
):
    protect_alias(registry, "production", by=SYSTEM)
    linked_version(registry, "tables", artifact_type="dataset")

    for values, refused in (
        ({"aliases": ["production"]}, Denied),
        ({"aliases": ["v1"]}, Invalid),
        ({"collection": "a/b"}, Invalid),
        ({"collection": "tables"}, Invalid),
        ({"artifact_type": "job"}, Invalid),
        ({"metadata": {"a": float("inf")}}, Invalid),
        ({"owner": TeamFactory()}, Missing),
    ):
        with unchanged(), pytest.raises(refused):
            begin(**values)


# Finishing


def test_what_is_missing_is_said_and_nothing_is_published(begin, session, by, unchanged):
    receive(session, "weights.bin", b"weights", by=by)

    with unchanged(), pytest.raises(Conflict, match="1 of 2 files are still missing"):
        finish_upload(session, by=by)
    with pytest.raises(Conflict, match="Choose at least one file"):
        finish_upload(begin(), by=by)


def test_an_alias_protected_meanwhile_stops_the_end_and_another_goes_through(
    begin, registry, by, unchanged
):
    session = announce_files(begin(aliases=["production"]), FILES, by=by)
    send_all(session, by)
    protect_alias(registry, "production", by=SYSTEM)

    with unchanged(), pytest.raises(Denied, match="needs the role Admin"):
        finish_upload(session, by=by)
    version = finish_upload(session, aliases=["staging"], by=by).version

    assert {alias.name for alias in version.aliases.all()} == {"latest", "staging"}


def test_a_type_refused_meanwhile_leaves_nothing_in_the_project(begin, by, registry):
    session = announce_files(begin(), FILES, by=by)
    send_all(session, by)
    linked_version(registry, "churn", artifact_type="dataset")

    with pytest.raises(Invalid, match="holds the type dataset"):
        finish_upload(session, by=by)

    assert UploadSession.objects.get().missing_count == 0
    assert not Entry.objects.filter(artifact=session.artifact).exists()


def test_a_path_that_is_file_and_folder_is_refused_by_its_name(begin, by, unchanged):
    session = announce_files(begin(), [("a", 1), ("a/b", 1)], by=by)
    send_all(session, by, {"a": b"1", "a/b": b"2"})

    with unchanged(), pytest.raises(Invalid, match="a is both a file and a folder"):
        finish_upload(session, by=by)


@pytest.mark.parametrize("content", [None, b"wei"])
def test_bytes_that_the_store_lost_are_no_version(
    session, by, own_blobs, content, unchanged
):
    send_all(session, by)
    name = hashlib.sha256(b"weights").hexdigest()
    path = own_blobs / name[:2] / name
    path.unlink()
    if content:
        path.write_bytes(content)

    with unchanged(), pytest.raises(OSError, match=r"weights\.bin are missing or cut"):
        finish_upload(session, by=by)


# Giving up


def test_what_is_cancelled_is_gone_and_its_bytes_go_later(session, by):
    send_all(session, by)

    cancel_upload(session, by=by)
    later = timezone.now() + timedelta(days=1)
    for hours in (0, 30):
        sweep_blobs(by=SYSTEM, now=later + timedelta(hours=hours))

    assert not Artifact.objects.exists()
    assert not UploadSession.objects.exists()
    assert list(store().stored()) == []


def test_only_an_upload_without_a_byte_for_a_week_is_given_up(begin, by):
    slow, left = begin(), begin()
    announce_files(slow, FILES, by=by)
    receive(slow, "weights.bin", b"weights", by=by)
    Artifact.objects.update(created_at=timezone.now() - STALE * 2)

    abandon_stale(by=SYSTEM)

    assert list(UploadSession.objects.all()) == [slow]
    assert not Artifact.objects.filter(pk=left.pk).exists()


def test_files_staged_for_one_form_are_published_or_nothing_is(
    registry, team, by, unchanged
):
    protect_alias(registry, "production", by=SYSTEM)
    publication = Publication(
        registry=registry,
        collection="churn",
        artifact_type="model",
        owner=team,
        aliases=["production"],
    )

    with unchanged(), pytest.raises(Denied):
        publish_files(publication, [file(b"fresh")], by=by)
