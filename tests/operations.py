"""Every operation, with who may just do it, who may just not, and what it writes.

The tests in `test_operations.py` run over this list. A public function that takes `by` and
is neither here nor among the PARTS fails them.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone

import accounts.operations
import registries.operations
from accounts.actors import Actor, Conflict, Denied, Invalid, Missing, Refusal
from accounts.models import ApiKey, Membership, User
from accounts.operations import keys, passwords, profile, teams, users
from accounts.permissions import Role
from registries.models import Artifact, Registry, Run, Star
from registries.operations import (
    aliases,
    artifacts,
    blobs,
    collections,
    descriptions,
    links,
    members,
    organizations,
    projects,
    runs,
    stars,
    trash,
)
from registries.operations import registries as registry_operations
from registries.storage import chunks, store
from tests.cast import KINDS, OPEN, RESTRICTED
from tests.doors import Scene
from tests.factories import (
    PASSWORD,
    SYSTEM,
    MembershipFactory,
    TeamMembershipFactory,
    UserFactory,
    logged_version,
)

PARTS = {
    "authorize_account": "who may act for an account",
    "authorize_aliases": "who may set these aliases",
    "authorize_edit": "who may change something in a registry or project",
    "authorize_installation": "who may run the installation",
    "authorize_owner": "who may change what an organization or team has as a whole",
    "authorize_keys": "who may see to somebody's keys",
    "authorize_service_account": "who may see to a program",
    "add_collection": "of create_collection and link",
    "add_version": "of link and commit_artifact",
    "begin_publication": "of publish_files and begin_upload",
    "end_invitations": "of remove_member, leave and deactivate_user",
    "check_link": "of link, asked before an upload",
    "check_pending": "of receive_file and finish_upload, asked before bytes are read",
    "join_team": "of add_team_member, create_team and accept_invitation",
    "give": "of set_role and change_visibility",
    "may_describe": "of edit_description, asked for the page too",
    "lock_pending": "of whatever changes a pending artifact",
    "pass_ownership": "of move_ownership and remove_member",
    "publish": "of commit_artifact and commit_draft",
    "publish_artifact": "of publish_files and finish_upload",
    "put": "of set_alias, link and commit_artifact",
    "lock_run": "of whatever changes a run",
    "log_lines": "what comes every few seconds, without an event: tested by itself",
    "promise_run_files": "of receive_run_file, without an event: tested by itself",
    "receive_run_file": "a file beside a run, without an event: tested by itself",
    "resume": "of upsert_run and log_lines",
    "request_access": "by whoever sees the registry: nobody is denied, tested by itself",
    "require_description": "of edit_description, asked for the page too",
    "receive_file": "the bytes of what announce_files has recorded: tested by itself",
    "refuse_core": "of change_visibility and move_ownership",
    "refuse_linked": "of delete_collection and delete_artifact",
    "refuse_others": "who may go on with an upload",
    "refuse_protected": "of unlink and delete_collection",
    "set_up": "by the server alone, once: tested by itself",
    "take_off": "of remove_alias and unlink",
    "touch": "of whatever changes a collection",
    "note_logged": "of begin_draft, commit_artifact and commit_draft",
    "receive_promised": "the bytes of what promise_files has recorded: tested by itself",
    "set_base": "of what the commit records: tested by itself",
    "promise_parts": "of what promise_files has recorded: tested by itself",
    "receive_part": "the bytes of what promise_files has recorded: tested by itself",
    "assemble": "the bytes of what promise_files has recorded: tested by itself",
    "abort_parts": "of what promise_files has recorded: tested by itself",
    "keep_file": "of receive_promised and assemble",
    "take_manifest": "of what the commit records: tested by itself",
}
"""Public functions that take `by` and are no operations, with what they are instead."""

TEAM_MEMBER = "member of the team `other`"
TEAM_VIEWER = "viewer of the team `other`"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call of an operation."""

    operation: Callable[..., Any]
    right: str
    """What it takes, by its codename in `rights.py`."""
    able: str
    """The weakest who may: one of the cast, or one of the two above."""
    denied: str
    """Somebody a step weaker."""
    writes: str
    """The kinds of its events, in order."""
    act: Callable[[Scene, Any, Actor], Any]
    given: Callable[[Scene], Any] = lambda scene: None
    """What must be there before; `act` gets it."""
    again: str | type[Refusal] = ""
    """What the same call writes when it is done again, or how it is refused."""
    kind: str = RESTRICTED
    kinds: tuple[str, ...] = KINDS
    """Where it is tried as everybody, in `test_doors.py`; there or not at all."""
    but: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Whose answer is another one, and what it writes then."""
    variant: str = ""

    @property
    def name(self) -> str:
        return f"{self.operation.__name__} {self.variant}".strip()

    def actor(self, scene: Scene, person: str, key: ApiKey | None = None) -> Actor:
        return Actor(somebody(scene, person), via="test", key=key)


def somebody(scene: Scene, name: str) -> User:
    roles = {TEAM_MEMBER: Role.MEMBER, TEAM_VIEWER: Role.VIEWER}
    if name not in roles:
        return scene.person(name)
    membership = MembershipFactory(organization=scene.cast.organization, role=Role.VIEWER)
    TeamMembershipFactory(team=scene.cast.other, membership=membership, role=roles[name])
    return membership.user


def inventory() -> Iterator[Callable[..., Any]]:
    """Every public function that takes an actor."""
    for package in (accounts.operations, registries.operations):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            found = importlib.import_module(module.name)
            for name, function in inspect.getmembers(found, inspect.isfunction):
                is_own = function.__module__ == found.__name__ and name[0] != "_"
                if is_own and "by" in inspect.signature(function).parameters:
                    yield function


def robot_with_key(scene: Scene) -> ApiKey:
    """A key of an account of the team `other`."""
    robot = organizations.create_service_account(
        scene.cast.organization, "robot", team=scene.cast.other, by=SYSTEM
    )
    return keys.issue_api_key(robot, name="ci", by=SYSTEM)[0]


def robot_with_membership(scene: Scene) -> tuple[ApiKey, Membership]:
    key = robot_with_key(scene)
    return key, key.user.memberships.get()


def membership(scene: Scene, person: str) -> Any:
    return scene.cast.organization.memberships.get(user=scene.person(person))


def pending(scene: Scene) -> Artifact:
    project = projects.ensure_project(scene.cast.other, "uploads", by=SYSTEM)
    return artifacts.begin_artifact(project, "fresh", artifact_type="model", by=SYSTEM)


def filled(scene: Scene) -> Artifact:
    artifact = pending(scene)
    artifacts.attach_files(artifact, [file(b"fresh")], by=SYSTEM)
    return artifact


def file(content: bytes, path: str = "weights.bin") -> Any:
    return path, store().stage(chunks(BytesIO(content)))


def somebody_new(scene: Scene) -> Any:
    return MembershipFactory(organization=scene.cast.organization)


def key_of_viewer(scene: Scene) -> ApiKey:
    return keys.issue_api_key(scene.person("viewer"), name="laptop", by=SYSTEM)[0]


def another_version(scene: Scene) -> Any:
    """A second version, so that there is somewhere to move an alias from."""
    logged = logged_version(scene.cast.other, "second", files={"a": b"second"})
    version = links.link(logged.artifact, scene.registry, "classifier", by=SYSTEM)
    aliases.set_alias(version, "candidate", by=SYSTEM)


def last_move(scene: Scene) -> Any:
    return scene.collection.alias_moves.filter(name="production").latest("pk")


def moved_back_and_forth(scene: Scene) -> Any:
    another_version(scene)
    aliases.set_alias(scene.version, "candidate", by=SYSTEM)
    return scene.collection.alias_moves.filter(name="candidate").latest("pk")


def empty_collection(scene: Scene) -> Any:
    return collections.create_collection(
        scene.registry, "empty", artifact_type="model", by=SYSTEM
    )


def left_pending(scene: Scene) -> None:
    long_ago = timezone.now() - artifacts.STALE * 2
    Artifact.objects.filter(pk=filled(scene).pk).update(created_at=long_ago)


def lonely_blob(scene: Scene) -> None:
    artifact = filled(scene)
    artifacts.abandon_artifact(artifact, by=SYSTEM)


def lose_the_bytes(scene: Scene) -> None:
    logged = logged_version(scene.cast.other, "lost", files={"a": b"lost"})
    store().delete(logged.artifact.entries.get().blob.sha256)


ALREADY_IN = {
    "organization admin with access": (200, ""),
    "installation administrator": (409, ""),  # in no organization
}
"""Of whom taking access makes nothing new, or nothing at all."""


DESCRIBED = "version.edit_description version.edit_description"
"""One in each home; who may in another one may here."""


def started(scene: Scene) -> Run:
    project = projects.ensure_project(scene.cast.other, "p", by=SYSTEM)
    return runs.start_run(project, "r", by=SYSTEM)


def leave_in_the_trash(scene: Scene) -> None:
    Registry.objects.filter(pk=scene.registry.pk).update(
        deleted_at=timezone.now() - timedelta(days=31)
    )


INSTALLATION = {"able": "installation administrator", "denied": "organization admin"}
ORGANIZATION = {"able": "organization admin", "denied": "organization member"}
ORGANIZATION_MEMBER = {"able": "organization member", "denied": "organization viewer"}
TEAM = {"able": "team admin", "denied": TEAM_MEMBER}
LOGGING = {"able": TEAM_MEMBER, "denied": TEAM_VIEWER}
REGISTRY = {"able": "admin", "denied": "member"}


def starred(scene: Scene) -> None:
    """Everybody has starred the registry and the collection."""
    for user in User.objects.all():
        Star.objects.create(user=user, registry=scene.registry)
        Star.objects.create(user=user, collection=scene.collection)


def starring(operation: Callable[..., Any], noun: str, writes: str, **more: Any) -> Case:
    """What somebody does with the star of a registry or collection that they see."""
    return Case(
        operation=operation,
        right="view_collection",
        variant=noun,
        able="restricted viewer",
        denied="organization viewer",
        writes=writes,
        act=lambda scene, _, by: operation(getattr(scene, noun), by=by),
        **more,
    )


PLACES = ("registry", "collection")
CONTENT = {"able": "member", "denied": "viewer"}
OWN = {"able": "viewer", "denied": "organization admin"}

CASES = [
    # accounts
    Case(
        operation=users.create_user,
        right="installation",
        **INSTALLATION,
        writes="user.create",
        act=lambda scene, _, by: users.create_user(
            email="new@example.org", username="somebody-new", by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=keys.rotate_api_key,
        right="account_of_viewer",
        **OWN,
        writes="api_key.issue api_key.revoke",
        given=lambda scene: keys.issue_api_key(
            scene.person("viewer"), name="laptop", by=SYSTEM
        )[0],
        act=lambda scene, key, by: keys.rotate_api_key(key, by=by),
        again=Conflict,
    ),
    Case(
        operation=keys.rotate_api_key,
        right="account_of_viewer",
        variant="later",
        **OWN,
        writes="api_key.issue api_key.expire",
        given=lambda scene: keys.issue_api_key(
            scene.person("viewer"), name="laptop", by=SYSTEM
        )[0],
        act=lambda scene, key, by: keys.rotate_api_key(key, hours=1, by=by),
        again="api_key.issue api_key.expire",
    ),
    Case(
        operation=keys.issue_api_key,
        right="account_of_viewer",
        **OWN,
        writes="api_key.issue",
        act=lambda scene, _, by: keys.issue_api_key(
            scene.person("viewer"), name="laptop", by=by
        ),
        again="api_key.issue",
    ),
    Case(
        operation=keys.revoke_api_key,
        right="account_of_viewer",
        **OWN,
        writes="api_key.revoke",
        given=key_of_viewer,
        act=lambda scene, key, by: keys.revoke_api_key(key, by=by),
    ),
    Case(
        operation=passwords.change_password,
        right="account_of_viewer",
        **OWN,
        writes="user.change_password",
        act=lambda scene, _, by: passwords.change_password(
            scene.person("viewer"), PASSWORD, by=by
        ),
        again="user.change_password",
    ),
    Case(
        operation=profile.change_profile,
        right="account_of_viewer",
        **OWN,
        writes="user.rename",
        act=lambda scene, _, by: profile.change_profile(
            scene.person("viewer"), full_name="Ada Lovelace", by=by
        ),
    ),
    Case(
        operation=profile.choose_theme,
        right="account_of_viewer",
        **OWN,
        writes="user.choose_theme",
        act=lambda scene, _, by: profile.choose_theme(
            scene.person("viewer"), "dark", by=by
        ),
    ),
    Case(
        operation=profile.switch_shortcuts,
        right="account_of_viewer",
        **OWN,
        writes="user.switch_shortcuts",
        act=lambda scene, _, by: profile.switch_shortcuts(
            scene.person("viewer"), on=False, by=by
        ),
    ),
    Case(
        operation=teams.create_team,
        right="create_team",
        but={"installation administrator": (200, "team.create")},
        **ORGANIZATION_MEMBER,
        writes="team.create team_member.add",
        act=lambda scene, _, by: teams.create_team(scene.cast.organization, "third", by=by),
        again=Conflict,
    ),
    Case(
        operation=teams.add_team_member,
        right="manage_team",
        **TEAM,
        writes="team_member.add",
        given=somebody_new,
        act=lambda scene, member, by: teams.add_team_member(
            scene.cast.other, member, Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=teams.add_team_member,
        right="manage_team",
        variant="again with another role",
        **TEAM,
        writes="team_member.change_role",
        given=lambda scene: teams.add_team_member(
            scene.cast.other, somebody_new(scene), Role.VIEWER, by=SYSTEM
        ),
        act=lambda scene, member, by: teams.add_team_member(
            scene.cast.other, member.membership, Role.MEMBER, by=by
        ),
    ),
    Case(
        operation=teams.remove_team_member,
        right="manage_team",
        **TEAM,
        writes="team_member.remove",
        given=lambda scene: teams.add_team_member(
            scene.cast.other, somebody_new(scene), Role.VIEWER, by=SYSTEM
        ),
        act=lambda scene, member, by: teams.remove_team_member(
            scene.cast.other, member.membership, by=by
        ),
        again=Invalid,
    ),
    # organizations
    Case(
        operation=organizations.create_organization,
        right="installation",
        **INSTALLATION,
        writes="organization.create membership.add",
        act=lambda scene, _, by: organizations.create_organization("third", "Third", by=by),
        again=Conflict,
    ),
    Case(
        operation=organizations.add_member,
        right="manage_people",
        **ORGANIZATION,
        writes="membership.add",
        act=lambda scene, _, by: organizations.add_member(
            scene.cast.organization, scene.person("outsider"), Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=organizations.add_member,
        right="manage_people",
        variant="again with another role",
        **ORGANIZATION,
        writes="membership.change_role",
        act=lambda scene, _, by: organizations.add_member(
            scene.cast.organization, scene.person("viewer"), Role.MEMBER, by=by
        ),
    ),
    Case(
        operation=organizations.change_organization_role,
        right="manage_people",
        **ORGANIZATION,
        writes="membership.change_role",
        act=lambda scene, _, by: organizations.change_organization_role(
            membership(scene, "viewer"), Role.MEMBER, by=by
        ),
    ),
    Case(
        operation=organizations.remove_member,
        right="manage_people",
        but={"owner": (409, "")},
        **ORGANIZATION,
        writes="registry.move_ownership registry.move_ownership membership.remove",
        given=lambda scene: membership(scene, "owner"),
        act=lambda scene, member, by: organizations.remove_member(member, by=by),
        again=Missing,
    ),
    Case(
        operation=organizations.leave,
        right="leave",
        but={"owner": (409, "")},
        able="organization viewer",
        denied="outsider",
        writes="membership.remove",
        act=lambda scene, _, by: organizations.leave(scene.cast.organization, by=by),
        again=Denied,
    ),
    Case(
        operation=organizations.deactivate_user,
        right="installation",
        **INSTALLATION,
        writes="membership.remove user.deactivate",
        act=lambda scene, _, by: organizations.deactivate_user(
            scene.person("viewer"), by=by
        ),
    ),
    Case(
        operation=organizations.create_service_account,
        right="manage_service_accounts",
        **ORGANIZATION,
        writes="user.create membership.add",
        act=lambda scene, _, by: organizations.create_service_account(
            scene.cast.organization, "robot", by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=organizations.create_service_account,
        right="manage_team",
        variant="of a team",
        **TEAM,
        writes="user.create membership.add team_member.add",
        act=lambda scene, _, by: organizations.create_service_account(
            scene.cast.organization, "robot", team=scene.cast.other, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=organizations.remove_member,
        right="manage_team",
        variant="an account of a team",
        **TEAM,
        writes="membership.remove api_key.revoke",
        given=robot_with_membership,
        act=lambda scene, given, by: organizations.remove_member(given[1], by=by),
        again=Missing,
    ),
    Case(
        operation=keys.issue_api_key,
        right="manage_team",
        variant="of an account of a team",
        **TEAM,
        writes="api_key.issue",
        given=robot_with_key,
        act=lambda scene, key, by: keys.issue_api_key(key.user, name="ci", by=by),
        again="api_key.issue",
    ),
    Case(
        operation=organizations.delete_team,
        right="manage_team",
        variant="with an account",
        **TEAM,
        writes="membership.remove api_key.revoke team.delete",
        given=robot_with_key,
        act=lambda scene, _, by: organizations.delete_team(scene.cast.other, by=by),
        again=Denied,
    ),
    # registries
    Case(
        operation=registry_operations.create_registry,
        right="create_registry",
        but={"installation administrator": (422, "")},
        **ORGANIZATION_MEMBER,
        writes="registry.create",
        act=lambda scene, _, by: registry_operations.create_registry(
            scene.cast.organization, "Fraud models", by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=registry_operations.change_visibility,
        right="change_visibility",
        kinds=(),
        **REGISTRY,
        kind=OPEN,
        writes="registry.change_visibility",
        act=lambda scene, _, by: registry_operations.change_visibility(
            scene.registry, RESTRICTED, by=by
        ),
    ),
    Case(
        operation=registry_operations.change_visibility,
        right="change_visibility",
        kinds=(),
        variant="by an organization Admin",
        able="organization admin",
        denied="organization member",
        kind=OPEN,
        writes="registry.change_visibility registry_member.add",
        act=lambda scene, _, by: registry_operations.change_visibility(
            scene.registry, RESTRICTED, by=by
        ),
    ),
    Case(
        operation=registry_operations.take_access,
        right="take_access",
        but=ALREADY_IN,
        kinds=(RESTRICTED,),
        **ORGANIZATION,
        writes="registry.take_access",
        act=lambda scene, _, by: registry_operations.take_access(scene.registry, by=by),
    ),
    Case(
        operation=members.set_role,
        right="manage_members",
        **REGISTRY,
        writes="registry_member.add",
        act=lambda scene, _, by: members.set_role(
            scene.registry, scene.person("organization viewer"), Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=members.set_role,
        right="manage_members",
        variant="of a team",
        **REGISTRY,
        writes="registry_member.add",
        act=lambda scene, _, by: members.set_role(
            scene.registry, scene.cast.other, Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=members.set_role,
        right="assign_role",
        variant="again with another role",
        **REGISTRY,
        writes="registry_member.change_role",
        act=lambda scene, _, by: members.set_role(
            scene.registry, scene.person("viewer"), Role.MEMBER, by=by
        ),
    ),
    Case(
        operation=members.set_role,
        right="installation",
        kinds=(),
        variant="of somebody from outside",
        able="installation administrator",
        denied="member",
        writes="membership.add registry_member.add",
        given=lambda scene: UserFactory(),
        act=lambda scene, user, by: members.set_role(
            scene.registry, user, Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=members.remove_role,
        right="manage_members",
        **REGISTRY,
        writes="registry_member.remove",
        act=lambda scene, _, by: members.remove_role(
            scene.registry, scene.person("viewer"), by=by
        ),
        again=Invalid,
    ),
    Case(
        operation=members.add_members,
        right="manage_members",
        **REGISTRY,
        writes="registry_member.add registry_member.add",
        act=lambda scene, _, by: members.add_members(
            scene.registry, ["the-organization-viewer", "other"], Role.VIEWER, by=by
        ),
    ),
    Case(
        operation=members.change_role,
        right="assign_role",
        **REGISTRY,
        writes="registry_member.change_role",
        act=lambda scene, _, by: members.change_role(
            scene.registry, scene.person("viewer"), Role.MEMBER, instead_of="viewer", by=by
        ),
    ),
    Case(
        operation=members.move_ownership,
        right="move_ownership",
        able="owner",
        denied="admin",
        writes="registry.move_ownership",
        act=lambda scene, _, by: members.move_ownership(
            scene.registry, scene.person("member"), by=by
        ),
        again=Denied,  # who moved it is no longer Owner
    ),
    Case(
        operation=members.move_ownership,
        right="move_ownership",
        variant="by an organization Admin with access",
        able="organization admin with access",
        denied="organization admin",
        writes="registry.move_ownership",
        act=lambda scene, _, by: members.move_ownership(
            scene.registry, scene.person("member"), by=by
        ),
    ),
    # collections, versions, aliases
    Case(
        operation=collections.create_collection,
        right="create_collection",
        **CONTENT,
        writes="collection.create",
        act=lambda scene, _, by: collections.create_collection(
            scene.registry, "another", artifact_type="model", by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=collections.edit_collection,
        right="edit_card",
        **CONTENT,
        writes="collection.rename",
        act=lambda scene, _, by: collections.edit_collection(
            scene.collection, name="another", by=by
        ),
    ),
    Case(
        operation=collections.edit_collection,
        right="edit_card",
        variant="to another type",
        kinds=(OPEN, RESTRICTED),  # a core registry takes one
        **CONTENT,
        writes="collection.change_type collection.rename",
        given=empty_collection,
        act=lambda scene, empty, by: collections.edit_collection(
            empty, name="another", artifact_type="dataset", by=by
        ),
    ),
    Case(
        operation=collections.edit_card,
        right="edit_card",
        **CONTENT,
        writes="collection.edit_card",
        act=lambda scene, _, by: collections.edit_card(scene.collection, "# Card", by=by),
    ),
    Case(
        operation=collections.add_tag,
        right="edit_tags",
        variant="to a collection",
        **CONTENT,
        writes="collection.add_tag",
        act=lambda scene, _, by: collections.add_tag(scene.collection, "vision", by=by),
    ),
    Case(
        operation=collections.add_tag,
        right="edit_tags",
        variant="to a version",
        **CONTENT,
        writes="version.add_tag",
        act=lambda scene, _, by: collections.add_tag(scene.version, "vision", by=by),
    ),
    Case(
        operation=collections.add_tags,
        right="edit_tags",
        **CONTENT,
        writes="collection.add_tag collection.add_tag",
        act=lambda scene, _, by: collections.add_tags(
            scene.collection, ["vision", "gdpr"], by=by
        ),
    ),
    Case(
        operation=collections.remove_tags,
        right="edit_tags",
        **CONTENT,
        writes="collection.remove_tag collection.remove_tag",
        given=lambda scene: collections.add_tags(
            scene.collection, ["vision", "gdpr"], by=SYSTEM
        ),
        act=lambda scene, _, by: collections.remove_tags(
            scene.collection, ["vision", "gdpr"], by=by
        ),
        again=Invalid,
    ),
    Case(
        operation=collections.remove_tag,
        right="edit_tags",
        variant="from a collection",
        **CONTENT,
        writes="collection.remove_tag",
        given=lambda scene: collections.add_tag(scene.collection, "vision", by=SYSTEM),
        act=lambda scene, _, by: collections.remove_tag(scene.collection, "vision", by=by),
        again=Invalid,
    ),
    Case(
        operation=collections.remove_tag,
        right="edit_tags",
        variant="from a version",
        **CONTENT,
        writes="version.remove_tag",
        given=lambda scene: collections.add_tag(scene.version, "vision", by=SYSTEM),
        act=lambda scene, _, by: collections.remove_tag(scene.version, "vision", by=by),
        again=Invalid,
    ),
    *(starring(stars.star, noun, "user.star") for noun in PLACES),
    *(starring(stars.unstar, noun, "user.unstar", given=starred) for noun in PLACES),
    Case(
        operation=descriptions.edit_description,
        right="edit_description",
        **CONTENT,
        writes=DESCRIBED,
        but=dict.fromkeys(("team admin", "organization admin"), (200, DESCRIBED)),
        act=lambda scene, _, by: descriptions.edit_description(
            scene.version, "# What it is", by=by
        ),
    ),
    Case(
        operation=descriptions.edit_description,
        right="log_artifacts",
        variant="where it was logged",
        **LOGGING,
        writes="version.edit_description",
        given=lambda scene: logged_version(scene.cast.other, files={"a": b"alone"}),
        act=lambda scene, version, by: descriptions.edit_description(
            version, "# What it is", by=by
        ),
    ),
    Case(
        operation=collections.delete_collection,
        right="delete_collection",
        **CONTENT,
        writes="collection.delete",
        act=lambda scene, _, by: collections.delete_collection(scene.collection, by=by),
        again=Conflict,
    ),
    Case(
        operation=collections.restore_collection,
        right="delete_collection",
        **CONTENT,
        writes="collection.restore",
        given=lambda scene: collections.delete_collection(scene.collection, by=SYSTEM),
        act=lambda scene, gone, by: collections.restore_collection(gone, by=by),
        again=Conflict,
    ),
    Case(
        operation=links.link,
        right="link_artifact",
        **CONTENT,
        writes="collection.create version.link alias.add",
        act=lambda scene, _, by: links.link(
            scene.version.artifact, scene.registry, "copy", aliases=["candidate"], by=by
        ),
    ),
    Case(
        operation=links.unlink,
        right="unlink_artifact",
        **CONTENT,
        writes="alias.remove version.unlink",
        act=lambda scene, _, by: links.unlink(scene.version, by=by),
        again=Missing,
    ),
    Case(
        operation=aliases.set_alias,
        right="edit_aliases",
        **CONTENT,
        writes="alias.add",
        act=lambda scene, _, by: aliases.set_alias(scene.version, "staging", by=by),
    ),
    Case(
        operation=aliases.set_alias,
        right="edit_aliases",
        variant="that is on another version",
        **CONTENT,
        writes="alias.move",
        given=another_version,
        act=lambda scene, _, by: aliases.set_alias(
            scene.version, "candidate", reason="rolled back", by=by
        ),
    ),
    Case(
        operation=aliases.remove_alias,
        right="edit_aliases",
        **CONTENT,
        writes="alias.remove",
        act=lambda scene, _, by: aliases.remove_alias(
            scene.collection, "production", by=by
        ),
        again=Invalid,
    ),
    Case(
        operation=aliases.undo_move,
        right="edit_aliases",
        **CONTENT,
        writes="alias.remove",
        given=last_move,
        act=lambda scene, move, by: aliases.undo_move(move, by=by),
        again=Conflict,
    ),
    Case(
        operation=aliases.undo_move,
        right="edit_aliases",
        variant="to the version before",
        **CONTENT,
        writes="alias.move",
        given=moved_back_and_forth,
        act=lambda scene, move, by: aliases.undo_move(move, by=by),
        again=Conflict,
    ),
    # projects and artifacts
    Case(
        operation=projects.ensure_project,
        right="log_artifacts",
        **LOGGING,
        writes="project.create",
        act=lambda scene, _, by: projects.ensure_project(
            scene.cast.other, "another", by=by
        ),
    ),
    Case(
        operation=projects.ensure_project,
        right="viewer",
        variant="of a person",
        **OWN,
        writes="project.create",
        act=lambda scene, _, by: projects.ensure_project(
            scene.person("viewer"), "uploads", by=by
        ),
    ),
    Case(
        operation=artifacts.begin_artifact,
        right="log_artifacts",
        **LOGGING,
        writes="collection.create artifact.begin",
        given=lambda scene: projects.ensure_project(scene.cast.other, "p", by=SYSTEM),
        act=lambda scene, project, by: artifacts.begin_artifact(
            project, "fresh", artifact_type="model", by=by
        ),
        again="artifact.begin",
    ),
    Case(
        operation=artifacts.attach_files,
        right="log_artifacts",
        **LOGGING,
        writes="artifact.attach",
        given=pending,
        act=lambda scene, artifact, by: artifacts.attach_files(
            artifact, [file(b"fresh")], by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=artifacts.commit_artifact,
        right="log_artifacts",
        **LOGGING,
        writes="artifact.commit alias.add",
        given=filled,
        act=lambda scene, artifact, by: artifacts.commit_artifact(
            artifact, aliases=["best"], by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=artifacts.abandon_artifact,
        right="log_artifacts",
        **LOGGING,
        writes="artifact.abandon",
        given=filled,
        act=lambda scene, artifact, by: artifacts.abandon_artifact(artifact, by=by),
        again=Missing,
    ),
    Case(
        operation=artifacts.abandon_stale,
        right="installation",
        **INSTALLATION,
        writes="artifact.abandon",
        given=left_pending,
        act=lambda scene, _, by: artifacts.abandon_stale(by=by),
    ),
    # bytes
    Case(
        operation=blobs.sweep_blobs,
        right="installation",
        **INSTALLATION,
        writes="blobs.sweep",
        given=lonely_blob,
        act=lambda scene, _, by: blobs.sweep_blobs(by=by),
    ),
    Case(
        operation=blobs.verify_blobs,
        right="installation",
        **INSTALLATION,
        writes="blobs.verify",
        given=lose_the_bytes,
        act=lambda scene, _, by: blobs.verify_blobs(by=by),
        again="blobs.verify",
    ),
    Case(
        operation=trash.purge_trash,
        right="installation",
        **INSTALLATION,
        writes="registry.purge",
        given=leave_in_the_trash,
        act=lambda scene, _, by: trash.purge_trash(by=by),
    ),
]
