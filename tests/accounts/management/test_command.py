"""What every command has from its base."""

from __future__ import annotations

import re

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from accounts.management.command import OperationCommand, file_sentence
from accounts.models import Event
from accounts.permissions import Role
from tests.commands import manage, run
from tests.factories import MembershipFactory, UserFactory, make_organization

OURS = sorted(
    name for name, app in get_commands().items() if app in {"accounts", "registries"}
)
ALONE = {"start", "worker"}
"""They run the product; they do not act as anybody."""


@pytest.mark.parametrize("name", [name for name in OURS if name not in ALONE])
def test_every_command_takes_as_and_shows_an_example(name):
    command = load_command_class(get_commands()[name], name)

    shown = command.create_parser("manage.py", name).format_help()

    assert isinstance(command, OperationCommand)
    assert "--as USER" in shown
    assert command.help
    assert re.search(rf"Example: uv run manage\.py\s+{name}\b", shown)


@pytest.mark.django_db
def test_without_as_the_system_acts_and_its_events_say_so():
    organization = make_organization()

    manage("create_team", f"{organization.name}/vision")

    event = Event.objects.get(kind="team.create")
    assert (event.actor_name, event.actor_id, event.via) == ("system", None, "command")


@pytest.mark.django_db
@pytest.mark.parametrize("named", ["email", "username"])
def test_with_as_a_person_acts_and_events_name_them(named):
    member = MembershipFactory()

    name = f"{member.organization.name}/vision"
    manage("create_team", name, "--as", getattr(member.user, named).upper())

    event = Event.objects.get(kind="team.create")
    assert (event.actor_id, event.via) == (member.user.pk, "command")


@pytest.mark.django_db
def test_nobody_acts_as_somebody_deactivated_or_unknown():
    closed = UserFactory(is_active=False)

    with pytest.raises(CommandError, match="is deactivated"):
        manage("list", "--as", closed.username)
    with pytest.raises(CommandError, match="There is no user nobody"):
        manage("list", "--as", "nobody")


@pytest.mark.django_db
def test_an_organization_is_found_by_either_name_in_any_case():
    organization = make_organization("northwind")

    assert manage("create_team", "NORTHWIND/one").out == "northwind/one"
    assert manage("create_team", f"{organization.display_name}/two").out == "northwind/two"


@pytest.mark.django_db
def test_hidden_and_missing_organizations_say_the_same():
    outsider = MembershipFactory(role=Role.ADMIN).user
    make_organization("hidden")

    for name in ("hidden", "missing"):
        with pytest.raises(CommandError) as refused:
            manage("create_team", f"{name}/vision", "--as", outsider.username)
        assert str(refused.value) == f"There is no organization {name}."


@pytest.mark.django_db
def test_a_name_that_is_not_utf8_is_a_sentence():
    with pytest.raises(CommandError, match="not UTF-8"):
        manage("create_team", "a\udcff/b")


def test_a_fault_of_the_disk_names_the_file():
    assert (
        file_sentence(OSError(28, "No space left", "/data/x")) == "/data/x: No space left."
    )
    assert file_sentence(OSError(28, "No space left")) == "No space left."


def test_a_missing_schema_is_one_sentence_and_exit_1(tmp_path):
    done = run("list", data=tmp_path)

    assert (done.returncode, done.stdout) == (1, "")
    said = "Failed: The database is not ready. First: uv run manage.py start, or"
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1


def test_an_unusable_data_folder_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()

    done = run("list", data=tmp_path / "file")

    assert done.returncode == 1
    assert re.fullmatch(
        r"Configuration: The data folder .* cannot be used.*\n", done.stderr
    )
