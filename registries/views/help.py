"""The help: pages about the work, and those rendered from the code's own data."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import (
    ORGANIZATION_TABLE,
    STANDING_ROLES,
    TEAM_TABLE,
    Role,
)
from accounts.requests import Request, SignedIn
from accounts.text import fold, is_askable
from registries.backends import explain
from registries.models import Registry
from registries.permissions import TABLE, Permission
from registries.tasks import SCHEDULE, TASKS
from registries.views import examples
from registries.views.contents import PAGES
from registries.views.reference import manuals

KEYS = [
    ("/", "Search the organization", "everywhere"),
    ("f", "Filter the list", "pages with a list"),
    ("j, k", "Go to the next or previous row", "tables"),
    ("Enter", "Open the row", "tables"),
    ("x", "Select the row", "tables with check boxes"),
    ("c", "Compare the two selected", "tables of versions"),
    ("y", "Copy the full name", "collections and versions"),
    ("g h", "Go to the registries of the organization", "everywhere"),
    ("g s", "Go to the settings of the registry", "pages of a registry"),
    ("g p", "Go to the people", "everywhere"),
    ("?", "Show these keys", "everywhere"),
    ("Esc", "Close a menu or dialog, leave the settings", "everywhere"),
]
FOOTNOTES = {
    Permission.DELETE_COLLECTION: "1",
    Permission.UNLINK_ARTIFACT: "1",
    Permission.EDIT_ALIASES: "2",
    Permission.DELETE_AUTOMATION: "3",
    Permission.EDIT_REGISTRY: "4",
    Permission.SWITCH_TYPES: "4",
    Permission.CHANGE_VISIBILITY: "4",
    Permission.DELETE_REGISTRY: "4",
    Permission.MOVE_OWNERSHIP: "4",
}


@require_safe
def index(request: Request) -> HttpResponse:
    """Show the outline of the help."""
    return render(request, "help/index.html", {"pages": PAGES.values()})


@require_safe
def first_steps(request: SignedIn) -> HttpResponse:
    """Lead from a folder to a version that is fetched."""
    return _page(request, "first-steps", code=examples.first_steps(request))


@require_safe
def sdk(request: SignedIn) -> HttpResponse:
    """Explain how programs with the `wandb` SDK work with this server."""
    return _page(request, "sdk", code=examples.sdk_in(request))


@require_safe
def concepts(request: SignedIn) -> HttpResponse:
    """Explain the words."""
    return _page(request, "concepts")


@require_safe
def commands(request: SignedIn) -> HttpResponse:
    """Show what every command says of itself."""
    parts = PAGES["commands"].parts
    groups = [(anchor, group, manuals()[group]) for anchor, group in parts.items()]
    return _page(request, "commands", groups=groups)


@require_safe
def configuration(request: SignedIn) -> HttpResponse:
    """Show the variables that the settings read."""
    code = examples.configuration(request)
    return _page(request, "configuration", code=code, variables=settings.CONFIGURATION)


@require_safe
def operations(request: SignedIn) -> HttpResponse:
    """Explain how an installation is kept."""
    regular = [
        ((TASKS[name].__doc__ or "").partition("\n")[0], pause // timedelta(hours=1))
        for name, pause in SCHEDULE.items()
    ]
    return _page(request, "operations", code=examples.operations(request), regular=regular)


@require_safe
def permissions(request: SignedIn) -> HttpResponse:
    """Show who may do what, from the tables that the server checks."""
    context = {
        "roles": list(Role),
        "groups": [
            (name, [_row(permission) for permission in rows])
            for name, rows in groupby(TABLE, key=lambda permission: TABLE[permission].group)
        ],
        "count": len(TABLE),
        "standings": STANDING_ROLES,
        "tables": [
            ("In an organization", _standing_rows(ORGANIZATION_TABLE)),
            ("In a team and its projects", _standing_rows(TEAM_TABLE)),
        ],
    }
    return render(request, "help/permissions.html", context | _own_column(request))


@require_safe
def keys(request: Request) -> HttpResponse:
    """Show what single keys do."""
    return render(request, "help/keys.html", {"keys": KEYS})


@require_safe
def registry_types(request: Request) -> HttpResponse:
    """Show how core and custom registries differ."""
    return render(request, "help/registry_types.html")


def _own_column(request: SignedIn) -> dict[str, Any]:
    """Return what marks the person's role in the registry that `?registry=` names."""
    organization, _, name = request.GET.get("registry", "").partition("/")
    if not is_askable(organization):
        return {}
    seen = Registry.objects.visible_to(request.user).named(name)
    here = seen.filter(organization__entity__names__key=fold(organization))
    registry = here.select_related("organization__entity").first()
    return {"marked": registry, "mine": registry and explain(registry, request.user).role}


def _page(request: SignedIn, name: str, **context: Any) -> HttpResponse:
    """Render a page beside the outline."""
    context |= {"pages": PAGES.values(), "page": PAGES[name]}
    template = f"help/{name.replace('-', '_')}.html"
    return render(request, template, context)


def _row(permission: Permission) -> dict[str, Any]:
    row = TABLE[permission]
    return {
        "number": row.number,
        "wording": row.wording,
        "footnote": FOOTNOTES.get(permission, ""),
        "allowed": [role.rank >= row.minimum.rank for role in Role],
    }


def _standing_rows(table: dict[Any, tuple[str, Role]]) -> list[tuple[str, list[bool]]]:
    return [
        (action, [role.rank >= minimum.rank for role in STANDING_ROLES])
        for action, minimum in table.values()
    ]
