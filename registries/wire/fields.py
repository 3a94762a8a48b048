"""What resolvers are made of: root fields by name, and how a field finds its value."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol

from django.db.models import Model

from accounts.actors import Actor, TooLarge
from accounts.models import User
from registries.wire.errors import Malformed

type Resolver = Callable[..., Any]
type Loader = Callable[[Asking, list[int]], dict[int, Any]]

QUERIES: dict[str, Resolver] = {}
MUTATIONS: dict[str, Resolver] = {}
SHAPES: dict[type, Resolver] = {}
SECONDS = 20
"""How long one request may take; the SDK waits for 30."""
EFFORT = 400_000
"""How many fields one request may read: lists in lists multiply, and not all have parts."""
QUERY = 100
"""How many fields cost as much as to ask the database once."""
CHARACTERS = 64 * 1024 * 1024
"""How much of documents and lines, which may each be large, goes into one answer."""


@dataclass(slots=True)
class Asking:
    """Who asks, in which request; and what was read for it, for many rows at once."""

    actor: Actor
    base: str
    """Where the server was reached: scheme, host and port."""
    writer: str = ""
    """What the process is called, if it is one of several that write a run."""
    deadline: float = field(default_factory=lambda: time.monotonic() + SECONDS)
    effort: int = 0
    """What was read, in fields."""
    weight: int = 0
    """How many characters of documents and lines are in the answer."""
    _expected: dict[Loader, dict[int, None]] = field(default_factory=dict)
    _loaded: dict[Loader, dict[int, Any]] = field(default_factory=dict)

    def expect(self, loader: Loader, key: int) -> None:
        """Note what may be asked of a row: it is read for all such rows at once."""
        self._expected.setdefault(loader, {})[key] = None

    def load(self, loader: Loader, key: int) -> Any:
        """Return what the loader finds for a row, None where it finds nothing."""
        loaded = self._loaded.setdefault(loader, {})
        if key not in loaded:
            expected = self._expected.pop(loader, {}) | {key: None}
            keys = [each for each in expected if each not in loaded]
            loaded |= dict.fromkeys(keys) | loader(self, keys)
        return loaded[key]

    def count(self, execute: Callable[..., Any], *asked: Any) -> Any:
        """Ask the database, and count it: each query goes through here."""
        self.effort += QUERY
        return execute(*asked)

    def check(self) -> None:
        """Raise Malformed where the request has asked for too much."""
        if self.effort > EFFORT:
            raise Malformed("The request asks for too much at once: ask for less a page.")
        if time.monotonic() > self.deadline:
            sentence = f"The request asks for more than fits into {SECONDS} seconds."
            raise Malformed(sentence)

    def weigh(self, text: str) -> str:
        """Return a text for the answer; refuse it where there are too many, cut none."""
        self.check()
        self.weight += len(text)
        if self.weight > CHARACTERS:
            raise TooLarge(
                f"The answer has more than {CHARACTERS:,} characters of documents and "
                "lines: ask for fewer at once."
            )
        return text

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

    def told(info: Info, **arguments: Any) -> Any:
        asking, began, effort = info.context, time.monotonic(), info.context.effort
        done = resolver(info, **arguments)
        # What is done may be told, whatever it took.
        asking.deadline += time.monotonic() - began
        asking.effort = effort
        return done

    MUTATIONS[resolver.__name__] = told
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


def grouped[T: Model](rows: Iterable[T], parent: str) -> dict[int, list[T]]:
    """Return rows by the key of the row that they are of, as a loader answers."""
    found: dict[int, list[T]] = {}
    for row in rows:
        found.setdefault(getattr(row, f"{parent}_id"), []).append(row)
    return found


@cache
def snake(name: str) -> str:
    """Return a name of the schema as Python writes it: versionIndex is version_index."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def resolve(source: Any, info: Info, **arguments: Any) -> Any:
    """Return the attribute or key that a field is called after, called if it can be."""
    info.context.effort += 1
    info.context.check()
    name = snake(info.field_name)
    value = source.get(name) if isinstance(source, dict) else getattr(source, name)
    return value(info, **arguments) if callable(value) else value
