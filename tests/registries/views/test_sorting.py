"""Tables of people and what is theirs, by each column, both ways, over all their pages."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.operations.keys import issue_api_key
from accounts.permissions import Role
from registries.models import Project, Registry
from registries.operations.organizations import create_service_account
from registries.views import paging
from tests.factories import (
    SYSTEM,
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import links, signed_in, words

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
ROW = re.compile(r'<th scope="row">.*?(?:<b>|class="name"[^>]*>)([^<]+)<', re.DOTALL)
SORTED = re.compile(r'<th [^>]*aria-sort="(\w+)"><a href="([^"]+)">([^<]+)<')


@pytest.fixture(autouse=True)
def two_a_page(monkeypatch):
    monkeypatch.setitem(paging.page_of.__kwdefaults__, "size", 2)


def rows(page) -> list[str]:
    return ROW.findall(page.text)


def walk(client, page, address: str) -> list[str]:
    """Go from the first page of a list to its last and back, and tell what was shown."""
    seen = rows(page)
    for step in ("after=", "before="):
        while on := next((link for link in links(page) if step in link), ""):
            page = client.get(urljoin(address, on), headers=HTMX)
            seen += rows(page) if step == "after=" else []
    assert rows(page) == seen[:2]
    return seen


def check(client, address: str, heads: dict[str, tuple[str, list[str]]]) -> None:
    """Sort a list by each of its heads, as it is said, and turn each around."""
    for label, (name, ascending) in heads.items():
        for sort, direction, expected in (
            (name, "ascending", ascending),
            (f"-{name}", "descending", ascending[::-1]),
        ):
            page = client.get(f"{address}&sort={sort}", headers=HTMX)
            assert walk(client, page, address) == expected, sort
            [(said, turn, of)] = SORTED.findall(page.text)
            assert (said, of) == (direction, label)
            turned = client.get(urljoin(address, html.unescape(turn)), headers=HTMX)
            assert rows(turned) == (expected[::-1])[:2]
    assert client.get(f"{address}&sort=id").status_code == 400


def test_people_are_sorted_by_name_role_and_since_when():
    acme = make_organization()
    day = datetime(2026, 1, 1, tzinfo=UTC)
    people = [
        ("zoe", "Zoe", Role.ADMIN, 3),
        ("bea", "", Role.MEMBER, 1),
        # As databases compare bytes, and know small letters of ASCII only.
        ("eve", "Émile", Role.MEMBER, 4),
        ("ala", "àla", Role.VIEWER, 2),
        ("bo", "Bea", Role.VIEWER, 4),
    ]
    for username, full_name, role, days in people:
        user = UserFactory(
            username=username, full_name=full_name, email=f"{username}@inside.org"
        )
        made = MembershipFactory(organization=acme, user=user, role=role)
        acme.memberships.filter(pk=made.pk).update(created_at=day + timedelta(days))
    address = reverse("registries:people:list", args=[acme.name])
    client = signed_in(acme.memberships.get(user__full_name="Zoe").user)

    check(
        client,
        f"{address}?member=inside",
        {
            "Name": ("name", ["bea", "Bea", "Zoe", "Émile", "àla"]),
            "Organization role": ("role", ["Zoe", "bea", "Émile", "Bea", "àla"]),
            "Member since": ("joined", ["bea", "àla", "Zoe", "Émile", "Bea"]),
        },
    )
    usual = client.get(address, {"member": "inside"})
    assert rows(usual) == ["bea", "Bea"]
    assert "by name, ascending" in words(usual)
    assert "role/?member=inside" in usual.text
    # Who looks for others, or for nobody any more, keeps the order.
    page = client.get(address, {"member": "nobody", "sort": "-role"})
    assert 'name="sort" value="-role"' in page.text
    assert "?sort=-role" in links(page)


def test_members_are_sorted_by_name_e_mail_and_the_role_given():
    registry = RegistryFactory(owner__user__username="x-owner")
    for name, role, full_name, email in (
        ("x-anna", Role.VIEWER, "Zoe", "b@example.org"),
        ("x-bob", Role.ADMIN, "", "a@example.org"),
        ("x-carl", None, "Anton", "z@example.org"),
        ("x-dora", Role.RESTRICTED_VIEWER, "", "c@example.org"),
    ):
        user = person(registry, role, username=name, full_name=full_name, email=email)
    person(registry, username="x-robot", is_service_account=True)
    team = TeamFactory(organization=registry.organization, name="x-team")
    RegistryMemberFactory(registry=registry, team=team, role=Role.MEMBER)
    owner = registry.owner.user
    owner.full_name = "The Owner"
    owner.save()
    names = [registry.organization.name, registry.name]
    address = reverse("registries:settings", args=names)
    client = signed_in(user)

    check(
        client,
        f"{address}?member=x-",
        {
            "User or team": (
                "name",
                ["Anton", "The Owner", "x-bob", "x-dora", "x-robot", "x-team", "Zoe"],
            ),
            "E-mail": (
                "email",
                ["x-robot", "x-team", "x-bob", "Zoe", "x-dora", "The Owner", "Anton"],
            ),
            "Registry role": (
                "role",
                ["The Owner", "x-bob", "x-team", "Zoe", "x-dora", "Anton", "x-robot"],
            ),
        },
    )
    # The usual order is that of no column.
    usual = client.get(f"{address}?member=x-", headers=HTMX)
    assert walk(client, usual, address) == [
        *["The Owner", "Zoe", "x-bob", "x-dora", "x-team"],
        *["Anton", "x-robot"],
    ]
    assert not SORTED.findall(usual.text)
    # What a list is sorted by leads to the list, and a change of a role leaves it so.
    assert f"{address}?member=x-&sort=name#members" in links(usual)
    client = signed_in(owner)
    page = client.get(f"{address}?member=x-&sort=role")
    assert 'name="sort" value="role"' in page.text
    changing = reverse("registries:change_role", args=[*names, "x-bob"])
    assert f'action="{changing}?member=x-&amp;sort=role"' in page.text


def test_teams_and_who_is_in_them_are_sorted():
    acme = make_organization()
    day = datetime(2026, 1, 1, tzinfo=UTC)
    members = [
        MembershipFactory(organization=acme, user__username=f"m-{letter}", role=Role.VIEWER)
        for letter in "abcde"
    ]
    roles = [Role.MEMBER, Role.ADMIN, Role.VIEWER, Role.ADMIN, Role.MEMBER]
    for name, size, days in (("x-b", 0, 2), ("X-a", 2, 3), ("x-d", 2, 1), ("x-c", 5, 1)):
        team = TeamFactory(organization=acme, name=name)
        for member, role in zip(members[:size], roles[:size], strict=True):
            TeamMembershipFactory(team=team, membership=member, role=role)
        acme.teams.filter(pk=team.pk).update(created_at=day + timedelta(days))
    TeamFactory(organization=acme, name="other")
    address = reverse("registries:teams:list", args=[acme.name])
    client = signed_in(members[1].user)

    check(
        client,
        f"{address}?team=x-",
        {
            "Name": ("name", ["X-a", "x-b", "x-c", "x-d"]),
            "Members": ("members", ["x-b", "X-a", "x-d", "x-c"]),
            "Created": ("created", ["x-d", "x-c", "x-b", "X-a"]),
        },
    )
    page = client.get(address, {"team": "nothing", "sort": "members"})
    assert 'name="sort" value="members"' in page.text
    assert "?sort=members" in links(page)
    address = reverse("registries:teams:team", args=[acme.name, team.name])
    check(
        client,
        f"{address}?",
        {
            "Name": ("username", ["m-a", "m-b", "m-c", "m-d", "m-e"]),
            "Team role": ("role", ["m-b", "m-d", "m-a", "m-e", "m-c"]),
        },
    )
    # A change of a role leaves the order, with htmx and without.
    pk = team.memberships.get(membership=members[0]).pk
    changing = reverse("registries:teams:role", args=[acme.name, team.name, pk])
    page = client.get(f"{address}?sort=-role")
    assert "role/?sort=-role" in page.text
    part = client.post(f"{changing}?sort=-role", {"role": "viewer"}, headers=HTMX)
    assert SORTED.findall(part.text)[0][0] == "descending"
    back = client.post(f"{changing}?sort=-role", {"role": "member"})
    assert back["Location"] == f"{address}?sort=-role"


def test_service_accounts_are_sorted_by_all_that_is_shown_of_them():
    acme = make_organization()
    day = datetime(2026, 1, 1, tzinfo=UTC)
    alpha, beta = (TeamFactory(organization=acme, name=name) for name in ("Alpha", "beta"))
    for name, role, team, keys, days in (
        ("bot-c", Role.MEMBER, alpha, 2, 1),
        ("bot-a", Role.VIEWER, None, 1, 3),
        ("Bot-b", Role.VIEWER, beta, 0, 2),
    ):
        made = create_service_account(acme, name, role=role, team=team, by=SYSTEM)
        for number in range(keys):
            issue_api_key(made, name=f"{number}", by=SYSTEM)
        made.memberships.update(created_at=day + timedelta(days))
    client = signed_in(acme.memberships.human_admins().get().user)

    check(
        client,
        f"{reverse('registries:service_accounts:list', args=[acme.name])}?",
        {
            "Name": ("username", ["bot-a", "Bot-b", "bot-c"]),
            "Organization role": ("role", ["bot-c", "bot-a", "Bot-b"]),
            "Team": ("team", ["bot-a", "bot-c", "Bot-b"]),
            "Live keys": ("keys", ["Bot-b", "bot-a", "bot-c"]),
            "Created": ("created", ["bot-c", "Bot-b", "bot-a"]),
        },
    )


def test_projects_are_sorted_by_name_by_whose_they_are_and_by_day():
    team = TeamFactory(name="Zeta")
    user = TeamMembershipFactory(team=team).membership.user
    day = datetime(2026, 1, 1, tzinfo=UTC)
    for name, entity, days in (
        ("x-b", team.entity, 2),
        ("X-a", team.entity, 3),
        ("x-c", user.entity, 1),
        ("x-à", user.entity, 5),
        ("x-É", user.entity, 4),
        ("other", team.entity, 4),
    ):
        made = Project.objects.create(entity=entity, name=name, key=name.lower())
        Project.objects.filter(pk=made.pk).update(created_at=day + timedelta(days))
    address = reverse("registries:projects", args=[team.organization.name])
    client = signed_in(user)

    check(
        client,
        f"{address}?filter=x-",
        {
            "Name": ("name", ["X-a", "x-b", "x-c", "x-É", "x-à"]),
            "Team or person": ("owner", ["x-c", "x-É", "x-à", "X-a", "x-b"]),
            "Created": ("created", ["x-c", "x-b", "X-a", "x-É", "x-à"]),
        },
    )
    page = client.get(address, {"filter": "nothing", "sort": "owner"})
    assert 'name="sort" value="owner"' in page.text
    assert "?sort=owner" in links(page)


def test_the_trash_is_sorted_by_what_is_shown_each_table_for_itself():
    acme = make_organization()
    now = timezone.now()
    registry = RegistryFactory(organization=acme, name="kept")
    for name, kind, versions, days in (
        ("x-b", "table", 1, 3),
        ("X-a", "Dataset", 3, 2),
        ("x-c", "Model", 2, 4),
    ):
        collection = linked_version(registry, name, artifact_type=kind).collection
        registry.collections.filter(pk=collection.pk).update(
            version_count=versions, deleted_at=now - timedelta(days)
        )
    address = reverse("registries:trash", args=[acme.name])
    client = signed_in(acme.memberships.human_admins().get().user)

    by_day = ["x-c", "x-b", "X-a"]
    check(
        client,
        f"{address}?",
        {
            "Name": ("name", ["X-a", "x-b", "x-c"]),
            "Type": ("type", ["X-a", "x-c", "x-b"]),
            "Versions": ("versions", ["x-b", "x-c", "X-a"]),
            "Deleted": ("deleted", by_day),
            "Days left": ("left", by_day),
        },
    )
    for name, full_name, versions, days in (("R-b", "Anna", 1, 3), ("r-a", "", 2, 4)):
        RegistryFactory(
            organization=acme,
            name=name,
            owner__user__full_name=full_name,
            version_count=versions,
            deleted_at=now - timedelta(days),
        )
    for sort, expected in {
        "name": ["r-a", "R-b"],
        "owner": ["R-b", "r-a"],
        "versions": ["R-b", "r-a"],
        "-versions": ["r-a", "R-b"],
        "deleted": ["r-a", "R-b"],
        "": ["R-b", "r-a"],
    }.items():
        page = client.get(f"{address}?registries={sort}&sort=name")
        assert rows(page) == [*expected, "X-a", "x-b"]
        assert f"{address}?registries={sort}&sort=-name" in links(page)
    assert client.get(f"{address}?registries=type").status_code == 400


def test_restricted_registries_are_sorted_by_name_owner_and_size():
    acme = make_organization()
    for name, full_name, size in (("x-b", "Zoe", 9), ("X-a", "Émile", 7), ("x-c", "", 8)):
        RegistryFactory(
            organization=acme,
            name=name,
            visibility=Registry.Visibility.RESTRICTED,
            owner__user__username=f"owner-of-{name}",
            owner__user__full_name=full_name,
            logical_bytes=size,
        )
    address = reverse("registries:organization:settings", args=[acme.name])
    client = signed_in(acme.memberships.human_admins().get().user)

    check(
        client,
        f"{address}?",
        {
            "Name": ("name", ["X-a", "x-b", "x-c"]),
            "Owner": ("owner", ["x-c", "x-b", "X-a"]),
            "Size": ("size", ["X-a", "x-c", "x-b"]),
        },
    )
