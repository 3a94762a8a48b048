"""The product and the small model of the rules, side by side, through steps at random."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import F, Q
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from accounts.actors import Actor, Refusal
from accounts.models import Membership, Organization, Team, TeamMembership, User
from accounts.operations.organizations import change_organization_settings
from accounts.operations.teams import add_team_member, create_team, remove_team_member
from registries.backends import explain_all, role_in
from registries.models import AccessRequest, Registry, RegistryMember
from registries.operations import members, organizations
from registries.operations import registries as shelves
from registries.operations.access import accept_request, decline_request, request_access
from tests.factories import SYSTEM, UserFactory, acting
from tests.rules import ROWS, SERVER, Person, Refused, World

pytestmark = pytest.mark.django_db

START = datetime(2030, 1, 1, tzinfo=UTC)
IN_CHARGE = "whoever is in charge there"
VISIBILITY = {True: "restricted", False: "organization"}
PEOPLE = ("ada", "bob", "cid", "dee", "eve", "root", "second-root")
OFTEN = (
    *("set_standing", "set_team_role", "leave_team", "wait"),
    *("set_role", "change_role", "end_role", "ask", "answer"),
    *("move_ownership", "change_visibility", "take_access"),
)
RARELY = (
    *("remove", "leave", "deactivate", "delete_team"),
    *("delete", "restore", "restore", "change_settings"),
)
CREATING = ("create_team", "create_service_account", "create_registry")


def key(registry: Registry) -> str:
    """What the model calls it."""
    return registry.full_name if registry.is_core else registry.name


class SideBySide(RuleBasedStateMachine):
    """Each step is taken in both: both refuse it, or both are the same afterwards."""

    steps: Counter[str]

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.clock = time_machine.travel(START, tick=False)
        self.now = self.clock.start()
        self.world = World()
        self.handles: dict[tuple[str, str], Membership] = {}
        self.asked: list[tuple[str, str]] = []
        self.taken = 0
        counted, self.steps = self.steps, Counter()
        self.begin()
        self.steps = counted

    def begin(self) -> None:
        """Two organizations with people, a team, an open registry and a restricted one."""
        for name in PEOPLE:
            is_administrator = name.endswith("root")
            UserFactory(username=name, is_superuser=is_administrator)
            self.world.people[name] = Person(is_administrator=is_administrator)
        for place, first in (("acme", "ada"), ("globex", "bob")):
            with self.both(World.create_organization, place, first, by=SERVER) as server:
                admin = self.user(first)
                organizations.create_organization(place, place, admin=admin, by=server)
        for person in PEOPLE:
            self.set_standing("acme", person, "member" if person > "d" else "admin", SERVER)
        self.create_team("acme", SERVER)
        self.create_registry("acme", "cid", False, SERVER)
        self.create_registry("acme", "dee", True, SERVER)

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @contextmanager
    def both(self, step: Callable, *values: Any, by: str) -> Iterator[Actor]:
        """Take a step in the model, and inside in the product: allowed by both, or none."""
        by = self.in_charge(*values) if by == IN_CHARGE else by
        world = deepcopy(self.world)
        try:
            step(world, *values, by=by)
            allowed = True
        except Refused:
            allowed = False
        try:
            yield SYSTEM if by == SERVER else acting(self.user(by))
            done = True
        except Refusal:
            done = False
        assert done is allowed, "The product did it." if done else "The product refused."
        self.steps["done" if done else "refused"] += 1
        if done:
            self.world = world

    def in_charge(self, *values: Any) -> str:
        """The Owner of the first registry among these, else an Admin of that place."""
        there = {**self.world.organizations, **self.world.teams, **self.world.registries}
        name = next((value for value in values if value in there), None)
        if name in self.world.registries and self.world.registries[name].owner:
            return self.world.registries[name].owner
        place = getattr(there.get(name), "organization", name)
        return self.world.human_admins(place)[-1] if name else SERVER

    def user(self, name: str) -> User:
        return User.objects.get(entity__name=name)

    def place(self, name: str) -> Organization:
        return Organization.objects.get(entity__name=name)

    def team(self, name: str) -> Team:
        return Team.objects.get(entity__name=name)

    def registry(self, name: str) -> Registry:
        place, _, core = name.partition("/")
        registries = Registry.objects.select_related("organization__entity")
        if core:
            return registries.get(organization__entity__name=place, name=core)
        return registries.get(name=name)

    def holder(self, name: str) -> User | Team:
        return self.team(name) if name in self.world.teams else self.user(name)

    def membership(self, person: str, place: str) -> Membership | None:
        """Theirs, or the one that they had there once: an old page still shows it."""
        rows = Membership.objects.filter(
            user__entity__name=person, organization__entity__name=place
        )
        found = rows.first() or self.handles.get((person, place))
        if found is not None:
            self.handles[person, place] = found
        return found

    @rule(data=st.data())
    def step(self, data):
        """Take any step with anything that there is."""
        choices = self.choices()
        take = getattr(self, data.draw(st.sampled_from(choices["step"]), "step"))
        names = [name for name in signature(take).parameters if name != "by"]
        values = [data.draw(st.sampled_from(choices[name]), name) for name in names]
        take(*values, by=data.draw(st.sampled_from(choices["by"]), "by"))

    def choices(self) -> dict[str, list[Any]]:
        """What each of the parameters of the steps may be now."""
        people, teams = list(self.world.people), list(self.world.teams)
        registries = [name for name in self.world.registries if "/data" not in name]
        given = ["restricted_viewer", "viewer", "member", "admin"]
        is_crowded = len(people) + len(teams) + len(registries) > 18
        return {
            "step": [*OFTEN * 3, *RARELY, *(() if is_crowded else CREATING)],
            "by": people + [SERVER, IN_CHARGE] * len(people),
            "person": people,
            "place": ["acme", "acme", "acme", "globex"],
            "elsewhere": ["acme", "globex"],
            "team": teams,
            "registry": registries,
            "holder": people + teams,
            "seat": self.seats() or [("team-0", "ada")],
            "grant": self.grants() or [("acme/model", "ada")],
            "standing": given[1:],
            "role": given,
            "answer": [None, *given],
            "seen": ["", *given],
            "default": given[:2],
            "creators": given[2:],
            "is_restricted": [True, False],
            "days": [None, 1, 2],
            "later": [1, 2],
            "asked": [None, *self.asked],
        }

    def grants(self) -> list[tuple[str, str]]:
        registries = self.world.registries.items()
        return [
            (name, holder) for name, registry in registries for holder in registry.given
        ]

    def seats(self) -> list[tuple[str, str]]:
        teams = self.world.teams.items()
        return [(name, person) for name, team in teams for person in team.members]

    def create_team(self, place, by):
        name = f"team-{len(self.world.teams)}"
        with self.both(World.create_team, name, place, by=by) as actor:
            create_team(self.place(place), name, by=actor)

    def create_service_account(self, place, standing, by):
        name = f"robot-{len(self.world.people)}"
        with self.both(World.create_service_account, name, place, standing, by=by) as actor:
            organizations.create_service_account(
                self.place(place), name, role=standing, by=actor
            )

    def create_registry(self, place, person, is_restricted, by):
        name = f"shelf-{len(self.world.registries)}"
        with self.both(
            World.create_registry, name, place, person, is_restricted, by=by
        ) as actor:
            shelves.create_registry(
                self.place(place),
                name,
                visibility=VISIBILITY[is_restricted],
                owner=self.user(person),
                by=actor,
            )

    def wait(self, later, by):
        self.world.day += later
        self.now.move_to(START + timedelta(days=self.world.day))

    # Organizations and teams

    def change_settings(self, place, default, creators, by):
        with self.both(World.change_settings, place, default, creators, by=by) as actor:
            change_organization_settings(
                self.place(place),
                default_role=default,
                registry_creators=creators,
                by=actor,
            )

    def set_standing(self, place, person, standing, by):
        with self.both(World.set_standing, place, person, standing, by=by) as actor:
            organizations.add_member(
                self.place(place), self.user(person), standing, by=actor
            )

    def remove(self, place, person, by):
        if membership := self.membership(person, place):
            with self.both(World.remove, place, person, by=by) as actor:
                organizations.remove_member(membership, by=actor)

    def leave(self, place, by):
        with self.both(World.leave, place, by=by) as actor:
            organizations.leave(self.place(place), by=actor)

    def deactivate(self, person, by):
        with self.both(World.deactivate, person, by=by) as actor:
            organizations.deactivate_user(self.user(person), by=actor)

    def set_team_role(self, team, person, elsewhere, standing, by):
        place = self.world.teams[team].organization
        found = self.membership(person, place) or self.membership(person, elsewhere)
        if found is not None:
            with self.both(World.set_team_role, team, person, standing, by=by) as actor:
                add_team_member(self.team(team), found, standing, by=actor)

    def leave_team(self, seat, by):
        team, person = seat
        if membership := self.membership(person, self.world.teams[team].organization):
            with self.both(World.leave_team, team, person, by=by) as actor:
                remove_team_member(self.team(team), membership, by=actor)

    def delete_team(self, team, by):
        with self.both(World.delete_team, team, by=by) as actor:
            organizations.delete_team(self.team(team), by=actor)

    # Registries

    def set_role(self, registry, holder, role, days, by):
        until = None if days is None else self.world.day + days
        with self.both(World.set_role, registry, holder, role, until, by=by) as actor:
            members.set_role(
                self.registry(registry),
                self.holder(holder),
                role,
                expires_at=None if until is None else START + timedelta(days=until),
                by=actor,
            )

    def change_role(self, grant, role, seen, by):
        registry, holder = grant
        with self.both(World.change_role, registry, holder, role, seen, by=by) as actor:
            members.change_role(
                self.registry(registry),
                self.holder(holder),
                role,
                instead_of=seen,
                by=actor,
            )

    def end_role(self, grant, by):
        registry, holder = grant
        with self.both(World.end_role, registry, holder, by=by) as actor:
            members.remove_role(self.registry(registry), self.holder(holder), by=actor)

    def move_ownership(self, registry, person, by):
        with self.both(World.move_ownership, registry, person, by=by) as actor:
            members.move_ownership(self.registry(registry), self.user(person), by=actor)

    def change_visibility(self, registry, is_restricted, by):
        with self.both(World.change_visibility, registry, is_restricted, by=by) as actor:
            shelves.change_visibility(
                self.registry(registry), VISIBILITY[is_restricted], by=actor
            )

    def take_access(self, registry, by):
        with self.both(World.take_access, registry, by=by) as actor:
            shelves.take_access(self.registry(registry), by=actor)

    def delete(self, registry, by):
        with self.both(World.delete, registry, by=by) as actor:
            shelves.delete_registry(self.registry(registry), by=actor)

    def restore(self, registry, by):
        with self.both(World.restore, registry, by=by) as actor:
            shelves.restore_registry(self.registry(registry), by=actor)

    def ask(self, registry, role, by):
        with self.both(World.ask, registry, role, by=by) as actor:
            asked = request_access(self.registry(registry), role, by=actor)
            self.asked.append((registry, asked.membership.user.username))

    def answer(self, asked, answer, by):
        """Accept with a role, or decline; what was answered before is still at hand."""
        registry, person = asked or ("acme/model", "ada")
        rows = self.registry(registry).access_requests.order_by("-pk")
        found = rows.filter(membership__user__entity__name=person).first()
        if found is not None and answer is not None:
            with self.both(World.accept, registry, person, answer, by=by) as actor:
                accept_request(found, role=answer, by=actor)
        elif found is not None:
            with self.both(World.decline, registry, person, by=by) as actor:
                decline_request(found, by=actor)

    # What must hold after each step

    @invariant()
    def everybody_has_the_same_role_and_rights(self):
        registries = {name: self.registry(name) for name in self.world.registries}
        people = User.objects.filter(entity__name__in=self.world.people)
        for user in people.select_related("entity"):
            seen = set(Registry.objects.visible_to(user))
            for name, registry in registries.items():
                self.compare(user, name, registry, seen)

    def compare(self, user: User, name: str, registry: Registry, seen: set[Any]) -> None:
        world, person = self.world, user.username
        assert role_in(registry, user) == world.role(person, name), (person, name)
        assert (registry in seen) is world.sees(person, name), (person, name)
        for row in ROWS:
            may = user.has_perm(f"registries.{row}", registry)
            assert may is world.may(person, row, name), (person, row, name)
        self.steps["compared"] += 1

    @invariant()
    def the_same_is_given(self):
        rows = RegistryMember.objects.select_related(
            "registry__organization__entity", "team__entity", "membership__user__entity"
        )
        assert {
            (key(row.registry), row.holder): (row.role, row.expires_at) for row in rows
        } == {
            (name, holder): (given.role, given.until and START + timedelta(given.until))
            for name, registry in self.world.registries.items()
            for holder, given in registry.given.items()
        }

    @invariant()
    def lists_of_people_say_the_same(self):
        """Of one registry after the other, for each costs queries of its own."""
        self.taken += 1
        self.steps["all"] += 1
        names = list(self.world.registries)
        name = names[self.taken % len(names)]
        registry = self.registry(name)
        found = registry.organization.memberships.select_related("user__entity")
        standings = explain_all(registry, list(found))
        roles = {m.user.username: self.world.role(m.user.username, name) for m in found}
        assert {m.user.username: standings[m.pk].role for m in found} == roles
        assert {user.username for user in registry.admins()} == {
            person
            for person, role in roles.items()
            if role in {"admin", "owner"} and self.world.is_human(person)
        }

    @invariant()
    def the_organization_has_an_admin_and_a_registry_an_owner(self):
        for organization in Organization.objects.all():
            assert organization.memberships.human_admins().exists()
        owned = Q(
            owner__organization=F("organization"),
            owner__user__is_active=True,
            owner__user__is_service_account=False,
        )
        assert not Registry.objects.filter(is_core=False).exclude(owned).exists()
        assert not Registry.objects.filter(is_core=True).exclude(owner=None).exists()

    @invariant()
    def who_is_in_no_organization_has_nothing_there(self):
        place = Q(membership__organization=F("registry__organization"))
        through = Q(team__organization=F("registry__organization"), team__deleted_at=None)
        assert not RegistryMember.objects.exclude(place | through).exists()
        assert not AccessRequest.objects.exclude(place).exists()
        in_teams = Q(
            team__organization=F("membership__organization"), team__deleted_at=None
        )
        assert not TeamMembership.objects.exclude(in_teams).exists()
        assert not Membership.objects.filter(user__is_active=False).exists()


QUICK = settings(
    max_examples=3, stateful_step_count=50, derandomize=True, phases=[Phase.generate]
)
"""Always the same, and no time spent on making a failure shorter: the long one does."""
LONG = settings(max_examples=40, stateful_step_count=80, print_blob=True)


@pytest.mark.parametrize(
    ("profile", "least"),
    [
        pytest.param(QUICK, 100, id="short"),
        pytest.param(LONG, 2000, id="long", marks=pytest.mark.nightly),
    ],
)
@pytest.mark.timeout(1800)
def test_the_product_and_the_rules_never_differ(profile, least, figure):
    steps: Counter[str] = Counter()
    machine = type("Counted", (SideBySide,), {"steps": steps})
    quiet = settings(profile, database=None, suppress_health_check=list(HealthCheck))
    start = time.perf_counter()

    run_state_machine_as_test(machine, settings=quiet)

    taken = time.perf_counter() - start
    figure(
        f"the rules at random: {steps['all']:,} steps, {steps['done']:,} changes, "
        f"{steps['refused']:,} refusals, {steps['compared']:,} times a person's rights in "
        f"a registry compared, no difference, {taken:.0f} s"
    )
    assert steps["all"] >= least
