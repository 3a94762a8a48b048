"""Rules.md, sections 2 to 4, once more and by hand: who may do what, and who then has which
role.

A small model without a database, of names and dictionaries. It shares nothing with the
product that it judges: `tests/registries/test_rules.py` compares them after each step.
"""

from __future__ import annotations

from dataclasses import dataclass, field

SERVER = "the server"
LADDER = ("restricted_viewer", "viewer", "member", "admin", "owner")
ROWS = {
    "view_settings": "restricted_viewer",
    "download_artifact": "viewer",
    "link_artifact": "member",
    "edit_registry": "member",
    "assign_role": "admin",
    "change_visibility": "admin",
    "delete_registry": "admin",
    "move_ownership": "owner",
}
"""Some rows of the matrix, with at least one of each column."""
NOT_IN_CORE = {"change_visibility", "delete_registry", "move_ownership"}


class Refused(Exception):
    """The rules forbid it."""


def refuse(broken: object) -> None:
    if broken:
        raise Refused


def at_least(role: str | None, least: str) -> bool:
    return role is not None and LADDER.index(role) >= LADDER.index(least)


@dataclass
class Person:
    is_active: bool = True
    is_service: bool = False
    is_administrator: bool = False


@dataclass
class Organization:
    members: dict[str, str] = field(default_factory=dict)
    """Role by person, who came first first."""
    default: str = "viewer"
    creators: str = "member"


@dataclass
class Team:
    organization: str
    members: dict[str, str] = field(default_factory=dict)
    is_deleted: bool = False


@dataclass
class Given:
    role: str
    until: int | None = None
    """The day on which it is over."""


@dataclass
class Registry:
    organization: str
    owner: str | None = None
    """None: a core registry."""
    is_restricted: bool = False
    is_trashed: bool = False
    given: dict[str, Given] = field(default_factory=dict)
    """What was given to a person or team."""
    asked: dict[str, str] = field(default_factory=dict)


