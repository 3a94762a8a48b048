from __future__ import annotations

import os
import signal
import socket
from contextlib import chdir
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.models import Event
from accounts.permissions import Role
from registries.management import publishing
from registries.management.reading import SourceFile, files_of, read
from registries.models import Artifact, Version
from registries.operations.contents import protect_alias
from registries.storage import store
from tests.commands import manage
from tests.factories import SYSTEM, RegistryFactory, TeamFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry():
    registry = RegistryFactory(name="production models", accepts_all_types=False)
    registry.accepted_types.create(name="model")
    return registry


@pytest.fixture
def team(registry):
    return TeamFactory(organization=registry.organization)


@pytest.fixture
def folder(tmp_path) -> Path:
    folder = tmp_path / "my model"
    (folder / "tokenizer").mkdir(parents=True)
    (folder / "weights 1.0.bin").write_bytes(b"weights")
    (folder / "tokenizer" / "vocab.json").write_bytes(b"{}")
    (folder / ".hidden").write_bytes(b"")
    return folder


def left_over() -> list[Path]:
    return list(store().temporary.glob("*"))


def test_a_folder_becomes_a_version(registry, team, folder):
    said = manage(
        "publish",
        folder,
        f"{registry.full_name}/churn v1.0",
        "--team",
        team.name,
        "--alias",
        "staging",
        "--metadata",
        '{"auc": 0.9}',
        "--description",
        "First.",
    )

    version = Version.objects.get(collection__registry=registry)
    assert said.out == f"{registry.full_name}/churn v1.0:v0" == version.full_name
    assert said.err == "Published 3 files, 9 B."
    assert sorted(version.artifact.entries.values_list("path", flat=True)) == [
        ".hidden",
        "tokenizer/vocab.json",
        "weights 1.0.bin",
    ]
    assert version.artifact.metadata == {"auc": 0.9}
    assert version.artifact.description == "First."
    assert {alias.name for alias in version.aliases.all()} == {"latest", "staging"}
    assert str(version.artifact.source.project) == f"{team.name}/uploads"
    assert Event.objects.filter(kind="version.link", via="command").count() == 1


def test_a_file_becomes_a_version_under_its_name(registry, team, tmp_path):
    file = tmp_path / "model.bin"
    file.write_bytes(b"weights")

    manage("publish", file, f"{registry.full_name}/churn", "--team", team.name)

    entry = Version.objects.get(collection__registry=registry).artifact.entries.get()
    assert (entry.path, entry.size) == ("model.bin", 7)


def test_equal_content_gives_the_same_version_and_says_so(registry, team, folder):
    arguments = (folder, f"{registry.full_name}/churn", "--team", team.name)
    manage("publish", *arguments)

    again = manage("publish", *arguments, "--alias", "production", "--description", "New")

    assert again.out == f"{registry.full_name}/churn:v0"
    assert again.err == (
        "The content is known already: no new artifact was made.\n"
        "Its description and metadata stay as they were."
    )
    version = Version.objects.get(collection__registry=registry)
    assert version.aliases.filter(name="production").exists()
    assert Artifact.objects.count() == 1
    assert left_over() == []


def test_a_member_publishes_into_their_own_project(registry, folder):
    user = person(registry, Role.MEMBER)

    manage("publish", folder, f"{registry.full_name}/churn", "--as", user.email)

    version = Version.objects.get(collection__registry=registry)
    assert version.created_by == user
    assert str(version.artifact.source.project) == f"{user.username}/uploads"


def test_a_viewer_is_refused_before_anything_is_uploaded(registry, folder):
    user = person(registry, Role.VIEWER)

    with pytest.raises(CommandError, match="needs the role Member"):
        manage("publish", folder, f"{registry.full_name}/churn", "--as", user.username)

    assert not Artifact.objects.exists()
    assert not user.entity.projects.exists()


def test_hidden_and_missing_say_the_same(registry, folder):
    user = person(RegistryFactory())

    with pytest.raises(CommandError) as hidden:
        manage("publish", folder, f"{registry.full_name}/c", "--as", user.username)
    with pytest.raises(CommandError) as missing:
        manage("publish", folder, "nothing/here/c", "--as", user.username)

    name = f"{registry.full_name}/c"
    assert str(hidden.value) == f"There is no registry {name}."
    assert str(hidden.value).replace(name, "nothing/here/c") == str(missing.value)


