from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

from registries.views.shell import context
from tests.factories import MembershipFactory, UserFactory, make_organization

pytestmark = pytest.mark.django_db


def request(user, organization=None):
    made = RequestFactory().get("/")
    made.user = user
    if organization:
        made.organization = organization
    return made


def test_pages_that_show_no_shell_cost_no_query(django_assert_num_queries):
    user = UserFactory()

    with django_assert_num_queries(0):
        context(request(user))


def test_the_menu_costs_one_query_however_often_it_is_asked(django_assert_num_queries):
    user = MembershipFactory().user
    MembershipFactory(user=user)
    shown = context(request(user))

    with django_assert_num_queries(1):
        assert shown["around"].name == shown["organizations"][0].name
        assert len(shown["organizations"]) == 2


def test_a_page_stands_in_its_own_organization():
    user, here = (
        MembershipFactory(organization=make_organization("aaa")).user,
        make_organization(),
    )

    shown = context(request(user, here))

    assert shown["organization"] == shown["around"] == here


def test_a_page_outside_stands_beside_the_persons_first():
    membership = MembershipFactory()

    shown = context(request(membership.user))

    assert shown["organization"] is None
    assert shown["around"] == membership.organization


@pytest.mark.parametrize("user", [AnonymousUser(), None], ids=["visitor", "in none"])
def test_nobody_and_who_is_in_no_organization_have_none(user):
    user = user or UserFactory()

    shown = context(request(user))

    assert not shown["organizations"]
    assert not shown["around"]
    assert "No organization" in render_to_string("components/organizations.html", shown)
