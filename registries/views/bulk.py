"""One change to many collections or versions: each by its own operation, refusals told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.core.exceptions import BadRequest
from django.db.models import Max, QuerySet
from django.http import HttpResponse, QueryDict
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from accounts import text
from accounts.actors import Actor, Refusal, require
from registries.forms.bulk import MOST, TOLD, BulkForm
from registries.models import Collection, Registry, Version
from registries.operations.collections import add_tag, delete_collection, remove_tag
from registries.operations.links import unlink
from registries.permissions import Permission
from registries.views.asking import ask, back, done
from registries.views.filters import COLLECTION_FILTERS, VERSION_FILTERS, Filters
from registries.views.lookups import in_collection, in_registry

if TYPE_CHECKING:
    from accounts.requests import SignedIn

NAMED = 10
"""How many of the rows are named before the change."""

type Row = Collection | Version


@dataclass(frozen=True, slots=True)
class Action:
    """What is done to each row, and the words for it."""

    permission: Permission
    verb: str
    past: str
    act: Callable[[Any, str, Actor], object]
    takes_tag: bool = False


ACTIONS = {
    "tag": Action(
        Permission.EDIT_TAGS,
        "Tag",
        "tagged",
        lambda row, tag, by: add_tag(row, tag, by=by),
        takes_tag=True,
    ),
    "untag": Action(
        Permission.EDIT_TAGS,
        "Take a tag off",
        "untagged",
        lambda row, tag, by: remove_tag(row, tag, by=by),
        takes_tag=True,
    ),
    "delete": Action(
        Permission.DELETE_COLLECTION,
        "Delete",
        "put into the trash",
        lambda row, tag, by: delete_collection(row, by=by),
    ),
    "unlink": Action(
        Permission.UNLINK_ARTIFACT,
        "Unlink",
        "unlinked",
        lambda row, tag, by: unlink(row, by=by),
    ),
}


@dataclass(slots=True)
class Outcome:
    """What became of the rows so far."""

    changed: int
    refused: int
    refusals: list[str] = field(default_factory=list)
    last: int = 0

    def refuse(self, row: object, why: str) -> None:
        """Count a row that stayed as it was, and say why."""
        self.refused += 1
        if len(self.refusals) < TOLD:
            self.refusals.append(f"{row}: {why}")


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_registry
def collections(request: SignedIn, registry: Registry) -> HttpResponse:
    """Ask before many collections are changed, or change some of them."""
    form = _form(request, {"tag", "untag", "delete"})
    filters = Filters(COLLECTION_FILTERS, QueryDict(form.cleaned_data["match"]))
    rows = filters.narrow(registry.collections.live(), registry)
    return _answer(request, registry, form, "collection", rows)


@require_http_methods(["GET", "HEAD", "POST"])
@vary_on_headers("HX-Request")
@in_collection
def versions(request: SignedIn, collection: Collection) -> HttpResponse:
    """Ask before many versions are changed, or change some of them."""
    form = _form(request, {"tag", "untag", "unlink"})
    filters = Filters(VERSION_FILTERS, QueryDict(form.cleaned_data["match"]))
    rows = filters.narrow(collection.versions.committed(), collection)
    return _answer(request, collection, form, "version", rows)


def _form(request: SignedIn, actions: set[str]) -> BulkForm:
    form = BulkForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid() or form.cleaned_data["action"] not in actions:
        problems = " ".join(str(each[0]) for each in form.errors.values())
        raise BadRequest(problems or "This is not done here.")
    return form


def _answer(
    request: SignedIn,
    place: Registry | Collection,
    form: BulkForm,
    noun: str,
    rows: QuerySet[Any],
) -> HttpResponse:
    action = ACTIONS[form.cleaned_data["action"]]
    require(request.actor, action.permission, place)
    rows = _meant(form, rows)
    if request.method == "POST" and _has_what_it_takes(form, action, rows):
        return _change(request, place, form, noun, _with_the_tag(form, rows))
    named = [_name(row) for row in rows.order_by("pk")[:NAMED]]
    count = rows.count()
    context = {"action": action, "noun": noun, "named": named, "count": count}
    context |= {"others": count - len(named), "days": _days(place)}
    return ask(request, "bulk", place, form=form, **context)


def _meant(form: BulkForm, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows that were picked, or all that match."""
    if form.cleaned_data["all"]:
        return rows
    return rows.filter(pk__in=form.cleaned_data["pick"])


def _with_the_tag(form: BulkForm, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of what is to lose a tag, those that have it."""
    if form.cleaned_data["action"] != "untag":
        return rows
    return rows.filter(tags__name=form.cleaned_data["tag"])


def _has_what_it_takes(form: BulkForm, action: Action, rows: QuerySet[Any]) -> bool:
    """Whether there is something to change, and the tag for it; or say why not."""
    if form.cleaned_data["after"]:
        return True
    if action.takes_tag:
        tag = form.carries_out(lambda: text.tag(form.cleaned_data["tag"]))
        if tag is None:
            return False
        form.cleaned_data["tag"] = tag
    if rows.exists() and not _with_the_tag(form, rows).exists():
        form.refuse("tag", f"None of them has the tag {tag}.", 422)
    return form.status == 200 and rows.exists()


def _change(
    request: SignedIn,
    place: Registry | Collection,
    form: BulkForm,
    noun: str,
    rows: QuerySet[Any],
) -> HttpResponse:
    """Change as many as one request may; lead back, or tell what was refused."""
    sent, action = form.cleaned_data, ACTIONS[form.cleaned_data["action"]]
    until = sent["until"] or rows.aggregate(last=Max("pk"))["last"] or 0
    outcome = Outcome(sent["changed"] or 0, sent["refused"] or 0, sent["refusal"])
    waiting = rows.filter(pk__lte=until).order_by("pk")
    for row in waiting.filter(pk__gt=sent["after"] or 0)[:MOST]:
        outcome.last = row.pk
        try:
            action.act(row, sent["tag"], request.actor)
            outcome.changed += 1
        except Refusal as refusal:
            outcome.refuse(_name(row), str(refusal))
    left = waiting.filter(pk__gt=outcome.last).count() if outcome.last else 0
    if not left and not outcome.refused:
        said = f"{_counted(outcome.changed, noun)} {action.past}."
        return done(request, back(request, place.get_absolute_url()), said)
    context = {"action": action, "noun": noun, "outcome": outcome, "left": left}
    total = outcome.changed + outcome.refused + left
    context |= {"until": until, "total": total, "leads_on": True}
    return ask(request, "bulk_done", place, form=form, **context)


def _days(place: Registry | Collection) -> int:
    """How long what is deleted stays in the trash."""
    assert place.registry
    return place.registry.organization.trash_days


def _name(row: Row) -> str:
    return f"v{row.number}" if isinstance(row, Version) else row.name


def _counted(count: int, noun: str) -> str:
    return f"1 {noun} is" if count == 1 else f"{count} {noun}s are"
