"""The demo's history: who did what, and when, in the order of time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from accounts.actors import Actor
from accounts.models import Job, Membership, Organization, Team, User
from accounts.operations.teams import add_team_member, create_team
from accounts.operations.users import create_user
from accounts.permissions import Role
from registries.management.demo.cards import card, note
from registries.management.demo.clock import Clock
from registries.management.demo.content import files_of, metadata_of
from registries.management.demo.files import dice
from registries.management.demo.people import BOT, HARBOUR, NORTHWIND, PEOPLE, TEAMS
from registries.management.demo.shelves import ALL_TEAMS, LINES, SHELVES, Line, Shelf
from registries.management.demo.training import train
from registries.models import Artifact, Collection, Project, Registry, Version
from registries.operations.aliases import set_alias
from registries.operations.artifacts import attach_files, begin_artifact, commit_artifact
from registries.operations.collections import add_tag, delete_collection, edit_card
from registries.operations.contents import protect_alias
from registries.operations.links import link
from registries.operations.members import set_role
from registries.operations.organizations import (
    add_member,
    create_organization,
    create_service_account,
    deactivate_user,
)
from registries.operations.projects import UPLOADS, ensure_project
from registries.operations.registries import create_registry, take_access
from registries.operations.runs import finish_run
from registries.storage import store

SYSTEM = Actor.system("command")
AUTHORS = {
    "risk-modeling": ("priya", "tomasz", BOT),
    "speech": ("mei-ling", "elif"),
    "vision": ("lea", "samuel"),
    "mei-ling": ("mei-ling",),
}
NAMED_ONLY = ("tomasz", "priya")
"""Who publishes into the restricted registries."""
ELIF_LEFT = 48
"""Days since Elif was deactivated; until then she published too."""


class Story:
    """Plans steps at moments, then tells them in order."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.clock = Clock()
        self.people: dict[str, User] = {}
        self.teams: dict[str, Team] = {}
        self.projects: dict[str, Project] = {}
        self.registries: dict[str, Registry] = {}
        self.artifacts: dict[str, list[Artifact]] = {}
        self._steps: list[tuple[datetime, int, Callable[[], object]]] = []

    def tell(self) -> Organization:
        """Make everything, and date it."""
        self.clock.set(self.day(240, 9))
        organization = self._found_organizations()
        self._found_teams(organization)
        for shelf in SHELVES:
            self.at(self.day(228, 10), partial(self._open, organization, shelf))
        for line in LINES:
            self._plan(line)
        self._plan_incidents()
        for when, _, step in sorted(self._steps):
            self.clock.set(when)
            step()
        self.clock.rewrite()
        # What was announced in the past was read in the past: no mail goes out now.
        Job.objects.filter(name="announce").delete()
        return organization

    def day(self, days: int, hour: float) -> datetime:
        """A moment that many days ago, never in the future."""
        midnight = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        moment = midnight - timedelta(days=days) + timedelta(hours=hour)
        return min(moment, self.now - timedelta(minutes=4))

    def at(self, when: datetime, step: Callable[[], object]) -> None:
        """Plan a step."""
        self._steps.append((when, len(self._steps), step))

    def by(self, username: str) -> Actor:
        """The person, at the command line: that is where the demo is made."""
        return Actor(user=self.people[username], via="command")

    def _found_organizations(self) -> Organization:
        for person in PEOPLE:
            self.people[person.username] = create_user(
                email=person.email,
                username=person.username,
                full_name=person.full_name,
                is_administrator=person.username == "ada",
                by=SYSTEM,
            )
        organization = create_organization(
            *NORTHWIND, admin=self.people["anouk"], by=SYSTEM
        )
        for person in PEOPLE:
            if person.role is not None and person.username != "anouk":
                user = self.people[person.username]
                add_member(organization, user, person.role, by=self.by("anouk"))
        harbour = create_organization(*HARBOUR, admin=self.people["marco"], by=SYSTEM)
        add_member(harbour, self.people["anouk"], Role.VIEWER, by=self.by("marco"))
        self.people[BOT] = create_service_account(
            organization, BOT, full_name="Nightly training", by=self.by("anouk")
        )
        return organization

    def _found_teams(self, organization: Organization) -> None:
        for name, people in TEAMS.items():
            founder, *others = people
            team = create_team(organization, name, by=self.by(founder))
            for other in others:
                membership = Membership.objects.get(
                    organization=organization, user=self.people[other]
                )
                add_team_member(team, membership, people[other], by=self.by(founder))
            self.teams[name] = team
        for registry in organization.registries.all():
            self.registries[registry.name] = registry
            self._give(registry, ALL_TEAMS, "anouk")

    def _open(self, organization: Organization, shelf: Shelf) -> None:
        registry = create_registry(
            organization,
            shelf.name,
            description=shelf.description,
            visibility="restricted" if shelf.is_restricted else "organization",
            types=shelf.types or None,
            icon=shelf.icon,
            by=self.by(shelf.owner),
        )
        self.registries[shelf.name] = registry
        self._give(registry, shelf.roles, shelf.owner)
        for alias in shelf.protected:
            protect_alias(registry, alias, by=self.by(shelf.owner))

    def _give(self, registry: Registry, roles: dict[str, Role], giver: str) -> None:
        for name, role in roles.items():
            holder = self.teams.get(name) or self.people[name]
            set_role(registry, holder, role, by=self.by(giver))

    def _plan(self, line: Line) -> None:
        """Plan the line's versions, its card and tags, its aliases, and its releases."""
        moments = self._moments(line)
        for index, when in enumerate(moments):
            author = self._author(line, index, when)
            self.at(when, partial(self._publish, line, index, author))
            if index == 0:
                self.at(when, partial(self._describe, line.home, line, card(line), author))
            if line.alias and index < max(line.count - 1, 1):
                later = self._later(when, 2)
                self.at(later, partial(self._move, line.home, line, index, line.alias))
        if line.released:
            self._plan_releases(line, moments)
        elif line.rollback:
            self._plan_rollback(line, line.home, line.count - 2, moments[-2])

    def _plan_releases(self, line: Line, moments: list[datetime]) -> None:
        serves = line.released == "production-models"
        follower = "production" if serves else "stable"
        first = line.count - line.kept
        for number, when in enumerate(moments[first:]):
            step = partial(self._release, line, first + number, staging=serves)
            self.at(self._later(when, 0.3), step)
            if number == 0:
                text = card(line, first)
                describe = partial(
                    self._describe, line.released, line, text, self._releaser(line)
                )
                self.at(self._later(when, 0.3), describe)
            if number < line.kept - 1 or line.rollback:
                move = partial(self._move, line.released, line, number, follower)
                self.at(self._later(when, 2), move)
        if line.rollback:
            self._plan_rollback(line, line.released, line.kept - 1, moments[-1])

    def _plan_rollback(
        self, line: Line, registry: str, newest: int, when: datetime
    ) -> None:
        """Move the alias back to where it was before its newest move."""
        alias = line.alias or "production"
        step = partial(self._move, registry, line, newest - 1, alias, line.rollback)
        self.at(self._later(when, 2.8), step)

    def _plan_incidents(self) -> None:
        elif_ = self.people["elif"]
        self.at(self.day(ELIF_LEFT, 17), lambda: deactivate_user(elif_, by=self.by("ada")))
        self.at(
            self.day(30, 11),
            lambda: take_access(self.registries["llm-adapters"], by=self.by("samuel")),
        )
        self.at(self.day(9, 15), self._cover)
        self.at(self.day(20, 16), self._drop_old_churn)
        self.at(self.day(2, 14), self._approve_for_europe)

    def _cover(self) -> None:
        set_role(
            self.registries["eval-sets"],
            self.people["karim"],
            Role.MEMBER,
            expires_at=self.now + timedelta(days=30),
            reason="Looks after the sets while Lea is away.",
            by=self.by("lea"),
        )

    def _drop_old_churn(self) -> None:
        """A collection in the trash."""
        registry = self.registries["model"]
        artifact = self.artifacts["churn-classifier"][0]
        version = link(artifact, registry, "churn-logistic", by=self.by("tomasz"))
        delete_collection(version.collection, by=self.by("tomasz"))

    def _approve_for_europe(self) -> None:
        version = self._version("production-models", "churn-classifier", 5)
        reason = "Signed off by the data protection officer."
        set_alias(version, "eu-approved", reason=reason, by=self.by("anouk"))
        add_tag(version, "signed-off", by=self.by("anouk"))

    def _publish(self, line: Line, index: int, author: str) -> None:
        by = self.by(author)
        if line.team not in self.projects:
            owner = self.teams.get(line.team) or self.people[line.team]
            self.projects[line.team] = ensure_project(owner, UPLOADS, by=by)
        project, run = self.projects[line.team], None
        if line.kind == "tabular" and line.artifact_type == "model":
            run = train(project, line, index, self._newest("churn-features"), by=by)
        artifact = begin_artifact(
            project,
            line.name,
            artifact_type=line.artifact_type,
            description=note(line, index),
            metadata=metadata_of(line, index),
            run=run,
            by=by,
        )
        files = files_of(line, index).items()
        staged = [(path, store().stage([content])) for path, content in files]
        attach_files(artifact, staged, by=by)
        artifact = commit_artifact(artifact, by=by).artifact
        if run is not None:
            finish_run(run, exit_code=0, by=by)
        self.artifacts.setdefault(line.name, []).append(artifact)
        link(artifact, self.registries[line.home], line.name, by=by)

    def _newest(self, name: str) -> Artifact | None:
        artifacts = self.artifacts.get(name)
        return artifacts[-1] if artifacts else None

    def _describe(self, registry: str, line: Line, text: str, author: str) -> None:
        collection = self._collection(registry, line.name)
        edit_card(collection, text, by=self.by(author))
        for tag in line.tags.split():
            add_tag(collection, tag, by=self.by(author))

    def _release(self, line: Line, index: int, *, staging: bool) -> None:
        link(
            self.artifacts[line.name][index],
            self.registries[line.released],
            line.name,
            aliases=["staging"] if staging else [],
            by=self.by(self._releaser(line)),
        )

    def _move(
        self, registry: str, line: Line, number: int, alias: str, reason: str = ""
    ) -> None:
        version = self._version(registry, line.name, number)
        set_alias(version, alias, reason=reason, by=self.by(self._admin(registry, line)))

    def _collection(self, registry: str, name: str) -> Collection:
        return self.registries[registry].collections.named(name).get()

    def _version(self, registry: str, name: str, number: int) -> Version:
        return self._collection(registry, name).versions.get(number=number)

    def _releaser(self, line: Line) -> str:
        if line.released != "production-models":
            return AUTHORS[line.team][0]
        return {"risk-modeling": "tomasz", "speech": "priya", "vision": BOT}[line.team]

    def _admin(self, registry: str, line: Line) -> str:
        admins = {"production-models": "priya", "fraud-detection": "tomasz"}
        return admins.get(registry, AUTHORS[line.team][0])

    def _author(self, line: Line, index: int, when: datetime) -> str:
        authors = AUTHORS[line.team]
        if line.home in {"fraud-detection", "llm-adapters"}:
            authors = NAMED_ONLY
        author = authors[index % len(authors)]
        has_left = when > self.day(ELIF_LEFT, 12)
        return "mei-ling" if author == "elif" and has_left else author

    def _moments(self, line: Line) -> list[datetime]:
        """When each version was published: regularly, but not by the clock."""
        random = dice("moments", line.name)
        steps = max(line.count - 1, 1)
        span = line.first - line.last
        days = [line.first - round(span * index / steps) for index in range(line.count)]
        return [self.day(day, random.uniform(7, 16)) for day in days]

    def _later(self, when: datetime, days: float) -> datetime:
        return min(when + timedelta(days=days), self.now - timedelta(minutes=3))
