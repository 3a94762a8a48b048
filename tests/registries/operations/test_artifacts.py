from __future__ import annotations

import tracemalloc
from base64 import b64encode
from hashlib import md5
from io import BytesIO

import pytest

from accounts.actors import Actor, Conflict, Denied, Invalid, Missing, TooLarge
from accounts.models import Event
from accounts.permissions import Role
from registries import manifests
from registries.models import Artifact, Collection, Entry, Project, Version
from registries.operations import artifacts
from registries.operations.artifacts import (
    abandon_artifact,
    attach_files,
    begin_artifact,
    commit_artifact,
    source_name,
)
from registries.operations.contents import protect_alias
from registries.operations.links import check_link, link, unlink
from registries.operations.projects import ensure_project
from registries.storage import chunks, store
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    UserFactory,
    acting,
    linked_version,
    logged_version,
    person,
)

pytestmark = pytest.mark.django_db


def staged(content: bytes):
    return store().stage(chunks(BytesIO(content)))


@pytest.fixture
def project() -> Project:
    return ensure_project(TeamFactory(), "uploads", by=SYSTEM)


def begin(project: Project, name: str = "classifier", **values) -> Artifact:
    return begin_artifact(project, name, **{"artifact_type": "model"} | values, by=SYSTEM)


def publish(project: Project, files: dict[str, bytes], **values) -> Version:
    artifact = begin(project, **values)
    attach_files(artifact, [(p, staged(c)) for p, c in files.items()], by=SYSTEM)
    return commit_artifact(artifact, by=SYSTEM)


# Beginning


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("type", {"artifact_type": "job"}),
        ("type", {"artifact_type": "wandb-history"}),
        ("type", {"artifact_type": "a/b"}),
        ("collection", {"name": "a/b"}),
        ("collection", {"name": ""}),
        ("description", {"description": "\0"}),
        ("metadata", {"metadata": {"a": float("nan")}}),
        ("metadata", {"metadata": {str(n): n for n in range(101)}}),
        ("metadata", {"metadata": [1]}),
    ],
)
def test_a_bad_value_is_refused_by_field(project, field, values, unchanged):
    with unchanged(), pytest.raises(Invalid) as refusal:
        begin(project, **values)

    assert refusal.value.field == field


def test_a_collection_holds_one_type(project, unchanged):
    publish(project, {"a": b"1"})

    with unchanged(), pytest.raises(Invalid, match="holds the type model"):
        begin(project, "CLASSIFIER", artifact_type="dataset")


def test_another_type_of_the_name_gets_a_number(project):
    publish(project, {"a": b"1"})
    begin(project, "classifier-2", artifact_type="table")

    assert source_name(project, "Classifier", "model") == "Classifier"
    assert source_name(project, "classifier", "dataset") == "classifier-3"
    assert source_name(project, "x" * 128, "dataset") == "x" * 128
    begin(project, "x" * 128)
    assert source_name(project, "x" * 128, "dataset") == "x" * 126 + "-2"


def test_metadata_is_kept_exactly(project):
    metadata = {"n": 2**70, "x": 0.1, "é": [None, True, {"b": ""}], "a" * 1000: -1}

    artifact = begin(project, metadata=metadata)

    assert Artifact.objects.get(pk=artifact.pk).metadata == metadata


def test_what_is_pending_is_in_no_list(project):
    artifact = begin(project)
    attach_files(artifact, [("a", staged(b"1"))], by=SYSTEM)
    admin = UserFactory(is_superuser=True)

    assert not Artifact.objects.visible_to(admin).exists()
    assert not Version.objects.exists()
    assert artifact.source.version_count == 0


