"""What of a list is wanted, by its address: `?type=model&alias=production`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import QueryDict

from accounts.models import User
from accounts.text import fold, is_askable
from registries.models import Alias, Collection, Project, Registry, SearchTerm, Tag
from registries.models.collection import LATEST
from registries.models.ordering import with_words
from registries.search import few_with
from registries.views.paging import address, asked

if TYPE_CHECKING:
    from accounts.requests import SignedIn

OFFERED = 6
"""How many values a filter offers; all others are typed."""

type Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Criterion:
    """Something to filter by, and how it narrows the rows of a place."""

    label: str
    narrow: Callable[[Rows, Any, str], Rows]
    words: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a filter offers."""

    name: str
    address: str
    is_set: bool


@dataclass(frozen=True, slots=True)
class Control:
    """A filter as a page shows it, with the address that takes it off."""

    name: str
    label: str
    value: str
    choices: list[Choice]
    off: str


class Filters:
    """The criteria of a list that a query sets."""

    def __init__(self, criteria: Mapping[str, Criterion], query: QueryDict) -> None:
        self.criteria = criteria
        found = {name: asked(query, name) for name in criteria}
        self.wanted = {name: value for name, value in found.items() if value}

    def narrow(self, rows: Rows, place: Registry | Collection | Project) -> Rows:
        """Return the rows that meet all of them."""
        for name, value in self.wanted.items():
            rows = self.criteria[name].narrow(rows, place, value)
        return rows

    @property
    def query(self) -> str:
        """They as part of an address."""
        query = QueryDict(mutable=True)
        query.update(self.wanted)
        return query.urlencode()

    @property
    def words(self) -> str:
        """They in words, to follow the noun."""
        said = {
            name: self.criteria[name].words.format(value)
            for name, value in self.wanted.items()
        }
        by = said.pop("by", "")
        *first, last = said.values() or [""]
        listed = f"with {', '.join(first)}{' and ' if first else ''}{last}" if last else ""
        return f"{listed} {by}".strip()

    def off(self, request: SignedIn) -> str:
        """The address of the list without them."""
        return address(request, **dict.fromkeys(self.criteria, ""))

    def controls(
        self, request: SignedIn, offered: Mapping[str, Iterable[str]]
    ) -> list[Control]:
        """Return a control for each that offers values, in that order."""
        return [self._control(request, name, offered[name]) for name in offered]

    def _control(self, request: SignedIn, name: str, offered: Iterable[str]) -> Control:
        value = self.wanted.get(name, "")
        values = list(dict.fromkeys([*([value] if value else []), *offered]))[:OFFERED]
        choices = [
            Choice(each, address(request, **{name: each}), each == value) for each in values
        ]
        label, off = self.criteria[name].label, address(request, **{name: ""})
        return Control(name, label, value, choices, off)


def _named(rows: Any, _: Registry, words: str) -> Rows:
    found: Rows = rows.matching(words)
    return found


def _of_type(rows: Rows, _: Registry, name: str) -> Rows:
    return rows.filter(type=name)


def _by(rows: Rows, _: Registry | Collection | Project, name: str) -> Rows:
    if not is_askable(name):
        return rows.none()
    person = User.objects.filter(entity__names__key=fold(name)).first()
    return rows.filter(created_by=person) if person else rows.none()


def _having(
    kind: SearchTerm.Kind, named: QuerySet[Any]
) -> Callable[[Rows, Any, str], Rows]:
    """Make the filter of collections by an alias or tag."""

    def narrow(rows: Rows, registry: Registry, name: str) -> Rows:
        there = named.filter(collection=OuterRef("pk"), name=name)
        few = None if name == LATEST else few_with(registry, kind, name)
        return rows.filter(Exists(there), **({} if few is None else {"pk__in": few}))

    return narrow


def _version_with_tag(rows: Rows, _: Collection, name: str) -> Rows:
    return rows.filter(Exists(Tag.objects.filter(version=OuterRef("pk"), name=name)))


def _version_with_alias(rows: Rows, collection: Collection, name: str) -> Rows:
    return rows.filter(aliases__collection=collection, aliases__name=name)


def _run_named(rows: Rows, _: Project, words: str) -> Rows:
    return rows.filter(with_words("display_name", words) | with_words("name", words))


def _run_in(column: str) -> Callable[[Rows, Any, str], Rows]:
    def narrow(rows: Rows, _: Project, name: str) -> Rows:
        return rows.filter(**{column: name})

    return narrow


COLLECTION_FILTERS = {
    "filter": Criterion("Name", _named, "“{}” in its name"),
    "type": Criterion("Type", _of_type, "type {}"),
    "alias": Criterion(
        "Alias", _having(SearchTerm.Kind.ALIAS, Alias.objects.all()), "alias {}"
    ),
    "tag": Criterion("Tag", _having(SearchTerm.Kind.TAG, Tag.objects.all()), "tag {}"),
    "by": Criterion("Created by", _by, "by {}"),
}
VERSION_FILTERS = {
    "alias": Criterion("Alias", _version_with_alias, "alias {}"),
    "tag": Criterion("Tag", _version_with_tag, "tag {}"),
    "by": Criterion("Linked by", _by, "by {}"),
}
SOURCE_FILTERS = VERSION_FILTERS | {"by": Criterion("Logged by", _by, "by {}")}
RUN_FILTERS = {
    "filter": Criterion("Name", _run_named, "“{}” in its name"),
    "state": Criterion("State", _run_in("state"), "state {}"),
    "group": Criterion("Group", _run_in("group"), "group {}"),
    "job": Criterion("Job type", _run_in("job_type"), "job type {}"),
    "by": Criterion("Started by", _by, "by {}"),
}


def offered_versions(request: SignedIn, rows: Sequence[Any]) -> dict[str, list[str]]:
    """Return what filters of versions offer: what is on this page."""
    makers = [row.created_by.username for row in rows if row.created_by]
    tags = Tag.objects.filter(version__in=[row.pk for row in rows])
    return {
        "alias": sorted(a.name for row in rows for a in row.shown_aliases),
        "tag": sorted(tags.values_list("name", flat=True).distinct()[:OFFERED]),
        "by": [request.user.username, *sorted(makers)],
    }
