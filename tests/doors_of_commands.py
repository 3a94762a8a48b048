"""The commands as doors, each with `--as`: more of the list in `doors.py`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from io import StringIO
from pathlib import Path
from typing import Any
from unittest import mock

from accounts.management.command import Failed, Refused
from registries.operations.contents import protect_alias
from tests.cast import ANONYMOUS, OPEN, RESTRICTED
from tests.commands import manage
from tests.doors import (
    COMMAND,
    EXIT,
    Door,
    Scene,
    keep,
    someone,
    writes_restricting,
)
from tests.factories import PASSWORD, SYSTEM
from tests.operations import key_of_viewer, lonely_blob, lose_the_bytes
from tests.operations_of_admins import (
    ADDRESS,
    CUSTOM,
    asked,
    deleted,
    invited,
    invited_outsider,
    listed,
    renamed,
    signed_in_elsewhere,
)

type Arguments = Sequence[object] | Callable[[Scene], Sequence[object]]


def command(right: str, line: str, more: Arguments = (), **door: Any) -> None:
    """Keep a command as a door; {registry} in its line is the scene's."""
    name, *words = line.split()

    def act(scene: Scene, person: str, given: Any) -> int:
        said = [word.format(registry=scene.registry.full_name) for word in words]
        return run(scene, person, name, *said, *(more(scene) if callable(more) else more))

    variant = line.removeprefix(name).strip()
    known: dict[str, Any] = {"kind": COMMAND, "place": name, "variant": variant, "done": 0}
    keep(Door(right=right, act=act, **known | door))


def run(scene: Scene, person: str, name: str, *arguments: object) -> int:
    """Run it as one of the cast; nobody has no name to give."""
    username = "nobody" if person == ANONYMOUS else scene.person(person).username
    try:
        manage(name, *arguments, "--as", username)
    except (Refused, Failed):
        return EXIT
    return 0


# What is read

command("view_collection", "list {registry}")
command("view_artifact", "list {registry}/classifier")
command("view_settings", "list {registry} --permissions", ["--user", "the-viewer"])


def fetch(scene: Scene, person: str, _: Any) -> int:
    with tempfile.TemporaryDirectory() as folder:
        name = scene.version.full_name
        answer = run(scene, person, "fetch", name, Path(folder) / "new")
        fetched = [path.read_bytes() for path in Path(folder).rglob("weights.bin")]
    assert fetched == ([] if answer else [scene.kind.encode()])
    return answer


keep(Door(right="download_artifact", kind=COMMAND, place="fetch", act=fetch, done=0))

# What is in a registry


def publish(scene: Scene, person: str, _: Any) -> int:
    with tempfile.NamedTemporaryFile() as file:
        file.write(person.encode())
        file.flush()
        target = scene.collection.full_name
        return run(scene, person, "publish", file.name, target)


keep(
    Door(
        right="link_artifact",
        kind=COMMAND,
        place="publish",
        act=publish,
        writes="project.create collection.create artifact.begin artifact.attach "
        "artifact.commit version.link",
        done=0,
    )
)
command(
    "link_artifact",
    "link {registry}/classifier {registry}/copy",
    writes="collection.create version.link",
)
command("edit_aliases", "set_alias {registry}/classifier:v0 candidate", writes="alias.add")
command(
    "edit_aliases",
    "set_alias {registry}/classifier:v0 production --remove",
    writes="alias.remove",
)
command(
    "protect_alias",
    "set_alias {registry}/classifier:v0 golden",
    given=lambda scene: protect_alias(scene.registry, "golden", by=SYSTEM),
    writes="alias.add",
)

# Its settings

command(
    "edit_registry", "edit_registry {registry} --description Shelf.", writes="registry.edit"
)
command(
    "edit_registry",
    "edit_registry {registry} --name renamed",
    kinds=CUSTOM,
    writes="registry.rename",
)
command(
    "append_types",
    "edit_registry {registry} --add-type onnx",
    given=listed,
    writes="registry.append_types",
)
command(
    "switch_types",
    "edit_registry {registry} --only-type model --only-type onnx",
    writes="registry.switch_types",
)
command(
    "switch_types",
    "edit_registry {registry} --all-types",
    given=listed,
    writes="registry.switch_types",
)
command(
    "protect_alias",
    "edit_registry {registry} --protect golden",
    writes="registry.protect_alias",
)
command(
    "protect_alias",
    "edit_registry {registry} --unprotect golden",
    given=lambda scene: protect_alias(scene.registry, "golden", by=SYSTEM),
    writes="registry.unprotect_alias",
)
command(
    "change_visibility",
    "edit_registry acme/renamed --release",
    lambda scene: [scene.registry.name],
    given=renamed,
    kinds=CUSTOM,
    writes="registry.release_name",
)
command(
    "change_visibility",
    "set_visibility {registry}",
    lambda scene: [OPEN if scene.kind == RESTRICTED else RESTRICTED],
    writes=writes_restricting,
)
command("delete_registry", "delete_registry {registry}", writes="registry.delete")
command(
    "delete_registry",
    "restore_registry {registry}",
    given=deleted,
    kinds=CUSTOM,
    writes="registry.restore",
)

