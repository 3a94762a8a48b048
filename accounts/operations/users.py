"""Making user accounts. Deactivating ends registry roles too, so it lives in registries."""

from __future__ import annotations

import itertools
import re

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import text
from accounts.actors import Actor, Conflict, Denied, Invalid, authorize, refuse_read_only
from accounts.events import record
from accounts.models import Entity, EntityName, Organization, Team, User
from accounts.permissions import OrganizationPermission, TeamPermission

NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
LONGEST_MADE = 52
"""How long names are that we make of something else, in characters, before the number."""
MOST_ALIKE = 1000


def authorize_installation(by: Actor) -> None:
    """Raise Denied unless the actor is the installation administrator or the server."""
    refuse_read_only(by)
    administers = by.user is not None and by.user.is_active and by.user.is_superuser
    if not by.is_system and not administers:
        raise Denied("This needs the installation administrator.")


def authorize_account(user: User, *, by: Actor) -> None:
    """Raise Denied unless the actor is that user, or administers the installation."""
    refuse_read_only(by)
    is_oneself = by.user is not None and by.user.is_active and by.user.pk == user.pk
    if not is_oneself:
        authorize_installation(by)


def take_name(name: str, kind: Entity.Kind, field: str = "name") -> Entity:
    """Make the entity of that name, inside the caller's transaction; Conflict if it is
    taken.
    """
    name = text.entity_name(name, field)
    try:
        with transaction.atomic():
            entity = Entity.objects.create(name=name, kind=kind)
            EntityName.objects.create(entity=entity, key=text.fold(name))
    except IntegrityError:
        raise Conflict(f"The name {name} is not available.") from None
    return entity


def take_name_like(wanted: str, kind: Entity.Kind) -> Entity:
    """Make an entity named as nearly so as can be; a number follows where it is taken."""
    name = NOT_IN_NAMES.sub("-", wanted).strip("-_")[:LONGEST_MADE] or kind
    for number in itertools.count(1):
        try:
            return take_name(f"{name}-{number}" if number > 1 else name, kind)
        except (Conflict, Invalid):  # taken, or reserved
            if number == MOST_ALIKE:
                raise
    raise AssertionError


@transaction.atomic
def create_user(
    *,
    email: str,
    username: str | None = None,
    by: Actor,
    full_name: str = "",
    password: str | None = None,
    is_administrator: bool = False,
) -> User:
    """Make a person's account; without password they set one through the reset page.

    Without username, one is made of what stands before the @.
    Writes user.create. The address counts as verified: whoever may call this vouches for
    it.
    """
    authorize_installation(by)
    email = text.email(email)
    if username is None:
        entity = take_name_like(email.partition("@")[0], Entity.Kind.USER)
    else:
        entity = take_name(username, Entity.Kind.USER, "username")
    user = User(
        entity=entity,
        email=email,
        full_name=text.full_name(full_name),
        is_superuser=is_administrator,
    )
    set_password(user, password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        raise Conflict(
            f"There is an account with the e-mail address {user.email}."
        ) from None
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    record("user.create", user, by=by, after={"administrator": is_administrator})
    return user


def set_password(user: User, password: str | None) -> None:
    """Set the password of an unsaved account, or none; Invalid names the broken rule."""
    if password is None:
        user.set_unusable_password()
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("password", " ".join(error.messages)) from None
    user.set_password(password)


def authorize_service_account(
    team: Team | None, organization: Organization, *, by: Actor
) -> None:
    """Raise Denied for who manages neither the organization's programs nor the team.

    An account of a team is managed by the Admins of that team (rules.md, section 2).
    """
    if team is None:
        authorize(by, OrganizationPermission.MANAGE_SERVICE_ACCOUNTS, organization)
    else:
        authorize(by, TeamPermission.MANAGE, team)


@transaction.atomic
def create_service_account_user(
    name: str | None, *, team: Team | None, full_name: str
) -> User:
    """Make the account of a program; without name, one is made of its full name.

    Called by `create_service_account`, which authorizes.
    """
    full_name = text.full_name(full_name)
    user = User(
        entity=_name_of_program(name, full_name),
        full_name=full_name,
        is_service_account=True,
        team=team,
    )
    user.set_unusable_password()
    user.save()
    return user


def _name_of_program(name: str | None, full_name: str) -> Entity:
    if name is None:
        return take_name_like(full_name, Entity.Kind.USER)
    return take_name(name, Entity.Kind.USER)
