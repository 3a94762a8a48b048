"""What people say about themselves, and how they like their pages."""

from __future__ import annotations

from django.db import transaction

from accounts import text
from accounts.actors import Actor, Invalid
from accounts.events import record
from accounts.models import Team, User
from accounts.models.user import THEMES
from accounts.operations.users import authorize_account


@transaction.atomic
def change_profile(user: User, *, full_name: str, by: Actor) -> User:
    """Change a person's full name. Writes user.rename."""
    authorize_account(user, by=by)
    full_name = text.full_name(full_name)
    before, user.full_name = user.full_name, full_name
    if before != full_name:
        user.save(update_fields=["full_name"])
        record("user.rename", user, by=by, before=before, after=full_name)
    return user


@transaction.atomic
def choose_default_entity(user: User, name: str, *, by: Actor) -> User:
    """Choose where a person's runs go unless they say otherwise: their own name, or a team.

    Writes user.choose_default_entity.
    """
    authorize_account(user, by=by)
    before, user.default_team = user.default_team, _place(user, name)
    if before != user.default_team:
        user.save(update_fields=["default_team"])
        record(
            "user.choose_default_entity",
            user,
            by=by,
            before=before and before.name,
            after=user.default_team and user.default_team.name,
        )
    return user


def _place(user: User, name: str) -> Team | None:
    """Return the user's team of that name, None for the user."""
    if text.fold(name) == text.fold(user.username):
        return None
    teams = Team.objects.live().filter(memberships__membership__user=user)
    found = text.is_askable(name) and teams.filter(entity__names__key=text.fold(name))
    if not (team := found and found.select_related("entity").first()):
        sentence = "The default is your own name, or that of a team you are in."
        raise Invalid("default_entity", sentence)
    return team


@transaction.atomic
def choose_theme(user: User, theme: str, *, by: Actor) -> User:
    """Choose the colours of a person's pages. Writes user.choose_theme."""
    authorize_account(user, by=by)
    if theme not in THEMES:
        raise Invalid("theme", f"The theme is one of {', '.join(THEMES)}.")
    before, user.theme = user.theme, theme
    if before != theme:
        user.save(update_fields=["theme"])
        record("user.choose_theme", user, by=by, before=before, after=theme)
    return user


@transaction.atomic
def switch_shortcuts(user: User, *, on: bool, by: Actor) -> User:
    """Let single keys do something on a person's pages, or nothing.

    Writes user.switch_shortcuts.
    """
    authorize_account(user, by=by)
    before, user.has_shortcuts = user.has_shortcuts, on
    if before != on:
        user.save(update_fields=["has_shortcuts"])
        record("user.switch_shortcuts", user, by=by, before=before, after=on)
    return user
