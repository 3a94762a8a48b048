"""Addresses that the `wandb` SDK prints, as it builds them: each leads to a page."""

from __future__ import annotations

import pytest

from accounts.permissions import Role
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
)
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return TeamFactory(organization__display_name="Acme Research")


@pytest.fixture
def version(team):
    registry = RegistryFactory(organization=team.organization, name="two words")
    return linked_version(registry, "a name", team=team)


def test_each_leads_to_the_page_of_what_it_names(team, version):
    membership = MembershipFactory(organization=team.organization, role=Role.VIEWER)
    TeamMembershipFactory(team=team, membership=membership, role=Role.VIEWER)
    core = team.organization.registries.get(name="model")
    of_core = linked_version(core, "c", team=team)
    client, me = signed_in(membership.user), membership.user.username
    source = version.artifact.versions.get(collection__registry=None)
    org, home, project = team.organization, team.name, str(source.project)
    logged = source.get_absolute_url().removesuffix("/")
    selection = f"{org.name}%2Fwandb-registry-two%20words%2Fa%20name"
    query = f"selectionPath={selection}&view=membership&version=v0"
    page = version.get_absolute_url()
    printed = {
        "/authorize?ref=models&signup=true": "/account/keys/new/",
        f"/orgs/{org.name}/registry/two words?{query}": page,
        f"/orgs/{org}/registry/two words?{query}": page,
        f"/orgs/{org}/registry/two words?selectionPath={selection}": (
            version.collection.get_absolute_url()
        ),
        f"/{home}/registry/model?version=v0&selectionPath={home}%2Fmodel-registry%2Fc": (
            of_core.get_absolute_url()
        ),
        f"/{project}": f"/{project}/",
        f"/{project}/workspace": f"/{project}/",
        f"/{project}/artifacts": f"/{project}/",
        logged: f"{logged}/",
        f"{logged}/overview": f"{logged}/",
        f"{logged}/files": f"{logged}/",
        f"/{org.name}": f"/orgs/{org.name}/registry/",
        f"/{home}": f"/orgs/{org.name}/teams/{home}/",
        f"/{me}": f"/orgs/{org.name}/projects/?filter={me}",
    }

    led = {address: client.get(address, follow=True) for address in printed}

    assert {address: answer.status_code for address, answer in led.items()} == (
        dict.fromkeys(printed, 200)
    )
    assert {address: answer.redirect_chain[-1][0] for address, answer in led.items()} == (
        printed
    )


def test_what_is_nothing_or_not_theirs_is_equally_not_there(team, version):
    stranger = signed_in(MembershipFactory().user)
    theirs = f"{team.organization.name}%2Fwandb-registry-two%20words%2Fa%20name"
    asked = (
        f"/{team.name}",
        f"/{team.organization.name}",
        "/nobody-at-all",
        f"/{team.name}/registry/model?selectionPath={theirs}&version=v0",
        "/nobody-at-all/registry/model",
        "/nobody-at-all/registry/model?selectionPath=a/b/c/d/e",
        f"/orgs/{team.organization.name}/registry/two words?selectionPath={theirs}",
    )

    assert {stranger.get(address, follow=True).status_code for address in asked} == {404}


def test_a_selection_that_is_no_name_is_not_there(version):
    owner = MembershipFactory(organization=version.registry.organization).user
    client, page = signed_in(owner), version.registry.get_absolute_url()

    for selected in ("", "a/b/", f"a/b/{'x' * 300}"):
        assert client.get(page, {"selectionPath": selected}).status_code == 404
