from __future__ import annotations

import pytest
from django.test import RequestFactory
from django.urls import reverse

from accounts.permissions import Role
from registries.views.shell import context
from tests.factories import MembershipFactory, UserFactory, make_organization

pytestmark = pytest.mark.django_db


def test_pages_outside_of_organizations_stay_beside_the_one_used_last(client):
    user = UserFactory()
    for name in ("alpha", "omega"):
        MembershipFactory(organization=make_organization(name), user=user, role=Role.VIEWER)
    client.force_login(user, backend="accounts.backends.EmailBackend")
    account = reverse("accounts:profile")

    before = client.get(account).content.decode()
    client.get(reverse("registries:home", args=["omega"]))
    after = client.get(account).content.decode()

    assert "Alpha<small>Organization" in before
    assert "Omega<small>Organization" in after


def test_somebody_in_no_organization_is_told_so(client):
    client.force_login(UserFactory(), backend="accounts.backends.EmailBackend")

    html = client.get(reverse("accounts:profile")).content.decode()

    assert "You are in no organization yet." in html


def test_pages_that_show_no_shell_cost_no_query(django_assert_num_queries):
    request = RequestFactory().get("/")
    request.user = UserFactory()

    with django_assert_num_queries(0):
        context(request)
