"""The commands as they explain themselves, for the help."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from functools import cache, partial
from typing import NamedTuple

from django.conf import settings
from django.core.management import get_commands, load_command_class

OURS = {"accounts", "registries"}
WIDTH = 80
GROUPS = {
    "Run the installation": "start worker demo sweep_blobs verify_blobs",
    "Content": "publish fetch list link set_alias",
    "Registries": "create_registry edit_registry set_visibility move_ownership take_access "
    "delete_registry restore_registry",
    "Who may do what": "add_member remove_member set_role request_access answer_request",
    "Organizations and people": "create_organization edit_organization create_user "
    "edit_user deactivate_user changepassword end_sessions invite create_team delete_team",
    "Programs": "create_service_account issue_api_key rotate_api_key revoke_api_key",
}
"""Which commands stand together, in the order of the page."""


class Manual(NamedTuple):
    """What a command says of itself."""

    name: str
    about: str
    arguments: str
    example: str


@cache
def manuals() -> dict[str, list[Manual]]:
    """Return what every command of ours says, in groups."""
    apps = {name: app for name, app in get_commands().items() if app in OURS}
    return {
        group: [_manual(str(apps[name]), name) for name in names.split()]
        for group, names in GROUPS.items()
    }


def _manual(app: str, name: str) -> Manual:
    """Ask a command for its own arguments, without those that all of them have."""
    command = load_command_class(app, name)
    formatter = partial(RawDescriptionHelpFormatter, width=WIDTH)
    shown = f"{settings.MANAGE} {name}"
    parser = ArgumentParser(shown, add_help=False, formatter_class=formatter)
    command.add_arguments(parser)  # type: ignore[arg-type]  # adds arguments, as any parser
    example = getattr(command, "example", "")
    arguments = parser.format_help().removeprefix("usage: ").strip()
    return Manual(name, command.help, arguments, example and f"{settings.MANAGE} {example}")