# Who is in it

command(
    "manage_members",
    "set_role {registry} the-organization-viewer viewer --expires 30",
    writes="registry_member.add",
)
command(
    "manage_members",
    "set_role {registry} --team other viewer",
    writes="registry_member.add",
)
command(
    "manage_members",
    "remove_member {registry} the-viewer",
    writes="registry_member.remove",
)
command(
    "manage_members",
    "remove_member {registry} --team added",
    writes="registry_member.remove",
)
command(
    "assign_role",
    "set_role {registry} the-viewer member",
    writes="registry_member.change_role",
)
command(
    "move_ownership",
    "move_ownership {registry} the-member",
    writes="registry.move_ownership",
)
command("ask", "request_access {registry} admin", writes="access.request")
command(
    "assign_role",
    "answer_request {registry} the-viewer accept",
    given=asked,
    writes="registry_member.change_role access.accept",
)
command(
    "assign_role",
    "answer_request {registry} the-viewer decline",
    given=asked,
    writes="access.decline",
)

# An organization

command("view_organization", "list acme")
command(
    "create_registry",
    "create_registry acme/Fraud",
    writes="registry.create",
    but=someone("installation administrator", answer=EXIT),
)
command(
    "take_access",
    "take_access {registry}",
    writes="registry.take_access",
    but=lambda person, kind: {
        "organization admin with access": (0, ""),
        "installation administrator": (EXIT, ""),
    }.get(person),
)
command(
    "change_settings",
    "edit_organization acme --trash-days 7",
    writes="organization.change_settings",
)
command(
    "manage_people",
    "add_member acme the-viewer --role member",
    writes="membership.change_role",
)
command(
    "manage_people",
    "remove_member acme the-team-member",
    writes="membership.remove",
    but=someone("team member", answer=0, writes="membership.remove"),
)
command("manage_people", f"invite acme {ADDRESS}", writes="invitation.create")
for verb in ("resend", "revoke"):
    command(
        "manage_people",
        f"invite acme {ADDRESS} --{verb}",
        given=invited,
        writes=f"invitation.{verb}",
    )
command(
    "accept_invitation",
    "invite acme the-outsider@example.org --accept",
    given=invited_outsider,
    writes="invitation.accept membership.add",
)
command(
    "manage_service_accounts",
    "create_service_account acme/robot",
    writes="user.create membership.add",
)
command(
    "manage_team",
    "create_service_account acme/robot --team other",
    writes="user.create membership.add team_member.add",
)
command(
    "create_team",
    "create_team acme/third",
    writes="team.create team_member.add",
    but=someone("installation administrator", answer=0, writes="team.create"),
)
command("manage_team", "add_member acme/other the-viewer", writes="team_member.add")
command(
    "manage_team", "remove_member acme/other the-team-admin", writes="team_member.remove"
)
command("manage_team", "delete_team acme/other", writes="team.delete")

# Accounts and the installation

command(
    "account_of_viewer",
    "edit_user the-viewer --name Ada --theme dark",
    writes="user.rename user.choose_theme",
)
command("account_of_viewer", "issue_api_key the-viewer laptop", writes="api_key.issue")
command(
    "account_of_viewer",
    "revoke_api_key the-viewer laptop",
    given=key_of_viewer,
    writes="api_key.revoke",
)

command(
    "account_of_viewer",
    "rotate_api_key the-viewer laptop",
    given=key_of_viewer,
    writes="api_key.issue api_key.revoke",
)
command(
    "account_of_viewer",
    "end_sessions the-viewer",
    given=signed_in_elsewhere,
    writes="session.end",
)


def change_password(scene: Scene, person: str, _: Any) -> int:
    with mock.patch("sys.stdin", StringIO(f"{PASSWORD}\n")):
        return run(scene, person, "changepassword", "the-viewer")


keep(
    Door(
        right="account_of_viewer",
        kind=COMMAND,
        place="changepassword",
        act=change_password,
        writes="user.change_password",
        done=0,
    )
)
command("installation", "create_user new@example.org newcomer", writes="user.create")
command(
    "installation",
    "create_organization third Third",
    writes="organization.create membership.add",
)
command(
    "installation",
    "deactivate_user the-team-member",
    writes="membership.remove user.deactivate",
)
command("installation", "sweep_blobs", given=lonely_blob, writes="blobs.sweep")
command(
    "installation",
    "verify_blobs",
    given=lose_the_bytes,
    done=EXIT,  # it says so, after it has recorded what it found
    writes="blobs.verify",
)
