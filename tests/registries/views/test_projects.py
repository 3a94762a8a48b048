"""Projects, their runs and source versions: for the team, and for nobody else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from registries.models import Run
from registries.operations.aliases import set_alias
from registries.operations.links import link
from registries.operations.members import set_role
from registries.operations.projects import ensure_project
from registries.operations.runs import RunDetails, start_run, use_artifact
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    acting,
    linked_version,
    logged_version,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory()


@pytest.fixture
def version(team):
    return logged_version(team, files={"a b/c.txt": b"content", "d.bin": b"\0"})


def member_of(team, role: Role = Role.VIEWER):
    membership = MembershipFactory(organization=team.organization, role=Role.VIEWER)
    TeamMembershipFactory(team=team, membership=membership, role=role)
    return membership.user


def pages(version) -> list[str]:
    """Every address of a project with one version and one run."""
    project = version.project
    start_run(project, "run 1", by=SYSTEM)
    here, there = version.get_absolute_url(), project.get_absolute_url()
    return [
        there,
        f"{there}runs/",
        f"{there}runs/run%201/",
        version.collection.get_absolute_url(),
        here,
        f"{here}files/a%20b/c.txt",
        f"{here}raw/a%20b/c.txt",
        f"{here}zip/",
    ]


def test_a_member_of_the_team_sees_and_downloads(team, version):
    client = signed_in(member_of(team))

    for address in pages(version):
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.getvalue()


def test_files_of_a_source_version_are_found_by_a_part_of_their_path(team):
    files = {f"maße/{n}ä.bin": b"%d" % n for n in range(11)}
    many = logged_version(team, "many", files=files)
    client, address = signed_in(member_of(team)), many.get_absolute_url()

    part = client.get(f"{address}?files=10Ä.BIN", headers={"hx-request": "true"})
    none = client.get(f"{address}?files=none")

    assert "10ä.bin" in words(part)
    assert "9ä.bin" not in words(part)
    assert 'id="filter"' in none.content.decode()
    assert "No file has “none” in its path." in words(none)


def test_for_others_there_is_no_such_project(team, version):
    other = MembershipFactory(organization=team.organization, role=Role.MEMBER).user
    client = signed_in(other)

    assert {client.get(address).status_code for address in pages(version)} == {404}
    listed = client.get(f"/orgs/{team.organization.name}/projects/")
    assert "No projects yet" in words(listed)


def test_an_organization_admin_sees_the_projects_of_every_team(team, version):
    admin = team.organization.memberships.get(role=Role.ADMIN).user

    response = signed_in(admin).get(f"/orgs/{team.organization.name}/projects/")

    assert version.project.get_absolute_url() in links(response)


def test_a_personal_project_is_its_persons_only(team):
    user, other = member_of(team), member_of(team)
    project = ensure_project(user, "mine", by=acting(user))

    assert signed_in(user).get(project.get_absolute_url()).status_code == 200
    assert signed_in(other).get(project.get_absolute_url()).status_code == 404
    admin = team.organization.memberships.get(role=Role.ADMIN).user
    assert signed_in(admin).get(project.get_absolute_url()).status_code == 404


def test_names_in_another_case_lead_to_the_one_address(team, version):
    client = signed_in(member_of(team))
    address = version.project.get_absolute_url()

    response = client.get(address.upper())

    assert (response.status_code, response["Location"]) == (302, address)


def test_a_run_shows_what_it_used_and_hides_what_is_private(team, version):
    run = start_run(version.project, "run 1", by=SYSTEM)
    hidden = linked_version(RegistryFactory(visibility="restricted"), "secret-model")
    use_artifact(run, version.artifact, by=SYSTEM)
    use_artifact(run, hidden.artifact, by=SYSTEM)

    response = signed_in(member_of(team)).get(run.get_absolute_url())

    assert version.get_absolute_url() in links(response)
    assert "1 private item" in words(response)
    assert "secret-model" not in words(response)
    assert "This run has produced no artifact." in words(response)


def test_a_link_in_a_registry_that_one_may_not_see_is_not_told(team, version):
    hidden = RegistryFactory(organization=team.organization, visibility="restricted")
    link(version.artifact, hidden, "secret-model", by=SYSTEM)
    insider = member_of(team)
    set_role(hidden, insider, Role.VIEWER, by=SYSTEM)
    address = version.collection.get_absolute_url()

    assert "linked" in words(signed_in(insider).get(address))
    assert "linked" not in words(signed_in(member_of(team)).get(address))


@pytest.mark.parametrize(
    "path",
    ["nothing/", "uploads/runs/none/", "uploads/artifacts/dataset/classifier/", "\0/"],
)
def test_what_is_not_there_is_not_found(team, version, path):
    response = signed_in(member_of(team)).get(f"/{team.name}/{path}")

    assert response.status_code == 404


def test_the_list_is_filtered_and_says_when_nothing_fits(team, version):
    client = signed_in(member_of(team))
    address = f"/orgs/{team.organization.name}/projects/"

    ensure_project(team, "Größe", by=SYSTEM)
    assert "uploads" in words(client.get(address, {"filter": "upl"}))
    for asked in ("GRÖ", "gRöS", "SSE"):
        assert "Größe" in words(client.get(address, {"filter": asked}))
    assert "No project has" in words(client.get(address, {"filter": "zzz"}))
    part = client.get(address, {"filter": "upl"}, headers={"HX-Request": "true"})
    assert "<html" not in part.content.decode()


def test_runs_are_found_and_sorted(team):
    project, user = ensure_project(team, "p", by=SYSTEM), member_of(team, Role.MEMBER)
    for number, name in enumerate(["Beta", "", "alphä"]):
        details = RunDetails(display_name=name, job_type="train" if number else "")
        start_run(project, f"run{number}", details=details, by=acting(user))
    Run.objects.filter(name="run1").update(state="failed", summary={"_runtime": 61})
    client, here = signed_in(user), f"{project.get_absolute_url()}runs/"

    def found(query: str) -> list[str]:
        page = client.get(here + query, headers={"HX-Request": "true"})
        named = (each.rpartition("/runs/")[2] for each in links(page))
        return [each.strip("/") for each in named if each.startswith("run")]

    assert found("") == ["run2", "run1", "run0"]
    assert found("?sort=name") == ["run2", "run0", "run1"]
    assert found("?filter=ALPHÄ") == found("?filter=lphä") == ["run2"]
    assert found("?filter=RUN0") == ["run0"]
    assert found("?state=failed&by=nobody") == []
    assert found(f"?job=train&state=failed&by={user.username}") == ["run1"]
    assert "1 min 1 s" in words(client.get(f"{here}?state=failed"))
    assert "No run with state crashed." in words(client.get(f"{here}?state=crashed"))


def test_no_summary_is_read_to_sort_runs(team):
    project = ensure_project(team, "p", by=SYSTEM)
    start_run(project, "run", details=RunDetails(summary='{"_runtime": 61}'), by=SYSTEM)
    client, here = signed_in(member_of(team)), f"{project.get_absolute_url()}runs/"

    with CaptureQueriesContext(connection) as queries:
        page = client.get(f"{here}?sort=name")

    assert "1 min 1 s" in words(page)
    reading = [each["sql"] for each in queries if "_runtime" in each["sql"]]
    assert [sql for sql in reading if "ORDER BY" in sql] == []


def test_source_versions_are_found_and_the_last_one_is_the_last_change(team, version):
    before = version.collection.updated_at
    newer = logged_version(team, files={"weights.bin": b"more weights"})
    set_alias(version, "best", by=SYSTEM)
    client, here = signed_in(member_of(team)), version.collection.get_absolute_url()

    def found(query: str) -> list[str]:
        table = (each for each in links(client.get(here + query)) if "/v" in each)
        return [each.removeprefix(here).strip("/") for each in table]

    assert newer.collection.updated_at > before
    assert found("") == ["v1", "v0"]
    assert found("?sort=size") == ["v0", "v1"]
    assert found("?alias=best") == ["v0"]
    assert "No version with alias none." in words(client.get(f"{here}?alias=none"))
