"""What resolvers are made of: root fields by name, and how a field finds its value."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from accounts.actors import Actor
from accounts.models import User
from registries.wire.errors import Malformed

type Resolver = Callable[..., Any]
type Loader = Callable[[Asking, list[int]], dict[int, Any]]

QUERIES: dict[str, Resolver] = {}
MUTATIONS: dict[str, Resolver] = {}
SHAPES: dict[type, Resolver] = {}
SECONDS = 20
"""How long one request may take; the SDK waits for 30."""


@dataclass(slots=True)
class Asking:
    """Who asks, in which request; and what was read for it, for many rows at once."""

    actor: Actor
    base: str
    """Where the server was reached: scheme, host and port."""
    deadline: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    _expected: dict[Loader, dict[int, None]] = field(default_factory=dict)
    _loaded: dict[Loader, dict[int, Any]] = field(default_factory=dict)

    def expect(self, loader: Loader, key: int) -> None:
        """Note what may be asked of a row: it is read for all such rows at once."""
        self._expected.setdefault(loader, {})[key] = None

    def load(self, loader: Loader, key: int) -> Any:
        """Return what the loader finds for a row, None where it finds nothing."""
        loaded = self._loaded.setdefault(loader, {})
        if key not in loaded:
            keys = [*self._expected.pop(loader, {}), key]
            loaded |= dict.fromkeys(keys) | loader(self, keys)
        return loaded[key]

    @property
    def user(self) -> User:
        """The user of the key."""
        assert self.actor.user is not None
        return self.actor.user


class Info(Protocol):
    """What a resolver gets of the engine."""

    context: Asking
    field_name: str


def query(resolver: Resolver) -> Resolver:
    """Make a function the root field of queries that it is called after."""
    QUERIES[resolver.__name__] = resolver
    return resolver


def mutation(resolver: Resolver) -> Resolver:
    """Make a function the root field of mutations that it is called after."""
    MUTATIONS[resolver.__name__] = resolver
    return resolver


def shapes[T: Resolver](kind: type) -> Callable[[T], T]:
    """Make a node of asker and row what shapes rows of that kind for all nouns."""

    def keep(shape: T) -> T:
        SHAPES[kind] = shape
        return shape

    return keep


def shaped(asking: Asking, row: Any) -> Any:
    """Return the node of a row of another noun."""
    return SHAPES[type(row)](asking, row)


@cache
def snake(name: str) -> str:
    """Return a name of the schema as Python writes it: versionIndex is version_index."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def resolve(source: Any, info: Info, **arguments: Any) -> Any:
    """Return the attribute or key that a field is called after, called if it can be."""
    if time.monotonic() > info.context.deadline:
        raise Malformed(f"The request asks for more than fits into {SECONDS} seconds.")
    name = snake(info.field_name)
    value = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return value(info, **arguments) if callable(value) else value
