from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Template
from django.template.context import RequestContext
from django.test import RequestFactory

from accounts.permissions import Role
from tests.factories import MembershipFactory, RegistryFactory, person

pytestmark = pytest.mark.django_db


def says(user, permission, obj) -> bool:
    request = RequestFactory().get("/")
    request.user = user
    asked = Template("{% can permission obj as allowed %}{{ allowed }}")
    values = {"permission": permission, "obj": obj}
    return asked.render(RequestContext(request, values)) == "True"


@pytest.mark.parametrize(("role", "allowed"), [(Role.VIEWER, False), (Role.MEMBER, True)])
def test_a_codename_is_one_of_the_registry_matrix(role, allowed):
    registry = RegistryFactory()

    assert says(person(registry, role), "link_artifact", registry) is allowed


@pytest.mark.parametrize(("role", "allowed"), [(Role.VIEWER, False), (Role.MEMBER, True)])
def test_a_full_name_may_be_one_of_the_organization(role, allowed):
    member = MembershipFactory(role=role)

    right = "accounts.create_registry"
    assert says(member.user, right, member.organization) is allowed


def test_a_visitor_may_nothing():
    assert not says(AnonymousUser(), "view_settings", RegistryFactory())