class World:
    """Everybody and everything by name, and what they do to each other."""

    def __init__(self) -> None:
        self.day = 0
        self.people: dict[str, Person] = {}
        self.organizations: dict[str, Organization] = {}
        self.teams: dict[str, Team] = {}
        self.registries: dict[str, Registry] = {}

    # Who has which role, and which rights

    def runs_it(self, by: str) -> bool:
        """The server, and the installation administrator, pass every check."""
        return by == SERVER or self.administers(by)

    def administers(self, person: str) -> bool:
        found = self.people[person]
        return found.is_active and found.is_administrator

    def standing(self, person: str, organization: str) -> str | None:
        return self.organizations[organization].members.get(person)

    def role(self, person: str, name: str) -> str | None:
        """The effective role."""
        registry = self.registries[name]
        standing = self.standing(person, registry.organization)
        if standing is None or not self.people[person].is_active:
            return None
        if registry.owner == person:
            return "owner"
        roles = [
            given.role
            for holder, given in registry.given.items()
            if self.holds(person, holder) and self.in_force(given)
        ]
        if standing == "admin" and not registry.is_restricted:
            roles.append("admin")
        if not roles and not registry.is_restricted:
            return self.organizations[registry.organization].default
        return max(roles, key=LADDER.index, default=None)

    def holds(self, person: str, holder: str) -> bool:
        return holder == person or (
            holder in self.teams and person in self.teams[holder].members
        )

    def in_force(self, given: Given) -> bool:
        return given.until is None or given.until > self.day

    def sees(self, person: str, name: str) -> bool:
        if self.registries[name].is_trashed:
            return False
        return self.administers(person) or self.role(person, name) is not None

    def may(self, by: str, row: str, name: str) -> bool:
        """The right in a registry; in the trash only to restore it."""
        registry = self.registries[name]
        if registry.is_trashed and row != "delete_registry":
            return False
        if registry.owner is None and row in NOT_IN_CORE:
            return False
        if self.runs_it(by):
            return True
        standing, role = self.standing(by, registry.organization), self.role(by, name)
        if registry.owner is None and row == "edit_registry":
            return standing == "admin"
        if row == "move_ownership" and standing == "admin":
            return at_least(role, "admin")
        return at_least(role, ROWS[row])

    def may_here(self, by: str, least: str, organization: str) -> bool:
        return self.runs_it(by) or at_least(self.standing(by, organization), least)

    def human_admins(self, organization: str) -> list[str]:
        members = self.organizations[organization].members.items()
        return [name for name, role in members if role == "admin" and self.is_human(name)]

    def is_human(self, name: str) -> bool:
        return self.people[name].is_active and not self.people[name].is_service

    # Organizations

    def create_organization(self, name: str, first: str, by: str) -> None:
        refuse(not self.runs_it(by) or not self.is_human(first))
        self.organizations[name] = Organization({first: "admin"})
        for core in ("model", "dataset"):
            self.registries[f"{name}/{core}"] = Registry(name)

    def change_settings(self, name: str, default: str, creators: str, by: str) -> None:
        refuse(not self.may_here(by, "admin", name))
        self.organizations[name].default = default
        self.organizations[name].creators = creators

    def create_service_account(self, name: str, place: str, role: str, by: str) -> None:
        refuse(not self.may_here(by, "admin", place) or role == "admin")
        self.people[name] = Person(is_service=True)
        self.organizations[place].members[name] = role

    def set_standing(self, place: str, person: str, role: str, by: str) -> None:
        """Let somebody in, or change their role."""
        refuse(not self.may_here(by, "admin", place) or not self.people[person].is_active)
        is_in = self.standing(person, place) is not None
        refuse(self.people[person].is_service and (role == "admin" or not is_in))
        refuse(role != "admin" and self.human_admins(place) == [person])
        self.organizations[place].members[person] = role

    def remove(self, place: str, person: str, by: str) -> None:
        if person == by:
            self.leave(place, by)
            return
        refuse(not self.may_here(by, "admin", place))
        self.end(place, person, by)

    def leave(self, place: str, by: str) -> None:
        refuse(self.standing(by, place) is None)
        owned = [self.registries[name] for name in self.owned(place, by)]
        refuse(not all(registry.is_trashed for registry in owned))
        self.end(place, by, by)

    def owned(self, place: str, person: str) -> list[str]:
        return [
            name
            for name, registry in self.registries.items()
            if registry.owner == person and registry.organization == place
        ]

    def end(self, place: str, person: str, by: str) -> None:
        """Take everything in that organization from somebody."""
        refuse(self.standing(person, place) is None)
        others = [name for name in self.human_admins(place) if name != person]
        refuse(not others)
        heir = by if by in others else others[0]
        for name in self.owned(place, person):
            self.registries[name].owner = heir
            self.registries[name].given.pop(heir, None)
        for team in self.teams.values():
            if team.organization == place:
                team.members.pop(person, None)
        for registry in self.registries.values():
            if registry.organization == place:
                registry.given.pop(person, None)
                registry.asked.pop(person, None)
        del self.organizations[place].members[person]

    def deactivate(self, person: str, by: str) -> None:
        refuse(not self.runs_it(by))
        administrators = [name for name in self.people if self.administers(name)]
        refuse(administrators == [person])
        for place, organization in self.organizations.items():
            if person in organization.members:
                self.end(place, person, by)
        self.people[person].is_active = False

    # Teams

    def create_team(self, name: str, place: str, by: str) -> None:
        refuse(not self.may_here(by, "member", place))
        is_in = by in self.organizations[place].members
        self.teams[name] = Team(place, {by: "admin"} if is_in else {})

    def manages(self, by: str, team: Team) -> bool:
        is_admin = self.may_here(by, "admin", team.organization)
        return is_admin or team.members.get(by) == "admin"

    def set_team_role(self, name: str, person: str, role: str, by: str) -> None:
        team = self.teams[name]
        refuse(team.is_deleted or not self.manages(by, team))
        refuse(self.standing(person, team.organization) is None)
        team.members[person] = role

    def leave_team(self, name: str, person: str, by: str) -> None:
        team = self.teams[name]
        refuse(person not in team.members)
        refuse(by != person and not self.manages(by, team))
        del team.members[person]

    def delete_team(self, name: str, by: str) -> None:
        team = self.teams[name]
        refuse(team.is_deleted or not self.manages(by, team))
        team.members, team.is_deleted = {}, True
        for registry in self.registries.values():
            registry.given.pop(name, None)

    # Registries

    def create_registry(
        self, name: str, place: str, owner: str, is_restricted: bool, by: str
    ) -> None:
        refuse(by != SERVER and self.people[by].is_service)
        refuse(not self.may_here(by, self.organizations[place].creators, place))
        refuse(owner != by and not self.runs_it(by))
        refuse(self.standing(owner, place) is None or not self.is_human(owner))
        self.registries[name] = Registry(place, owner, is_restricted)

    def set_role(
        self, name: str, holder: str, role: str, until: int | None, by: str
    ) -> None:
        registry = self.registries[name]
        refuse(not self.may(by, "assign_role", name))
        if holder in self.teams:
            refuse(self.teams[holder].organization != registry.organization)
            refuse(self.teams[holder].is_deleted)
        else:
            self.bring_in(registry.organization, holder, by)
            refuse(registry.owner == holder)
        registry.given[holder] = Given(role, until)

    def bring_in(self, place: str, person: str, by: str) -> None:
        """Only who runs the installation names somebody from outside."""
        if self.standing(person, place) is None:
            refuse(not self.runs_it(by) or not self.is_human(person))
            self.organizations[place].members[person] = "member"

    def change_role(self, name: str, holder: str, role: str, seen: str, by: str) -> None:
        """Give a role in place of the one that somebody saw."""
        given = self.registries[name].given.get(holder)
        if given is None or not self.in_force(given):
            refuse(seen)
            self.set_role(name, holder, role, None, by)
            return
        refuse(seen not in {given.role} and role != given.role)
        self.set_role(name, holder, role, given.until, by)

    def end_role(self, name: str, holder: str, by: str) -> None:
        refuse(not self.may(by, "assign_role", name))
        refuse(holder not in self.registries[name].given)
        del self.registries[name].given[holder]

    def move_ownership(self, name: str, person: str, by: str) -> None:
        registry = self.registries[name]
        refuse(registry.owner is None or not self.may(by, "move_ownership", name))
        refuse(self.role(person, name) is None or not self.is_human(person))
        if person != registry.owner:
            registry.given.pop(person, None)
            registry.given[registry.owner] = Given("admin")
            registry.owner = person

    def change_visibility(self, name: str, is_restricted: bool, by: str) -> None:
        registry = self.registries[name]
        refuse(not self.may(by, "change_visibility", name))
        if registry.is_restricted == is_restricted:
            return
        registry.is_restricted = is_restricted
        if is_restricted and by != SERVER:
            self.keep_admin(name, by)

    def keep_admin(self, name: str, by: str) -> None:
        is_in = self.standing(by, self.registries[name].organization) is not None
        if is_in and not at_least(self.role(by, name), "admin"):
            self.registries[name].given[by] = Given("admin")

    def take_access(self, name: str, by: str) -> None:
        registry = self.registries[name]
        refuse(registry.is_trashed or not registry.is_restricted or by == SERVER)
        refuse(not self.may_here(by, "admin", registry.organization))
        refuse(self.standing(by, registry.organization) is None)
        self.keep_admin(name, by)

    def delete(self, name: str, by: str) -> None:
        refuse(self.registries[name].is_trashed)
        refuse(not self.may(by, "delete_registry", name))
        self.registries[name].is_trashed = True

    def restore(self, name: str, by: str) -> None:
        refuse(not self.registries[name].is_trashed)
        refuse(not self.may(by, "delete_registry", name))
        self.registries[name].is_trashed = False

    # Asking

    def ask(self, name: str, role: str, by: str) -> None:
        registry = self.registries[name]
        refuse(registry.is_trashed or by == SERVER or self.role(by, name) is None)
        refuse(at_least(self.role(by, name), role))
        registry.asked[by] = role

    def accept(self, name: str, person: str, role: str, by: str) -> None:
        refuse(not self.may(by, "assign_role", name))
        refuse(person not in self.registries[name].asked)
        present = self.role(person, name)
        refuse(present != role and at_least(present, role))
        self.set_role(name, person, role, None, by)
        del self.registries[name].asked[person]

    def decline(self, name: str, person: str, by: str) -> None:
        refuse(not self.may(by, "assign_role", name))
        refuse(self.registries[name].asked.pop(person, None) is None)