def test_the_system_names_a_team_of_the_organization(registry, folder):
    stranger = TeamFactory()

    with pytest.raises(CommandError, match="--team"):
        manage("publish", folder, f"{registry.full_name}/churn")
    with pytest.raises(CommandError, match="There is no team"):
        manage("publish", folder, f"{registry.full_name}/c", "--team", stranger.name)


def test_the_type_goes_without_saying_where_only_one_is_accepted(registry, team, folder):
    registry.accepted_types.create(name="tokenizer")
    name = f"{registry.full_name}/churn"

    with pytest.raises(CommandError, match="name one with --type"):
        manage("publish", folder, name, "--team", team.name)
    manage("publish", folder, name, "--team", team.name, "--type", "tokenizer")
    (folder / "more").write_bytes(b"more")
    manage("publish", folder, name, "--team", team.name)

    types = Version.objects.filter(collection__registry=registry)
    assert set(types.values_list("artifact__type", flat=True)) == {"tokenizer"}


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--type", "dataset"), "it accepts model"),
        (("--alias", "v7"), "v7 is a version number"),
        (("--metadata", "{"), "not JSON"),
        (("--metadata", "[1]"), "is a JSON object"),
        (("--metadata", "@/nowhere.json"), "/nowhere.json: No such file"),
        (("--description", "a\x07b"), "not text"),
    ],
)
def test_what_breaks_a_rule_is_refused_and_leaves_nothing(
    registry, team, folder, option, sentence
):
    with pytest.raises(CommandError, match=sentence):
        manage("publish", folder, f"{registry.full_name}/c", "--team", team.name, *option)

    assert not Version.objects.exists()
    assert left_over() == []


def test_metadata_may_come_from_a_file(registry, team, folder, tmp_path):
    notes = tmp_path / "metadata.json"
    notes.write_text('{"epochs": 3}')

    manage(
        "publish",
        folder,
        f"{registry.full_name}/churn",
        "--team",
        team.name,
        "--metadata",
        f"@{notes}",
    )

    assert Artifact.objects.get().metadata == {"epochs": 3}


def test_a_protected_alias_takes_an_admin_before_anything_is_uploaded(registry, folder):
    protect_alias(registry, "production", by=SYSTEM)
    user = person(registry, Role.MEMBER)

    with pytest.raises(CommandError, match="needs the role Admin"):
        manage(
            "publish",
            folder,
            f"{registry.full_name}/churn",
            "--alias",
            "production",
            "--as",
            user.username,
        )

    assert not Artifact.objects.exists()


def test_a_link_inside_the_folder_is_followed(registry, team, folder):
    (folder / "copy").symlink_to("weights 1.0.bin")

    manage("publish", folder, f"{registry.full_name}/churn", "--team", team.name)

    entries = Artifact.objects.get().entries
    assert entries.get(path="copy").blob == entries.get(path="weights 1.0.bin").blob


def a_link_that_leaves(folder: Path) -> None:
    (folder / "tokenizer" / "secret").symlink_to("/etc/hostname")


def a_link_to_nothing(folder: Path) -> None:
    (folder / "lost").symlink_to("nowhere")


def a_link_to_itself(folder: Path) -> None:
    (folder / "loop").symlink_to("loop")


def a_link_to_a_folder(folder: Path) -> None:
    (folder / "again").symlink_to("tokenizer")


def a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "pipe")


def a_socket(folder: Path) -> None:
    with chdir(folder), socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")  # a whole path may be too long for one


def a_name_that_is_not_utf8(folder: Path) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff")).touch()


