"""What a page may ask the database: the same with many rows as with few."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from registries.models import Artifact, Registry, Version
from registries.models.run import Stream
from registries.operations.aliases import set_alias
from registries.operations.collections import add_tag, delete_collection, edit_card
from registries.operations.links import link
from registries.operations.run_streams import log_lines
from registries.operations.runs import start_run, use_artifact
from registries.streams import Lines
from tests.factories import (
    SYSTEM,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in

pytestmark = pytest.mark.django_db

FEW, MANY = 2, 6
BUDGETS = {
    "home": 12,
    "create": 8,
    "registry": 13,
    "registry activity": 8,
    "collection activity": 9,
    "settings": 17,
    "collection": 15,
    "versions": 12,
    "version": 18,
    "compare": 15,
    "aliases": 11,
    "card": 12,
    "delete": 17,
    "link": 18,
    "add_alias": 19,
    "search": 12,
    "projects": 8,
    "trash": 14,
    "visibility": 19,
    "people": 11,
    "teams": 9,
    "team": 10,
    "project": 11,
    "runs": 9,
    "run": 17,
    "metrics": 8,
    "run files": 8,
    "source": 10,
    "source version": 14,
}
"""The most queries of each page; session, user and shell take four or five of them."""


def fill(count: int) -> Registry:
    """Make that many of everything that a page lists, with all that hangs on it."""
    organization = make_organization()
    registries = [RegistryFactory(organization=organization) for _ in range(count)]
    registry, team = registries[0], TeamFactory(organization=organization)
    files = {f"folder/{n}": b"" for n in range(count)}
    for number in range(count):
        version = linked_version(
            registry, "classifier", files=files | {"n": str(number).encode()}, team=team
        )
        for alias in ("production", f"alias-{number}"):
            set_alias(version, alias, by=SYSTEM)
        add_tag(version.collection, f"tag-{number}", by=SYSTEM)
        link(version.artifact, registry, f"c{number}", by=SYSTEM)
        link(version.artifact, registries[number], "copy", by=SYSTEM)
        user = person(registry, Role.MEMBER if number % 2 else None)
        RegistryMemberFactory(
            registry=registry, team=TeamFactory(organization=organization)
        )
        TeamMembershipFactory(team=team, membership=user.memberships.get())
        gone = link(version.artifact, registry, f"gone{number}", by=SYSTEM)
        delete_collection(gone.collection, by=SYSTEM)
        run = start_run(version.artifact.source.project, f"run{number}", by=SYSTEM)
        use_artifact(run, version.artifact, by=SYSTEM)
        lines = Lines(Stream.HISTORY, 0, [json.dumps({f"m{n}": n for n in range(count)})])
        log_lines(run, [lines], by=SYSTEM)
    edit_card(version.collection, "A card.", by=SYSTEM)
    Artifact.objects.update(metadata={f"key-{n}": n for n in range(count)})
    return registry


def addresses(registry: Registry) -> dict[str, str]:
    """One address of each kind of page."""
    place = registry.get_absolute_url()
    organization = f"/orgs/{registry.organization.name}"
    team = registry.organization.teams.earliest("pk")
    source = Version.objects.filter(collection__project__entity=team.entity).latest("pk")
    project = source.collection.project.get_absolute_url()
    return {
        "home": f"{organization}/registry/",
        "create": f"{organization}/registries/new/",
        "registry": place,
        "settings": f"{place}settings/",
        "registry activity": f"{place}activity/",
        "collection": f"{place}c/classifier/",
        "collection activity": f"{place}c/classifier/activity/",
        "versions": f"{place}c/classifier/versions/",
        "version": f"{place}c/classifier/v/1/",
        "compare": f"{place}c/classifier/compare/0..1/",
        "aliases": f"{place}c/classifier/aliases/",
        "card": f"{place}c/classifier/card/",
        "delete": f"{place}c/classifier/delete/",
        "link": f"{place}link/",
        "add_alias": f"{place}c/classifier/v/1/aliases/add/",
        "search": f"{organization}/search/?q=c+alias",
        "projects": f"{organization}/projects/",
        "trash": f"{organization}/trash/",
        "visibility": f"{place}settings/visibility/?visibility=restricted",
        "people": f"{organization}/people/",
        "teams": f"{organization}/teams/",
        "team": f"{organization}/teams/{team}/",
        "project": project,
        "runs": f"{project}runs/",
        "run": f"{project}runs/run1/",
        "metrics": f"{project}runs/run1/metrics/",
        "run files": f"{project}runs/run1/files/",
        "source": source.collection.get_absolute_url(),
        "source version": source.get_absolute_url(),
    }


def costs(registry: Registry, role: Role) -> dict[str, int]:
    """How many queries each page takes, for somebody who comes for the second time."""
    user = person(registry, role)
    team = registry.organization.teams.earliest("pk")
    TeamMembershipFactory(team=team, membership=user.memberships.get())
    client, found = signed_in(user), {}
    for name, address in addresses(registry).items():
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code in {200, 403}, address
        found[name] = len(queries)
    return found


def test_pages_cost_no_more_with_many_rows_than_with_few():
    few, many = fill(FEW), fill(MANY)

    for role in (Role.RESTRICTED_VIEWER, Role.ADMIN):
        found, cheap = costs(many, role), costs(few, role)
        assert {name: cost for name, cost in found.items() if cost > cheap[name]} == {}
        over = {name: cost for name, cost in found.items() if cost > BUDGETS[name]}
        assert over == {}
