"""Finding registries, collections, tags and aliases by the beginnings of their words.

One table serves both databases, and the look-up walks an index: it costs the same among
ten names and among a million. What is listed is asked of `visible_to`, like everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from registries.models import Collection, Registry, SearchTerm, Tag
from registries.models.collection import LATEST

if TYPE_CHECKING:
    from accounts.models import Organization, User

Kind = SearchTerm.Kind
OF_COLLECTIONS = (Kind.COLLECTION, Kind.TAG, Kind.ALIAS)
WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 8
"""How many words of a name are looked up, and how many of a question are asked."""
FEW = 1000
"""So many of one tag or alias are looked up one by one, to list them in any order."""
FEW_REGISTRIES, FEW_COLLECTIONS = 50, 500
"""So many registries, or collections, are searched one by one."""
LAST = "\U0010ffff"
"""Sorts behind every character that a name may have."""


def index_registry(registry: Registry) -> None:
    """Note the registry's name, in place of a former one."""
    SearchTerm.objects.filter(kind=Kind.REGISTRY, registry=registry).delete()
    _note(Kind.REGISTRY, registry, None, registry.display_name)


def index_collection(collection: Collection) -> None:
    """Note the collection's name, in place of a former one; a project's is not searched."""
    if collection.registry is not None:
        SearchTerm.objects.filter(kind=Kind.COLLECTION, collection=collection).delete()
        _note(Kind.COLLECTION, collection.registry, collection, collection.name)


def index_tag(collection: Collection, name: str) -> None:
    """Note whether the collection, or a version in it, has the tag."""
    holders = Q(collection=collection) | Q(version__collection=collection)
    is_there = Tag.objects.filter(holders, name=name).exists()
    _note_word(Kind.TAG, collection, name, is_there=is_there)


def index_alias(collection: Collection, name: str) -> None:
    """Note whether the collection has the alias; `latest`, which all have, is left out."""
    is_there = name != LATEST and collection.aliases.filter(name=name).exists()
    _note_word(Kind.ALIAS, collection, name, is_there=is_there)


def _note_word(kind: Kind, collection: Collection, name: str, *, is_there: bool) -> None:
    noted = SearchTerm.objects.filter(kind=kind, collection=collection, name=name)
    if not is_there:
        noted.delete()
    elif collection.registry is not None and not noted.exists():
        _note(kind, collection.registry, collection, name)


def _note(kind: Kind, registry: Registry, collection: Collection | None, name: str) -> None:
    SearchTerm.objects.bulk_create(terms(kind, registry, collection, name))


def terms(
    kind: Kind, registry: Registry, collection: Collection | None, name: str
) -> Iterable[SearchTerm]:
    """Return the unsaved terms of a name."""
    for key in keys(name):
        yield SearchTerm(
            kind=kind,
            organization_id=registry.organization_id,
            registry=registry,
            collection=collection,
            name=name,
            key=key,
        )


def keys(name: str) -> list[str]:
    """Return what is left of the name from each of its words on, in lower case."""
    lower = name.lower()
    starts = {0, *(word.start() for word in WORD.finditer(lower))}
    return [lower[start:][:128] for start in sorted(starts)[:MOST_WORDS]]