def a_name_with_a_control_character(folder: Path) -> None:
    (folder / "a\x1b[31mb").touch()


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (a_link_that_leaves, "^tokenizer/secret is a link that leaves the folder"),
        (a_link_to_nothing, "lost: No such file"),
        (a_link_to_itself, "loop: "),
        (a_link_to_a_folder, "^again is a link to a folder"),
        (a_pipe, "pipe is not a file"),
        (a_socket, "socket is not a file"),
        (a_name_that_is_not_utf8, r"'\\udcff' cannot be published: The path is not UTF-8"),
        (a_name_with_a_control_character, r"'a\\x1b\[31mb' cannot be published"),
    ],
)
def test_what_is_no_file_of_the_folder_is_refused_by_name(
    registry, team, folder, spoil, sentence
):
    spoil(folder)

    with pytest.raises(CommandError, match=sentence):
        manage("publish", folder, f"{registry.full_name}/churn", "--team", team.name)

    assert not Artifact.objects.exists()


def test_an_empty_folder_and_a_missing_path_are_refused(registry, team, tmp_path):
    target = (f"{registry.full_name}/churn", "--team", team.name)
    (tmp_path / "empty").mkdir()

    with pytest.raises(CommandError, match="holds no files"):
        manage("publish", tmp_path / "empty", *target)
    with pytest.raises(CommandError, match="No such file"):
        manage("publish", tmp_path / "missing", *target)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything; run as another user")
def test_an_unreadable_file_is_a_sentence(registry, team, folder):
    (folder / ".hidden").chmod(0)

    with pytest.raises(CommandError, match="cannot be read: Permission denied"):
        manage("publish", folder, f"{registry.full_name}/churn", "--team", team.name)


class Silence:
    def advance(self, count: int) -> None:
        pass


def changes(file: SourceFile) -> None:
    file.source.write_bytes(b"other!!")


def grows(file: SourceFile) -> None:
    file.source.write_bytes(b"weights and more")


def shrinks(file: SourceFile) -> None:
    file.source.write_bytes(b"w")


def is_replaced(file: SourceFile) -> None:
    other = file.source.with_name("other")
    other.write_bytes(b"weights")
    other.replace(file.source)


@pytest.mark.parametrize("happens", [changes, grows, shrinks, is_replaced])
def test_a_file_that_changes_meanwhile_is_noticed(folder, happens):
    file = files_of(folder / "weights 1.0.bin")[0]
    os.utime(file.source, ns=(1, 1))
    file = files_of(file.source)[0]
    happens(file)

    with pytest.raises(CommandError, match="changed while it was read"):
        list(read(file, Silence()))


def test_a_link_put_in_the_place_of_a_file_is_not_followed(folder):
    file = files_of(folder / "weights 1.0.bin")[0]
    file.source.unlink()
    file.source.symlink_to("/etc/hostname")

    with pytest.raises(OSError, match="symbolic link"):
        list(read(file, Silence()))


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError(28, "No space left")])
def test_an_interrupted_publish_leaves_nothing(
    registry, team, folder, monkeypatch, interruption
):
    monkeypatch.setattr(publishing, "BATCH_FILES", 1)
    seen = []

    def interrupted(file: SourceFile, progress: object):
        seen.append(file)
        if len(seen) == 3:
            raise interruption
        yield from read(file, progress)

    monkeypatch.setattr(publishing, "read", interrupted)

    with pytest.raises(CommandError, match=r"Interrupted|No space left"):
        manage("publish", folder, f"{registry.full_name}/churn", "--team", team.name)

    assert len(seen) == 3
    assert not Artifact.objects.exists()
    assert not Version.objects.exists()
    assert left_over() == []
    assert Event.objects.filter(kind="artifact.abandon").count() == 1


def test_two_thousand_files_become_one_version_and_come_out_again(registry, team, tmp_path):
    for number in range(2000):
        path = tmp_path / "many" / f"{number % 20}" / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"%d" % number)

    said = manage(
        "publish", tmp_path / "many", f"{registry.full_name}/many", "--team", team.name
    )

    assert said.err.startswith("Published 2000 files")
    assert Artifact.objects.get().file_count == 2000
    assert Event.objects.filter(kind="artifact.attach").count() == 10
    manage("fetch", said.out, tmp_path / "out")
    assert all(
        (tmp_path / "out" / f"{number % 20}/{number}.txt").read_bytes() == b"%d" % number
        for number in range(2000)
    )


def test_ctrl_c_is_what_a_polite_kill_does():
    assert (
        signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    )  # only real processes change it
