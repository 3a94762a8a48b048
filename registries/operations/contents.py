"""What a registry accepts, and which aliases only its Admins move."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from accounts import text
from accounts.actors import Actor, Conflict, Invalid, authorize
from registries.events import record
from registries.models import AcceptedType, ProtectedAlias, Registry
from registries.models.collection import LATEST
from registries.operations.members import locked, locked_with_members, refuse_core
from registries.permissions import Permission


@transaction.atomic
def append_types(registry: Registry, types: Sequence[str], *, by: Actor) -> list[str]:
    """Add types to the list of a registry, for good; return the new ones.

    Writes registry.append_types where there are any.
    """
    registry = locked(registry)
    authorize(by, Permission.APPEND_TYPES, registry)
    if registry.accepts_all_types:
        raise Conflict(f"{registry} accepts all types: there is no list to add to.")
    return _save(registry, check_types(types), "registry.append_types", by=by)


@transaction.atomic
def switch_types(registry: Registry, types: Sequence[str] | None, *, by: Actor) -> Registry:
    """Accept all types (None), or only the listed ones. Writes registry.switch_types.

    A list names every type in use and every type that was ever saved (rules.md, section 3).
    """
    registry = locked(registry)
    refuse_core(registry, "A core registry always accepts a list of types.", by=by)
    authorize(by, Permission.SWITCH_TYPES, registry)
    before = _accepted(registry)
    wanted = None if types is None else check_types(types)
    if wanted is not None:
        _include_what_is_there(registry, wanted)
    registry.accepts_all_types = wanted is None
    registry.save(update_fields=["accepts_all_types"])
    AcceptedType.objects.bulk_create(
        [AcceptedType(registry=registry, name=name) for name in wanted or []],
        ignore_conflicts=True,
    )
    if before != (after := _accepted(registry)):
        record("registry.switch_types", registry, by=by, before=before, after=after)
    return registry


@transaction.atomic
def protect_alias(registry: Registry, name: str, *, by: Actor) -> ProtectedAlias:
    """Let only Admins put the alias on a version or take it off.

    Writes registry.protect_alias.
    """
    registry = locked_with_members(registry)
    authorize(by, Permission.PROTECT_ALIAS, registry)
    name = text.alias(name)
    if name == LATEST:
        raise Invalid(
            "alias", f"{LATEST} follows the newest version and cannot be protected."
        )
    protected, is_new = ProtectedAlias.objects.get_or_create(registry=registry, name=name)
    if is_new:
        record("registry.protect_alias", registry, by=by, after=name)
    return protected


@transaction.atomic
def unprotect_alias(registry: Registry, name: str, *, by: Actor) -> None:
    """Let Members move the alias again. Writes registry.unprotect_alias."""
    registry = locked_with_members(registry)
    authorize(by, Permission.PROTECT_ALIAS, registry)
    deleted, _ = registry.protected_aliases.filter(name=name).delete()
    if not deleted:
        raise Invalid("alias", f"{name} is not protected in {registry}.")
    record("registry.unprotect_alias", registry, by=by, before=name)


def check_types(types: Sequence[str]) -> list[str]:
    """Return the types without repetitions; raise Invalid where one cannot be accepted."""
    names = list(dict.fromkeys(text.accepted_type(name) for name in types))
    if not names:
        raise Invalid("types", "Name at least one type, or accept all types.")
    return names


def types_there(registry: Registry) -> set[str]:
    """The types in use and those ever saved, which every list has to name."""
    saved = registry.accepted_types.values_list("name", flat=True)
    in_use = registry.collections.values_list("type", flat=True).order_by().distinct()
    return {*saved, *in_use}


def _include_what_is_there(registry: Registry, wanted: list[str]) -> None:
    if left_out := sorted(types_there(registry) - set(wanted)):
        named = ", ".join(left_out)
        raise Invalid(
            "types", f"The list has to keep what is in use or was saved: {named}."
        )


def _save(registry: Registry, names: list[str], kind: str, *, by: Actor) -> list[str]:
    saved = set(registry.accepted_types.values_list("name", flat=True))
    new = [name for name in names if name not in saved]
    AcceptedType.objects.bulk_create(
        AcceptedType(registry=registry, name=name) for name in new
    )
    if new:
        record(kind, registry, by=by, after=new)
    return new


def _accepted(registry: Registry) -> list[str] | None:
    if registry.accepts_all_types:
        return None
    return list(registry.accepted_types.values_list("name", flat=True))