def few_with(registry: Registry, kind: Kind, name: str) -> list[int] | None:
    """Return the collections of the registry that have the tag or alias, if they are few.

    Tags of their versions count, too. None if they are many: then some are soon met.
    """
    noted = SearchTerm.objects.filter(
        registry=registry, kind=kind, key=name.lower()[:128], name=name
    )
    return _all_of(noted.values_list("collection_id", flat=True), FEW)


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody looks for: words, each of which may name a kind, as `alias:prod`."""

    words: tuple[tuple[str, str], ...]
    """Pairs of kind, empty for any, and the beginning of a word."""

    @classmethod
    def of(cls, text: str) -> Question:
        """Read what was typed."""
        parts = text.lower().replace("\0", "").split()[:MOST_WORDS]
        return cls(tuple(word for part in parts if (word := _word(part))[1]))

    def among(self, organization: Organization, user: User) -> Answers:
        """Return what answers it, of what the user sees in the organization."""
        return Answers(self, organization, user)


class Answers:
    """What answers a question. Where few things can, the database begins with those:

    walking all terms of a common word to see few of them would take longer the more there
    are. Such a query does not name the organization, so that no plan begins with its terms.
    """

    def __init__(self, question: Question, organization: Organization, user: User) -> None:
        self._words = question.words
        self._organization = organization
        self._registries = Registry.objects.visible_to(user).filter(
            organization=organization
        )
        self._known: dict[tuple[str, str], list[int] | None] = {}

    def of(self, kind: Kind) -> QuerySet[SearchTerm]:
        """Return the terms of that kind that answer all words.

        Sort them by `key` and `id`. One thing may come twice, if two of its words match.
        """
        mine = [word for word in self._words if word[0] in {"", kind}]
        if not mine:
            return SearchTerm.objects.none()
        first = max(mine, key=lambda word: (word[0] == kind, len(word[1])))
        others = [word for word in self._words if word is not first]
        found = SearchTerm.objects.filter(begins(first[1]), kind=kind)
        if kind == Kind.REGISTRY:
            return _with(self._seen(found), kind, others)
        found = found.filter(collection__deleted_at=None)
        for other in others:
            if (few := self._holders(*other)) is not None:
                rest = [each for each in others if each is not other]
                seen = found.filter(
                    collection__in=few,
                    collection__registry__in=self._registries.values("pk"),
                )
                return _with(seen, kind, rest)
        return _with(self._seen(found), kind, others)

    def _seen(self, found: QuerySet[SearchTerm]) -> QuerySet[SearchTerm]:
        if self._few_registries is not None:
            return found.filter(registry__in=self._few_registries)
        seen = self._registries.values("pk")
        return found.filter(organization=self._organization, registry__in=seen)

    @cached_property
    def _few_registries(self) -> list[int] | None:
        """All registries that the user sees, None if they are many."""
        return _all_of(self._registries.values_list("pk", flat=True), FEW_REGISTRIES)

    def _holders(self, kind: str, word: str) -> list[int] | None:
        """The collections in which the word is found, None if they are many."""
        if (kind, word) not in self._known:
            terms = SearchTerm.objects.filter(
                begins(word),
                organization=self._organization,
                kind__in=[kind] if kind else OF_COLLECTIONS,
            )
            keys = terms.values_list("collection", flat=True).order_by()
            self._known[kind, word] = _all_of(keys, FEW_COLLECTIONS)
        return self._known[kind, word]


def _all_of(keys: QuerySet[Any, int], most: int) -> list[int] | None:
    """Read the keys, None if there are more than so many."""
    found = list(keys[: most + 1])
    return found if len(found) <= most else None


def _with(
    found: QuerySet[SearchTerm], kind: Kind, words: Iterable[tuple[str, str]]
) -> QuerySet[SearchTerm]:
    """Select those beside which all the words are found."""
    for word in words:
        found = found.filter(Exists(_beside(kind, *word)))
    return found


def _word(part: str) -> tuple[str, str]:
    kind, colon, word = part.partition(":")
    return (kind, word) if colon and kind in Kind.values else ("", part)


def begins(word: str) -> Q:
    """Select the terms that begin with a word, in lower case."""
    return Q(key__gte=word, key__lt=word + LAST)


def _beside(kind: Kind, other: str, word: str) -> QuerySet[SearchTerm]:
    """The terms that match another word and belong to the same thing."""
    place: dict[str, Any] = {"collection": OuterRef("collection")}
    if kind == Kind.REGISTRY:
        place = {"registry": OuterRef("registry"), "kind": Kind.REGISTRY}
    beside = SearchTerm.objects.filter(begins(word), **place)
    return beside.filter(kind=other) if other else beside
