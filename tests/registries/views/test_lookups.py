"""One address for each thing, one 404 for all that somebody may not see."""

from __future__ import annotations

import re
from copy import deepcopy

import pytest
from django.urls import reverse

from accounts.permissions import Role
from registries.models import Registry, RegistryName
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    UserFactory,
    linked_version,
    make_organization,
    person,
)
from tests.registries.views.pages import signed_in, words

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(undone):
    organization = make_organization("northwind", display_name="Northwind Labs")
    registry = RegistryFactory(organization=organization, name="Fraud")
    return linked_version(registry, "Churn", files={"a.txt": b"a"})


@pytest.fixture
def version(made):
    return deepcopy(made)


@pytest.fixture
def member(version):
    return signed_in(person(version.registry, Role.MEMBER))


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("NORTHWIND/registry/", "northwind/registry/"),
        ("northwind/registry/fraud/", "northwind/registry/Fraud/"),
        ("Northwind/registry/Fraud/settings/", "northwind/registry/Fraud/settings/"),
        ("northwind/registry/FRAUD/c/churn/", "northwind/registry/Fraud/c/Churn/"),
        ("northwind/registry/Fraud/c/cHURN/v/0/", "northwind/registry/Fraud/c/Churn/v/0/"),
        (
            "northwind/registry/fraud/c/churn/v/0/raw/a.txt",
            "northwind/registry/Fraud/c/Churn/v/0/raw/a.txt",
        ),
        ("northwind/registry/Models/", "northwind/registry/model/"),
        ("northwind/registries/new/", None),
    ],
)
def test_another_letter_case_leads_to_the_one_address(member, given, canonical):
    response = member.get(f"/orgs/{given}?a=1&b=%20")

    if canonical is None:
        assert response.status_code == 200
    else:
        assert response.status_code == 302
        assert response["Location"] == f"/orgs/{canonical}?a=1&b=%20"


def test_the_display_name_leads_to_the_name(version, client):
    organization = make_organization("harbour")
    user = MembershipFactory(organization=organization).user
    organization.entity.names.create(key="harbour institute")

    response = signed_in(user).get("/orgs/Harbour%20Institute/registry/")

    assert response["Location"] == "/orgs/harbour/registry/"


def test_a_former_name_leads_readers_to_the_registry(version, member):
    registry = version.registry
    RegistryName.objects.create(
        organization=registry.organization,
        registry=registry,
        key="old name",
        is_current=False,
    )

    response = member.get("/orgs/northwind/registry/Old%20Name/c/Churn/")

    assert response["Location"] == "/orgs/northwind/registry/Fraud/c/Churn/"


def test_a_change_goes_to_the_canonical_address_only(version):
    owner = signed_in(version.registry.owner.user)

    response = owner.post(
        "/orgs/northwind/registry/fraud/settings/visibility/", {"visibility": "restricted"}
    )

    assert response.status_code == 404
    assert not Registry.objects.get(name="Fraud").is_restricted


PLACES = [
    "/orgs/{org}/registry/",
    "/orgs/{org}/registries/new/",
    "/orgs/{org}/registry/{registry}/",
    "/orgs/{org}/registry/{registry}/settings/",
    "/orgs/{org}/registry/{registry}/c/{collection}/",
    "/orgs/{org}/registry/{registry}/c/{collection}/versions/",
    "/orgs/{org}/registry/{registry}/c/{collection}/v/{n}/",
    "/orgs/{org}/registry/{registry}/c/{collection}/v/{n}/raw/a.txt",
]
HERE = {"org": "northwind", "registry": "Fraud", "collection": "Churn", "n": 0}
NOWHERE = {"org": "nowhere", "registry": "nothing", "collection": "none", "n": 9}


def masked(response) -> str:
    """The page without what differs from request to request."""
    text = response.content.decode()
    text = re.sub(r'nonce="[^"]*"|value="[\w-]{64}"|"X-CSRFToken": "[^"]*"', "", text)
    return re.sub(r'name="next" value="[^"]*"', "", text)


@pytest.mark.parametrize("place", PLACES)
def test_hidden_and_missing_are_the_same_404(version, place):
    outsider = signed_in(UserFactory())

    hidden = outsider.get(place.format(**HERE))
    missing = outsider.get(place.format(**NOWHERE))

    assert hidden.status_code == missing.status_code == 404
    assert masked(hidden) == masked(missing)
    assert "Fraud" not in words(hidden)


def test_a_restricted_registry_is_missing_for_its_own_organization(version):
    registry = version.registry
    colleague = signed_in(person(registry, standing=Role.ADMIN))
    assert colleague.get(registry.get_absolute_url()).status_code == 200

    Registry.objects.filter(pk=registry.pk).update(visibility="restricted")

    assert colleague.get(registry.get_absolute_url()).status_code == 404
    assert colleague.get(version.get_absolute_url()).status_code == 404
    assert colleague.get("/orgs/northwind/registry/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "northwind/registry/a%00b/",
        "a%00b/registry/",
        "northwind/registry/Fraud/c/a%00b/",
        f"northwind/registry/{'x' * 300}/",
        f"northwind/registry/Fraud/c/Churn/v/{2**63}/",
        f"northwind/registry/Fraud/c/Churn/v/{'9' * 5000}/",
        "northwind/registry/Fraud/c/Churn/v/-1/",
        "northwind/registry/Fraud/c/Churn/v/one/",
        "northwind/registry/%F0%9F%92%A9/",
        "northwind/registry/%FF%FE/",
    ],
)
def test_odd_addresses_are_404(member, path):
    assert member.get(f"/orgs/{path}").status_code == 404


def test_a_version_of_an_uncommitted_artifact_is_not_there(version, member):
    version.artifact.state = "pending"
    version.artifact.save()

    assert member.get(version.get_absolute_url()).status_code == 404


def test_a_collection_in_the_trash_is_not_there(version, member):
    version.collection.deleted_at = version.collection.created_at
    version.collection.save()

    for place in (version.collection, version):
        assert member.get(place.get_absolute_url()).status_code == 404


def test_the_start_leads_to_the_organization_used_last():
    first, second = make_organization(), make_organization()
    user = UserFactory()
    for organization in (first, second):
        MembershipFactory(organization=organization, user=user)
    client = signed_in(user)
    assert client.get("/")["Location"] == reverse("registries:home", args=[first.name])

    client.get(reverse("registries:home", args=[second.name]))

    assert client.get("/")["Location"] == reverse("registries:home", args=[second.name])


@pytest.mark.parametrize("cookie", ["nowhere", "a\x00b", "", "x" * 4000, "%00"])
def test_a_cookie_that_leads_nowhere_is_passed_over(cookie):
    membership = MembershipFactory()
    client = signed_in(membership.user)
    client.cookies["organization"] = cookie

    expected = reverse("registries:home", args=[membership.organization.name])
    assert client.get("/")["Location"] == expected


def test_the_cookie_opens_no_door():
    membership, other = MembershipFactory(), make_organization()
    client = signed_in(membership.user)
    client.cookies["organization"] = other.name

    assert other.name not in client.get("/")["Location"]


def test_somebody_in_no_organization_is_told_so():
    response = signed_in(UserFactory(email="new@example.org")).get("/")

    assert response.status_code == 200
    assert "You are in no organization yet" in words(response)
    assert "new@example.org" in words(response)
