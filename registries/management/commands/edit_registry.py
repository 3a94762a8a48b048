"""Change what a registry is called, what it accepts, and which aliases it protects."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from accounts.actors import Actor, Invalid
from accounts.management.command import OperationCommand
from registries.management.finding import find_registry
from registries.management.names import Name, registry_name
from registries.models import Registry
from registries.operations.contents import (
    append_types,
    protect_alias,
    switch_types,
    unprotect_alias,
)
from registries.operations.registries import ICONS, edit_registry, release_name

GENERAL = ("name", "description", "icon")
LISTS = (
    ("--add-type", "TYPE", "a type that it accepts too"),
    ("--only-type", "TYPE", "accept the named types only: all that are in use or saved"),
    ("--protect", "ALIAS", "let only Admins move this alias"),
    ("--unprotect", "ALIAS", "let Members move this alias again"),
    ("--release", "NAME", "give up this former name"),
)


class Command(OperationCommand):
    """Find the registry, do all that is named, or nothing."""

    help = "Change a registry's settings; what is not named stays as it is."
    example = "edit_registry northwind/fraud --name fraud-detection --protect production"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the registry and what is to change."""
        parser.add_argument("registry", type=registry_name, metavar="ORG/REGISTRY")
        parser.add_argument("--name", help="the former name leads here until released")
        parser.add_argument("--description", help="Markdown")
        parser.add_argument("--icon", choices=ICONS)
        parser.add_argument("--all-types", action="store_true", help="accept every type")
        for option, metavar, meaning in LISTS:
            more = f"{meaning}; may be repeated"
            parser.add_argument(
                option, metavar=metavar, action="append", default=[], help=more
            )

    def handle(self, *, by: Actor, registry: Name, **options: Any) -> None:
        """Change it and print its full name."""
        found = find_registry(registry, by=by)
        general = {field: options[field] for field in GENERAL}
        with transaction.atomic():
            if any(value is not None for value in general.values()):
                found = edit_registry(found, **general, by=by)
            _change_types(found, options, by=by)
            for alias in options["protect"]:
                protect_alias(found, alias, by=by)
            for alias in options["unprotect"]:
                unprotect_alias(found, alias, by=by)
            for name in options["release"]:
                release_name(found, name, by=by)
        self.stdout.write(found.full_name)


def _change_types(registry: Registry, options: dict[str, Any], *, by: Actor) -> None:
    add, only, every = options["add_type"], options["only_type"], options["all_types"]
    if sum(map(bool, (add, only, every))) > 1:
        raise Invalid("types", "Say one of --add-type, --only-type and --all-types.")
    if every:
        switch_types(registry, None, by=by)
    elif only:
        switch_types(registry, only, by=by)
    elif add:
        append_types(registry, add, by=by)
