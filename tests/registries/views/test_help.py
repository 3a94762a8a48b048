from __future__ import annotations

import shlex
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import load_command_class
from django.urls import reverse

from accounts.permissions import Role
from registries.permissions import TABLE
from registries.tasks import SCHEDULE
from registries.views.contents import PAGES
from registries.views.reference import GROUPS, manuals
from tests.commands import manage
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    UserFactory,
    make_organization,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

APPS = ("accounts", "registries")


def page(client, name: str, **query: str) -> str:
    client.force_login(UserFactory(), backend="accounts.backends.EmailBackend")
    response = client.get(reverse(f"registries:{name}"), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_matrix_has_every_row_of_the_table(client):
    html = page(client, "help-permissions")

    for row in TABLE.values():
        assert f'<span class="no">{row.number}</span>' in html
    assert html.count(">yes<") > html.count("Admin") > 0


def test_each_cell_says_what_the_server_checks(client):
    html = page(client, "help-permissions")
    cells = html.split('<span class="no">28</span>')[1].split("</tr>")[0]

    said = [
        cell.split("<")[0] for cell in cells.split('<span class="visually-hidden">')[1:]
    ]
    assert said == ["no", "no", "no", "yes", "yes"]


def test_registry_types_compares_core_and_custom(client):
    html = page(client, "help-registry-types")

    assert "Core registry" in html
    assert "Custom registry" in html
    assert "Never" in html


@pytest.mark.parametrize("name", ["help-index", "help-commands", "help-permissions"])
def test_help_is_for_people_who_are_signed_in(client, name):
    assert client.get(reverse(f"registries:{name}")).status_code == 302


def test_the_role_in_a_registry_is_marked_for_whom_sees_it(client):
    registry = RegistryFactory(visibility="restricted")
    address = f"{reverse('registries:help-permissions')}?registry={registry.full_name}"
    seen = {}
    for role in (Role.MEMBER, None):
        client.force_login(person(registry, role), backend="accounts.backends.EmailBackend")
        seen[role] = client.get(address).content.decode()

    assert f"{registry}</a> is Member." in seen[Role.MEMBER]
    assert seen[Role.MEMBER].count('class="mine"') == 1
    assert "Member<small>your role</small>" in seen[Role.MEMBER]
    assert str(registry) not in seen[None]
    assert 'class="mine"' not in seen[None]


@pytest.mark.parametrize("asked", ["", "/", "x", "\0/\0", "a/" * 900, "northwind/%F0"])
def test_a_registry_that_is_none_marks_nothing(client, asked):
    assert 'class="mine"' not in page(client, "help-permissions", registry=asked)


@pytest.fixture
def reader():
    """An Admin of the organization acme reads the help."""
    organization = make_organization("acme")
    user = UserFactory(username="ada")
    MembershipFactory(organization=organization, user=user, role=Role.ADMIN)
    return signed_in(user)


def blocks(page) -> list[str]:
    """What can be copied from a page."""
    return page.context["code"].values()


def commands(page) -> list[list[str]]:
    """The commands of ours in what can be copied, as the words after manage.py."""
    lines = [shlex.split(line) for block in blocks(page) for line in block.splitlines()]
    return [line[line.index("manage.py") + 1 :] for line in lines if "manage.py" in line]


def test_the_index_leads_to_every_page_and_all_its_parts(reader):
    leads = links(reader.get(reverse("registries:help-index")))

    for page in PAGES.values():
        address = reverse(page.url_name)
        html = reader.get(address).text
        assert address in leads
        for anchor, title in page.parts.items():
            assert f"{address}#{anchor}" in leads
            assert f'<h2 id="{anchor}">{title}</h2>' in html


def test_every_command_is_on_the_page_in_its_own_words(reader):
    folders = (settings.BASE_DIR / app / "management/commands" for app in APPS)
    files = {file.stem for folder in folders for file in folder.glob("[!_]*.py")}

    text = words(reader.get(reverse("registries:help-commands")))

    assert sorted(" ".join(GROUPS.values()).split()) == sorted(files)
    for manual in (each for group in manuals().values() for each in group):
        assert f"{manual.name} {' '.join(manual.about.split()).replace('`', '')}" in text
        assert " ".join(manual.arguments.split()) in text
        assert manual.example in text
    assert "--alias ALIAS an alias of the version; may be repeated" in text


def test_every_variable_of_the_settings_is_on_the_page(reader):
    text = words(reader.get(reverse("registries:help-configuration")))

    for variable in settings.CONFIGURATION:
        assert f"{variable.name} {variable.default.replace('`', '')}" in text
    assert f"BASE_URL={settings.BASE_URL}" in text


def test_what_the_worker_does_is_on_the_page(reader):
    text = words(reader.get(reverse("registries:help-operations")))

    assert text.count("hours") + text.count("1 hour ") >= len(SCHEDULE)
    assert "Delete for good what has been in the trash long enough. 24 hours" in text


@pytest.mark.parametrize("name", ["first-steps", "configuration", "operations"])
def test_every_line_of_ours_is_one_that_a_command_takes(reader, name):
    lines = commands(reader.get(reverse(f"registries:help-{name}")))

    assert lines
    for command, *arguments in lines:
        given = arguments[: arguments.index("2>>")] if "2>>" in arguments else arguments
        if command == "check":  # Django's own
            assert given == ["--deploy"]
            continue
        (app,) = [app for app in APPS if is_of(app, command)]
        load_command_class(app, command).create_parser("manage.py", command).parse_args(
            given
        )


def is_of(app: str, command: str) -> bool:
    return (settings.BASE_DIR / app / f"management/commands/{command}.py").is_file()


def test_the_first_steps_go_as_they_say(reader, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = reader.get(reverse("registries:help-first-steps"))
    said = ""
    for line in (line for block in blocks(page) for line in block.splitlines()):
        if line.startswith("uv run manage.py "):
            said += manage(*shlex.split(line)[3:]).out
        else:
            subprocess.run(["sh", "-ec", line], check=True)

    assert "acme/model/greeter:v1" in said
    assert Path("served/config.json").read_text() == '{"temperature": 0.2}\n'
    (models,) = [link for link in links(page) if link.endswith("/model/")]
    assert "greeter" in words(reader.get(models))


def test_the_backup_has_what_was_written_last_and_all_bytes(reader, tmp_path):
    for name in ("secrets/session-key", "blobs/ab/abc"):
        file = tmp_path / "data" / name
        file.parent.mkdir(parents=True)
        file.write_text(name)
    running = sqlite3.connect(tmp_path / "data/accession.sqlite3", autocommit=True)
    running.execute("PRAGMA journal_mode=WAL")
    running.execute("CREATE TABLE event (at)")
    running.execute("INSERT INTO event VALUES (1)")
    page = reader.get(reverse("registries:help-operations"))
    lines = page.context["code"]["backup"].replace("uv run python", sys.executable)

    subprocess.run(["sh", "-ec", lines], cwd=tmp_path, check=True)

    kept = sqlite3.connect(tmp_path / "backup/accession.sqlite3")
    assert kept.execute("SELECT at FROM event").fetchall() == [(1,)]
    assert (tmp_path / "backup/blobs/ab/abc").read_text() == "blobs/ab/abc"
    assert (tmp_path / "backup/secrets/session-key").is_file()
    running.close()
    kept.close()


def test_somebody_in_no_organization_gets_examples_too(client):
    assert "/model/greeter" in page(client, "help-first-steps")