def test_a_project_in_the_trash_takes_nothing(project, unchanged):
    artifact = begin(project)
    Project.objects.update(deleted_at="2026-01-01T00:00Z")
    project.refresh_from_db()

    for change in (
        lambda: begin(project),
        lambda: attach_files(artifact, [], by=SYSTEM),
        lambda: commit_artifact(artifact, by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Missing):
            change()


# Files


@pytest.mark.parametrize(
    "path", ["", "/a", "a/", "../a", "a/../b", "a//b", ".", "a\0b", "\ud800", "x" * 256]
)
def test_a_bad_path_is_refused(project, path, unchanged):
    artifact = begin(project)

    with unchanged(), pytest.raises(Invalid) as refusal:
        attach_files(artifact, [("good", staged(b"1")), (path, staged(b"2"))], by=SYSTEM)

    assert refusal.value.field == "path"


def test_a_path_is_taken_once(project, unchanged):
    artifact = begin(project)
    attach_files(artifact, [("a", staged(b"1"))], by=SYSTEM)

    for files in ([("a", staged(b"2"))], [("b", staged(b"2")), ("b", staged(b"3"))]):
        with unchanged(), pytest.raises(Conflict):
            attach_files(artifact, files, by=SYSTEM)
    attach_files(artifact, [("A", staged(b"2"))], by=SYSTEM)


@pytest.mark.parametrize(
    "paths",
    [("a", "a/b"), ("a/b/c", "a/b"), ("a/b", "a"), ("a", "a-", "a-b/c", "a/b", "b")],
)
def test_a_path_is_not_both_file_and_folder(project, paths, unchanged):
    artifact = begin(project)
    attach_files(artifact, [(path, staged(b"1")) for path in paths], by=SYSTEM)

    with unchanged(), pytest.raises(Invalid, match="both a file and a folder"):
        commit_artifact(artifact, by=SYSTEM)


def test_deep_folders_take_no_memory(project):
    artifact = begin(project)
    paths = [f"{n:03}" + "/a" * 510 for n in range(200)]
    Entry.objects.bulk_create(
        Entry(artifact=artifact, path=path, digest="d", reference="s3://a/b", size=0)
        for path in paths
    )
    tracemalloc.start()
    commit_artifact(artifact, by=SYSTEM)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most < 10_000_000  # a set of all folders takes 60


def test_an_artifact_has_a_limit_of_files(project, monkeypatch, unchanged):
    monkeypatch.setattr(artifacts, "ENTRY_LIMIT", 3)
    artifact = begin(project)
    attach_files(artifact, [(str(n), staged(b"1")) for n in range(2)], by=SYSTEM)

    with unchanged(), pytest.raises(TooLarge, match="at most 3 files"):
        attach_files(artifact, [("a", staged(b"1")), ("b", staged(b"1"))], by=SYSTEM)
    attach_files(artifact, [("a", staged(b"1"))], by=SYSTEM)


def test_equal_content_is_stored_once(project):
    artifact = begin(project)

    attach_files(artifact, [(name, staged(b"same")) for name in "abc"], by=SYSTEM)

    assert artifact.entries.values("blob").distinct().count() == 1
    assert len(list(store().stored())) == 1
    assert not list(store().temporary.glob("*"))


# Committing


def test_attaching_no_file_is_refused(project, unchanged):
    artifact = begin(project)

    with unchanged(), pytest.raises(Invalid) as refusal:
        attach_files(artifact, [], by=SYSTEM)

    assert refusal.value.field == "files"


def test_committing_gives_number_digest_size_and_latest(project):
    version = publish(project, {"b/c": b"22", "a": b"1"})

    artifact = Artifact.objects.get()
    assert (version.number, artifact.size, artifact.file_count) == (0, 3, 2)
    document = "wandb-artifact-manifest-v1\n"
    for path, content in (("a", b"1"), ("b/c", b"22")):
        document += f"{path}:{b64encode(md5(content).digest()).decode()}\n"
    assert artifact.digest == md5(document.encode()).hexdigest()
    assert version.aliases.get().name == "latest"
    assert artifact.committed_at


def test_the_same_content_gives_the_version_back_and_moves_the_aliases(project):
    first = publish(project, {"a": b"1"})
    second = publish(project, {"a": b"2"})
    Event.objects.all().delete()
    again = begin(project)
    attach_files(again, [("a", staged(b"1"))], by=SYSTEM)

    version = commit_artifact(again, aliases=["best", "latest"], by=SYSTEM)

    assert version == first
    assert version.aliases.get().name == "best"
    assert second.aliases.get().name == "latest"
    assert Artifact.objects.count() == 2
    assert Event.objects.filter(kind="alias.add").count() == 1


@pytest.mark.parametrize(
    "other", [{"b": b"1"}, {"a": b"2"}, {"a": b"1", "b": b""}, {"A": b"1"}]
)
def test_other_content_is_another_version(project, other):
    publish(project, {"a": b"1"})

    assert publish(project, other).number == 1


def test_paths_and_contents_do_not_run_together(project):
    """Each part is hashed with its length, so that no two lists look alike."""
    first = publish(project, {"a": b"1", "ab": b"2"})
    second = publish(project, {"aa": b"1", "b": b"2"})

    assert first.artifact.fingerprint != second.artifact.fingerprint


def test_the_same_content_elsewhere_is_another_artifact(project):
    assert publish(project, {"a": b"1"}) != publish(project, {"a": b"1"}, name="other")


def test_a_bad_alias_stops_the_commit(project, unchanged):
    artifact = begin(project)
    attach_files(artifact, [("a", staged(b"1"))], by=SYSTEM)

    for alias in ("v1", "", "a/b"):
        with unchanged(), pytest.raises(Invalid):
            commit_artifact(artifact, aliases=["good", alias], by=SYSTEM)


def test_a_committed_artifact_is_changed_by_nobody(project, unchanged):
    version = publish(project, {"a": b"1"})

    for change in (
        lambda: attach_files(version.artifact, [("b", staged(b"2"))], by=SYSTEM),
        lambda: commit_artifact(version.artifact, by=SYSTEM),
        lambda: abandon_artifact(version.artifact, by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Conflict, match="never changes"):
            change()


def test_an_abandoned_artifact_is_gone(project):
    artifact = begin(project)
    attach_files(artifact, [("a", staged(b"1"))], by=SYSTEM)

    abandon_artifact(artifact, by=SYSTEM)

    assert not Artifact.objects.exists()
    with pytest.raises(Missing):
        attach_files(artifact, [], by=SYSTEM)


def test_the_manifests_order_is_by_bytes_on_both_databases(project):
    names = [
        "a",
        "B",
        "_",
        "b",
        "é",
        "Z",
        "a/b".replace("/", "-"),
        "10",
        "9",
        "~",
        "\U0001f600",
    ]
    version = publish(project, dict.fromkeys(names, b"1"))

    ordered = [entry.path for entry in manifests._by_path(version.artifact)]

    assert ordered == sorted(names, key=str.encode)


# Linking what was logged


def test_linking_needs_the_bytes_and_not_only_the_details(unchanged):
    source = linked_version(RegistryFactory())
    target = RegistryFactory(organization=source.registry.organization)
    reader = person(source.registry, Role.RESTRICTED_VIEWER)
    stranger_source = RegistryFactory(
        organization=target.organization, visibility="restricted"
    )
    hidden = linked_version(stranger_source)
    target.members.create(membership=reader.memberships.get(), role=Role.MEMBER)

    with unchanged(), pytest.raises(Denied, match="Linking needs"):
        link(source.artifact, target, "copy", by=acting(reader))
    with unchanged(), pytest.raises(Missing):
        link(hidden.artifact, target, "copy", by=acting(reader))


def test_linking_into_what_one_cannot_change_is_denied(unchanged):
    version = linked_version(RegistryFactory())
    target = RegistryFactory(organization=version.registry.organization)
    viewer = person(target, Role.VIEWER)

    with unchanged(), pytest.raises(Denied):
        link(version.artifact, target, "copy", by=acting(viewer))


def test_what_is_pending_or_of_another_organization_cannot_be_linked(project, unchanged):
    team = TeamFactory()
    registry = RegistryFactory(organization=team.organization)
    logged = logged_version(TeamFactory())
    artifact = begin(project)
    user = MembershipFactory(organization=team.organization, role=Role.ADMIN).user
    MembershipFactory(
        organization=logged.project.entity.team.organization, user=user, role=Role.ADMIN
    )

    for each in (artifact, logged.artifact):
        for by in (SYSTEM, acting(user)):
            with unchanged(), pytest.raises(Missing):
                link(each, registry, "copy", by=by)


def test_what_a_person_logged_is_linked_where_they_may():
    registry = RegistryFactory()
    user = person(registry, Role.MEMBER)
    project = ensure_project(user, "uploads", by=acting(user))
    version = publish(project, {"a": b"1"})

    linked = link(version.artifact, registry, "mine", by=acting(user))

    assert linked.number == 0


def test_what_a_person_logged_is_carried_to_another_organization_by_nobody_else(unchanged):
    registry, elsewhere = RegistryFactory(), RegistryFactory()
    author, other = person(registry, Role.MEMBER), person(registry, Role.ADMIN)
    project = ensure_project(author, "uploads", by=acting(author))
    version = publish(project, {"a": b"1"})
    link(version.artifact, registry, "mine", by=acting(author))
    for user in (author, other):
        member = MembershipFactory(organization=elsewhere.organization, user=user)
        elsewhere.members.create(membership=member, role=Role.MEMBER)

    with unchanged(), pytest.raises(Missing):
        link(version.artifact, elsewhere, "theirs", by=acting(other))
    assert link(version.artifact, elsewhere, "mine", by=acting(author))


def test_a_type_that_is_not_accepted_is_refused_with_those_that_are(unchanged):
    core = RegistryFactory().organization.registries.get(name="model")
    team = TeamFactory(organization=core.organization)
    version = logged_version(team, artifact_type="dataset")

    for change in (
        lambda: link(version.artifact, core, "copy", by=SYSTEM),
        lambda: check_link(core, "copy", "dataset", by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Invalid, match="it accepts model") as refusal:
            change()
        assert refusal.value.field == "type"


def test_a_collection_of_another_type_is_refused(unchanged):
    version = linked_version(RegistryFactory())
    team = TeamFactory(organization=version.registry.organization)
    other = logged_version(team, artifact_type="dataset")

    for change in (
        lambda: link(other.artifact, version.registry, "CLASSIFIER", by=SYSTEM),
        lambda: check_link(version.registry, "CLASSIFIER", "dataset", by=SYSTEM),
    ):
        with unchanged(), pytest.raises(Invalid, match="holds the type model"):
            change()


def test_asking_first_refuses_what_linking_would(unchanged):
    registry = RegistryFactory()
    protect_alias(registry, "production", by=SYSTEM)
    viewer, member = (person(registry, role) for role in (Role.VIEWER, Role.MEMBER))

    for by, values, refused in (
        (acting(viewer), {}, Denied),
        (Actor(None, via="test"), {}, Denied),
        (acting(member), {"aliases": ["production"]}, Denied),
        (acting(member), {"aliases": ["v1"]}, Invalid),
        (acting(member), {"name": "a/b"}, Invalid),
        (acting(member), {"artifact_type": "job"}, Invalid),
    ):
        given = {"name": "new", "artifact_type": "model"} | values
        with unchanged(), pytest.raises(refused):
            check_link(registry, by=by, **given)
    check_link(registry, "new", "model", aliases=["latest", "staging"], by=acting(member))


def test_unlinking_twice_and_in_a_project_is_refused(unchanged):
    version = linked_version(RegistryFactory())
    stale = Version.objects.get(pk=version.pk)
    source = Version.objects.get(collection__project__isnull=False)
    unlink(version, by=SYSTEM)

    with unchanged(), pytest.raises(Missing):
        unlink(stale, by=SYSTEM)
    with unchanged(), pytest.raises(Invalid):
        unlink(source, by=SYSTEM)


def test_a_missing_collection_is_made_by_linking_and_by_who_linked():
    registry = RegistryFactory()
    member = person(registry, Role.MEMBER)
    registry_home = linked_version(registry)

    link(registry_home.artifact, registry, "Fresh", by=acting(member))

    collection = Collection.objects.get(name="Fresh")
    assert (collection.type, collection.created_by) == ("model", member)
    assert collection.updated_by == member
