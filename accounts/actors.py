"""Who acts, through which door; and the one place where a refusal is decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import ApiKey, User


class Permission(Protocol):
    """A row of one of the permission tables."""

    @property
    def value(self) -> str:
        """The name that `has_perm` is asked for."""

    @property
    def label(self) -> str:
        """The action, as a refusal names it."""

    def needs(self, obj: object) -> str:
        """Say what the permission takes on the object, and who can give it."""


class Refusal(Exception):
    """An operation did not happen, and the sentence says why. Nothing was changed."""


class Denied(Refusal):
    """The actor may see the object, but may not do this (403)."""

    def __init__(
        self, message: str, permission: Permission | None = None, obj: object = None
    ) -> None:
        super().__init__(message)
        self.permission = permission
        self.obj = obj


class Invalid(Refusal):
    """A value breaks a rule (422); `field` is the name of the operation's parameter."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(Refusal):
    """The state of things forbids it (409)."""


class TooLarge(Refusal):
    """A value or body is larger than the limit, which the sentence names (413)."""


class Busy(Refusal):
    """The same is being done already: ask again after so many seconds (503)."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Missing(Refusal):
    """What was named does not exist, or the actor may not know that it does (404)."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, or the server itself, acting through one door."""

    user: User | None
    via: str
    key: ApiKey | None = None
    address: str = ""
    is_system: bool = False

    @classmethod
    def system(cls, via: str) -> Actor:
        """Return the server itself: it passes every check, and its events say so."""
        return cls(user=None, via=via, is_system=True)

    @property
    def name(self) -> str:
        """The name that events keep."""
        return self.user.username if self.user else "system"


def may(by: Actor, permission: Permission, obj: object) -> bool:
    """Say whether the actor has the permission on the object now."""
    if by.is_system:
        return True
    if by.user is None:
        return False
    return by.user.has_perm(permission.value, obj)


def authorize(by: Actor, permission: Permission, obj: object) -> None:
    """Let the change go on, or raise Denied; roles are read anew, in this transaction."""
    refuse_read_only(by)
    if by.user is not None:
        forget(by.user)
    require(by, permission, obj)


def require(by: Actor, permission: Permission, obj: object) -> None:
    """Let a read go on, or raise Denied. Read-only API keys may read."""
    if not may(by, permission, obj):
        raise Denied(f"{permission.label} needs {permission.needs(obj)}.", permission, obj)


def refuse_read_only(by: Actor) -> None:
    """Raise Denied when the actor came with a read-only API key."""
    if by.key is not None and by.key.read_only:
        raise Denied(f"The API key {by.key.name} is read-only.")


REMEMBERED = "_remembered"


def remember[T](user: User, name: str, compute: Callable[[User], T]) -> T:
    """Return what was computed for this user object before, or compute it now.

    By getattr and setattr, which the lazy `request.user` hands on: one memory for both.
    """
    notes: dict[str, T] | None = getattr(user, REMEMBERED, None)
    if notes is None:
        notes = {}
        setattr(user, REMEMBERED, notes)
    if name not in notes:
        notes[name] = compute(user)
    return notes[name]


def forget(user: User) -> None:
    """Drop what was remembered of the user's roles, after a change."""
    setattr(user, REMEMBERED, None)
