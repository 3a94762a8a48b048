"""Versions by their full names: finding the one that was typed, offering some of many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.actors import may
from accounts.permissions import TeamPermission
from accounts.text import fold, is_askable
from registries.models import Collection, Project, Registry, SearchTerm, Version
from registries.models.collection import LATEST
from registries.permissions import Permission
from registries.search import FEW_REGISTRIES, begins

if TYPE_CHECKING:
    from accounts.requests import SignedIn

OFFERED = 8
LOOKED_AT = 40
"""How many collections are looked at for those that answer all words."""
VERSIONS = 20
BETWEEN = re.compile(r"[/\s]+")


class Source(NamedTuple):
    """A version that can be linked: its full name, and what else to know it by."""

    name: str
    about: str


def find_source(request: SignedIn, typed: str) -> Version | None:
    """Return the version that HOME/COLLECTION[:ALIAS] names, if the person sees it."""
    path, _, alias = typed.strip().partition(":")
    collection = _named(request, path)
    if collection is None:
        return None
    versions = collection.versions.committed().select_related("artifact__source__project")
    found = versions.called(alias or LATEST).first()
    if found is not None:
        found.collection = collection
    return found


def sources(request: SignedIn, registry: Registry, typed: str) -> list[Source]:
    """Return some versions that the person may link into the registry, by what was typed.

    Collections with their newest versions; behind a colon the versions of one.
    """
    path, colon, _ = typed.partition(":")
    if colon:
        collection = _named(request, path)
        return list(_versions(request, collection)) if collection else []
    tokens = [token for token in BETWEEN.split(path.lower()) if token]
    found = _collections(request, registry, tokens)
    newest = _newest(found)
    return [
        Source(f"{each.full_name}:v{newest[each.pk]}", each.type)
        for each in found
        if each.pk in newest
    ]


def _collections(
    request: SignedIn, registry: Registry, tokens: list[str]
) -> list[Collection]:
    last = tokens[-1] if tokens else ""
    registries = Registry.objects.visible_to(request.user)
    registries = registries.filter(organization=registry.organization_id)
    found: Iterable[Collection] = chain(
        _by_name(registries, registry, last),
        _in_registries(registries.matching(last)),
        _in_projects(request, registry, last),
    )
    accepted = {each.name for each in registry.accepted_types.all()}
    seen: dict[int, Collection] = {}
    for collection in found:
        is_meant = all(token in collection.full_name.lower() for token in tokens)
        fits = registry.accepts_all_types or collection.type in accepted
        if is_meant and fits and _may_link_from(request, collection):
            seen.setdefault(collection.pk, collection)
        if len(seen) == OFFERED:
            break
    return list(seen.values())


def _by_name(
    registries: QuerySet[Registry], registry: Registry, word: str
) -> Iterator[Collection]:
    """Those in registries with a word in their name that begins so."""
    if not word:
        return
    terms = SearchTerm.objects.filter(
        begins(word),
        organization=registry.organization_id,
        kind=SearchTerm.Kind.COLLECTION,
        registry__in=registries.values("pk"),
        collection__deleted_at=None,
    ).select_related("collection__registry__organization__entity")
    for term in terms.order_by("key", "id")[:LOOKED_AT]:
        assert term.collection
        yield term.collection


def _in_registries(registries: QuerySet[Registry]) -> Iterator[Collection]:
    """The last changed ones in these registries."""
    rows = Collection.objects.live().filter(registry__isnull=False)
    few = list(registries.values_list("pk", flat=True)[: FEW_REGISTRIES + 1])
    if len(few) <= FEW_REGISTRIES:
        rows = rows.filter(registry__in=few)
    else:  # so that by time, not registry by registry, some are soon met
        rows = rows.filter(Exists(registries.filter(pk=OuterRef("registry"))))
    found = rows.select_related("registry__organization__entity").defer("description")
    yield from found.order_by("-updated_at", "-id")[:LOOKED_AT]


def _in_projects(request: SignedIn, registry: Registry, word: str) -> Iterator[Collection]:
    """The last changed ones in projects of the organization's teams, and in one's own."""
    teams = Q(project__entity__team__organization=registry.organization_id)
    rows = Collection.objects.live().filter(
        teams | Q(project__entity=request.user.entity_id),
        project__in=Project.objects.visible_to(request.user).values("pk"),
        project__isnull=False,  # implied, and lets the database use its index
    )
    if word:
        rows = rows.filter(
            Q(key__contains=word)
            | Q(project__key__contains=word)
            | Q(project__entity__name__icontains=word)
        )
    found = rows.select_related("project__entity__team").defer("description")
    yield from found.order_by("-updated_at", "-id")[:LOOKED_AT]


def linking_from(place: Collection | Version) -> Permission | TeamPermission:
    """Return what linking takes in the home that it is linked from (rules.md, 4)."""
    return TeamPermission.LOG if place.registry is None else Permission.DOWNLOAD_ARTIFACT


def _may_link_from(request: SignedIn, collection: Collection) -> bool:
    return may(request.actor, linking_from(collection), collection)


def _newest(collections: list[Collection]) -> dict[int, int]:
    """The newest version of each collection that has one."""
    versions = Version.objects.committed().filter(collection=OuterRef("pk"))
    newest = Subquery(versions.order_by("-number").values("number")[:1])
    rows = Collection.objects.filter(pk__in=[each.pk for each in collections])
    return dict(
        rows.annotate(newest=newest).exclude(newest=None).values_list("pk", "newest")
    )


def _versions(request: SignedIn, collection: Collection) -> Iterator[Source]:
    if not _may_link_from(request, collection):
        return
    versions = collection.versions.committed().prefetch_related("aliases")
    for version in versions.order_by("-number")[:VERSIONS]:
        names = ", ".join(alias.name for alias in islice(version.aliases.all(), 5))
        yield Source(f"{collection.full_name}:v{version.number}", names)


def _named(request: SignedIn, path: str) -> Collection | None:
    """The collection of that full name, in a registry or a project that the person sees."""
    parts = path.split("/")
    if len(parts) != 3 or not all(map(is_askable, parts)):
        return None
    entity, home, name = parts
    registries = Registry.objects.visible_to(request.user).named(home)
    projects = Project.objects.visible_to(request.user).filter(key=fold(home))
    rows = Collection.objects.named(name).filter(
        Q(registry__in=registries.filter(organization__entity__names__key=fold(entity)))
        | Q(project__in=projects.filter(entity__names__key=fold(entity)))
    )
    return rows.select_related(
        "registry__organization__entity", "project__entity__team"
    ).first()
