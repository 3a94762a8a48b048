"""Finding registries, collections, tags and aliases by the beginnings of their words.

One table serves both databases, and the look-up walks an index: it costs the same among
ten names and among a million. What is listed is asked of `visible_to`, like everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from registries.models import Collection, Registry, SearchTerm, Tag
from registries.models.collection import LATEST

if TYPE_CHECKING:
    from accounts.models import Organization, User

Kind = SearchTerm.Kind
WORD = re.compile(r"[^\W_]+")
MOST_WORDS = 8
"""How many words of a name are looked up, and how many of a question are asked."""
FEW = 1000
"""So many of one tag or alias are looked up one by one, to list them in any order."""
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
    found = list(noted.values_list("collection_id", flat=True)[: FEW + 1])
    return None if len(found) > FEW else found


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

    def find(
        self, kind: Kind, organization: Organization, user: User
    ) -> QuerySet[SearchTerm]:
        """Return the terms of that kind that answer all words, for what the user sees.

        Sort them by `key` and `id`. One thing may come twice, if two of its words match.
        """
        mine = [word for word in self.words if word[0] in {"", kind}]
        if not mine:
            return SearchTerm.objects.none()
        first = max(mine, key=lambda word: (word[0] == kind, len(word[1])))
        found = SearchTerm.objects.filter(
            begins(first[1]),
            organization=organization,
            kind=kind,
            registry__in=Registry.objects.visible_to(user).values("pk"),
        )
        for other in self.words:
            if other is not first:
                found = found.filter(Exists(_beside(kind, *other)))
        if kind == Kind.REGISTRY:
            return found
        return found.filter(collection__deleted_at=None)


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
