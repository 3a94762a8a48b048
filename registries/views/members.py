"""The rows of "Registry members and roles": people and teams, and why each role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Case, Count, Q, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Entity, Membership
from accounts.permissions import Role
from registries.backends import Standing, explain_all
from registries.models import Registry, RegistryMember
from registries.models.ordering import by_bytes, by_shown_name, with_words
from registries.permissions import GIVEN_ROLES
from registries.views.paging import Order, Page, page_of, text

if TYPE_CHECKING:
    from accounts.requests import Request

ORDERS = {
    "rank": Order({"rank": int, "sort_name": text, "id": int}),
    "name": Order({"sort_shown": text, "id": int}),
    "email": Order({"sort_email": text, "sort_shown": text, "id": int}),
    "role": Order({"sort_role": int, "sort_shown": text, "id": int}),
}
"""The usual one has no column: the Owner, those given a role, all others."""


@dataclass(frozen=True, slots=True)
class Holder:
    """A person or a team in the table."""

    entity: Entity
    standing: Standing
    membership: Membership | None = None
    people: int = 0
    """How many people are in the team."""
    grant: RegistryMember | None = None
    """The role given to themselves, with its end and its reason."""

    @property
    def name(self) -> str:
        """What pages call them."""
        return self.membership.user.display_name if self.membership else self.entity.name

    @property
    def roles(self) -> list[tuple[str, str]]:
        """The roles that can be given to them."""
        return Role.choose(*GIVEN_ROLES)

    @property
    def may_own(self) -> bool:
        """Whether the registry could be moved to them."""
        if self.membership is None or self.membership.user.is_service_account:
            return False
        return self.standing.role not in {None, Role.OWNER}


def holders(
    registry: Registry, words: str, order: Order, request: Request
) -> tuple[Page, list[Holder]]:
    """Return a page of those with a role in the registry whose name or e-mail matches."""
    entities = registry.holders().annotate(
        sort_shown=by_shown_name("user__full_name", "name"),
        sort_email=by_bytes(Coalesce("user__email", Value(""))),
        sort_role=_strength(registry),
    )
    if words:
        entities = entities.filter(
            Q(name__icontains=words)
            | with_words("user__full_name", words)
            | with_words("user__email", words)
        )
    page = page_of(entities, order, request)
    return page, _rows(registry, page.rows)


def _strength(registry: Registry) -> Case:
    """The place of the role given to somebody, the strongest first; none comes last."""
    given = registry.members.in_force()
    roles = [Role(role) for role in reversed(GIVEN_ROLES)]
    whens = [When(rank=0, then=0)]
    for place, rows in enumerate((given.filter(role=role) for role in roles), start=1):
        people = rows.filter(team=None).values("membership__user__entity")
        teams = rows.filter(membership=None).values("team__entity")
        whens.append(When(Q(pk__in=people) | Q(pk__in=teams), then=place))
    return Case(*whens, default=len(whens))


def holder_of(registry: Registry, entity: Entity) -> Holder | None:
    """Return the row of one person or team, None if they have no role here."""
    rows = _rows(registry, registry.holders().filter(pk=entity.pk))
    return rows[0] if rows else None


def _rows(registry: Registry, entities: Iterable[Entity]) -> list[Holder]:
    entities = list(entities)
    people = _people(registry, entities)
    teams = _teams(registry, entities)
    return [people.get(e.pk) or teams[e.pk] for e in entities]


def _people(registry: Registry, entities: Iterable[Entity]) -> dict[int, Holder]:
    memberships = list(
        registry.people().filter(user__entity__in=entities).select_related("user__entity")
    )
    explained = explain_all(registry, memberships)
    given = registry.members.in_force().filter(membership__in=memberships)
    grants = {grant.membership_id: grant for grant in given}
    return {
        m.user.entity_id: Holder(m.user.entity, explained[m.pk], m, grant=grants.get(m.pk))
        for m in memberships
    }


def _teams(registry: Registry, entities: Iterable[Entity]) -> dict[int, Holder]:
    grants = RegistryMember.objects.in_force().filter(
        registry=registry, team__entity__in=entities
    )
    counted = grants.annotate(people=Count("team__memberships"))
    return {
        grant.team.entity_id: Holder(
            grant.team.entity,
            Standing(Role(grant.role), "given to the team", Role(grant.role)),
            people=grant.people,
            grant=grant,
        )
        for grant in counted.select_related("team__entity")
        if grant.team
    }
