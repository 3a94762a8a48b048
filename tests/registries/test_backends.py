from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.actors import forget
from accounts.permissions import DEFAULT_ROLES, STANDING_ROLES, Role
from registries.backends import NOBODY, explain, explain_all, role_in
from registries.models import Registry
from registries.permissions import GIVEN_ROLES
from tests.factories import (
    MembershipFactory,
    RegistryFactory,
    RegistryMemberFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_organization,
    person,
)

ROLES = st.sampled_from([None, *GIVEN_ROLES])
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(STANDING_ROLES),  # in the organization
        ROLES,  # given to themselves
        st.booleans(),  # that grant has expired
        st.sets(st.integers(0, 2)),  # the teams they are in
        st.booleans(),  # active
    ),
    min_size=1,
    max_size=5,
)


class EverybodyAtOnceEqualsOneByOne(TestCase):
    @settings(max_examples=60, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(
        visibility=st.sampled_from(Registry.Visibility.values),
        default=st.sampled_from(DEFAULT_ROLES),
        people=PEOPLE,
        teams=st.tuples(ROLES, ROLES, ROLES),
        deleted=st.sets(st.integers(0, 2)),
    )
    def test_for_any_grants(self, visibility, default, people, teams, deleted):
        organization = make_organization(default_role=default)
        registry = RegistryFactory(organization=organization, visibility=visibility)
        elsewhere = RegistryFactory(organization=organization)
        made = [TeamFactory(organization=organization) for _ in teams]
        for number, (team, role) in enumerate(zip(made, teams, strict=True)):
            if number in deleted:
                team.deleted_at = timezone.now()
                team.save()
            if role:
                RegistryMemberFactory(registry=registry, team=team, role=role)
        members = [registry.owner]
        for standing, role, expired, in_teams, active in people:
            user = UserFactory(is_active=active)
            member = MembershipFactory(organization=organization, user=user, role=standing)
            RegistryMemberFactory(registry=elsewhere, membership=member, role=Role.ADMIN)
            if role:
                past = timezone.now() - timedelta(days=1) if expired else None
                RegistryMemberFactory(
                    registry=registry, membership=member, role=role, expires_at=past
                )
            for number in in_teams:
                TeamMembershipFactory(team=made[number], membership=member)
            members.append(member)

        found = explain_all(registry, members)

        for member in members:
            forget(member.user)
            assert found[member.pk].role == role_in(registry, member.user)
            assert found[member.pk] == explain(registry, member.user)


@pytest.mark.django_db
def test_explaining_many_people_costs_one_query(django_assert_num_queries):
    registry = RegistryFactory()
    for _ in range(8):
        person(registry, Role.VIEWER)
    members = list(registry.organization.memberships.select_related("user"))

    with django_assert_num_queries(1):
        explain_all(registry, members)


@pytest.mark.django_db
def test_somebody_outside_the_organization_has_no_role():
    assert explain(RegistryFactory(), UserFactory()) == NOBODY


@pytest.mark.django_db
def test_a_stronger_team_role_wins_and_the_given_one_is_still_told():
    registry = RegistryFactory()
    user = person(registry, Role.VIEWER)
    member = user.memberships.get()
    team = TeamFactory(organization=registry.organization)
    TeamMembershipFactory(team=team, membership=member)
    RegistryMemberFactory(registry=registry, team=team, role=Role.MEMBER)

    standing = explain(registry, user)

    assert (standing.role, standing.given) == (Role.MEMBER, Role.VIEWER)
    assert standing.origin == f"through team {team}"
