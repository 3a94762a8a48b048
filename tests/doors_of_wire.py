"""Mutations of the wire as doors: more of the list in `doors.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from django.test import Client

from registries.wire.ids import encode, home_id
from registries.wire.schema import schema
from tests.cast import PEOPLE, RESTRICTED
from tests.doors import (
    NOT_SIGNED_IN,
    STRANGERS,
    WIRE,
    Door,
    Scene,
    answer,
    keep,
    someone,
    writes_restricting,
)
from tests.operations import key_of_viewer, robot_with_key
from tests.operations_of_admins import ADDRESS, CUSTOM, listed
from tests.rights import is_allowed, role_of

type Input = Mapping[str, Any]
type Making = Callable[[Scene, Any], Input]


def ask(client: Client, document: str, **variables: Any) -> Any:
    """What a program is answered that sends a document."""
    sent = {"query": document, "variables": variables}
    return client.post("/graphql", sent, content_type="application/json")


@cache
def document_of(name: str) -> str:
    """The shortest document of a mutation."""
    root = schema().mutation_type
    assert root is not None
    kind = root.fields[name].args["input"].type
    return f"mutation M($input: {kind}) {{ {name}(input: $input) {{ __typename }} }}"


def mutation(right: str, name: str, sent: Input | Making, **more: Any) -> None:
    """Keep a mutation as a door."""

    def act(scene: Scene, person: str, given: Any) -> int:
        values = sent(scene, given) if callable(sent) else sent
        client = scene.program(person)
        return answer(ask(client, document_of(name), input=values))

    keep(Door(right=right, kind=WIRE, place=f"wire:{name}", act=act, **more))


def unseen(person: str, kind: str) -> tuple[int, str] | None:
    """What is answered about a name to who does not see that there is a registry."""
    if role_of(person, kind, "Viewer") != "-" or person in NOT_SIGNED_IN | STRANGERS:
        return None
    return (409 if is_allowed("create_registry", person, kind) else 403), ""


def of_registry(**sent: Any) -> Making:
    """What is sent about the scene's registry, by its name."""
    return lambda scene, _: {
        "entityName": "acme",
        "name": f"wandb-registry-{scene.registry.name}",
        **sent,
    }


def with_people(*people: str, teams: tuple[str, ...] = ()) -> Making:
    """What is sent about some of the cast in the scene's registry."""
    return lambda scene, _: {
        "projectId": home_id(scene.registry),
        "userIds": [id_of(scene, name) for name in people],
        "teamIds": [encode("Entity", getattr(scene.cast, t).entity_id) for t in teams],
    }


def id_of(scene: Scene, name: str) -> str:
    return encode("User", scene.person(name).pk)


# Registries

mutation(
    "create_registry",
    "upsertModel",
    {"entityName": "acme", "name": "wandb-registry-Fraud", "access": "RESTRICTED"},
    writes="registry.create",
    but=someone("installation administrator", answer=422),
)
mutation(
    "edit_registry",
    "upsertModel",
    of_registry(description="Shelf."),
    but=unseen,
    variant="with another description",
    writes="registry.edit",
)
mutation(
    "append_types",
    "upsertModel",
    of_registry(artifactTypes=[{"name": "onnx"}], allowAllArtifactTypesInRegistry=False),
    but=unseen,
    variant="with another type",
    writes="registry.append_types",
    given=listed,
)
mutation(
    "switch_types",
    "upsertModel",
    of_registry(artifactTypes=[{"name": "onnx"}], allowAllArtifactTypesInRegistry=False),
    but=unseen,
    variant="to a list from all",
    writes="registry.switch_types",
    kinds=CUSTOM,
)
mutation(
    "switch_types",
    "upsertModel",
    of_registry(allowAllArtifactTypesInRegistry=True),
    but=unseen,
    variant="to all from a list",
    writes="registry.switch_types",
    given=listed,
)
mutation(
    "change_visibility",
    "upsertModel",
    lambda scene, given: of_registry(
        access="PRIVATE" if scene.kind == RESTRICTED else "RESTRICTED"
    )(scene, given),
    but=unseen,
    variant="with another visibility",
    writes=writes_restricting,
)
mutation(
    "edit_registry",
    "renameProject",
    lambda scene, _: {
        "entityName": "acme",
        "oldProjectName": f"wandb-registry-{scene.registry.name}",
        "newProjectName": "wandb-registry-renamed",
    },
    writes="registry.rename",
    kinds=CUSTOM,
)
mutation(
    "delete_registry",
    "deleteModel",
    lambda scene, _: {"id": home_id(scene.registry)},
    writes="registry.delete",
)

# Who is in a registry

mutation(
    "manage_members",
    "createProjectMembers",
    with_people("organization viewer", teams=("other",)),
    writes="registry_member.add registry_member.add",
)
mutation(
    "manage_members",
    "deleteProjectMembers",
    with_people("viewer", "member", teams=("added",)),
    writes="registry_member.remove registry_member.remove registry_member.remove",
)
mutation(
    "assign_role",
    "updateProjectMember",
    lambda scene, _: {
        "projectId": home_id(scene.registry),
        "userId": id_of(scene, "viewer"),
        "userProjectRole": "member",
    },
    writes="registry_member.change_role",
)
mutation(
    "assign_role",
    "updateProjectTeamMember",
    lambda scene, _: {
        "projectId": home_id(scene.registry),
        "teamId": encode("Entity", scene.cast.added.entity_id),
        "teamProjectRole": "admin",
    },
    writes="registry_member.change_role",
)

# Teams, projects and accounts

mutation(
    "log_artifacts",
    "upsertModel",
    {"entityName": "other", "name": "fresh"},
    variant="of a team",
    writes="project.create",
)
mutation(
    "create_team",
    "createTeam",
    lambda scene, _: {
        "teamName": "third",
        "organizationId": encode("Organization", scene.cast.organization.pk),
    },
    writes="team.create team_member.add",
    but=someone("installation administrator", answer=200, writes="team.create"),
)
mutation(
    "manage_team",
    "createInvite",
    {"entityName": "other", "username": "the-viewer"},
    writes="team_member.add",
)
mutation(
    "manage_people",
    "createInvite",
    {"entityName": "other", "email": ADDRESS},
    variant="of somebody new",
    writes="invitation.create",
)
mutation(
    "manage_team",
    "deleteInvite",
    lambda scene, _: {"entityName": "other", "id": id_of(scene, "team admin")},
    writes="team_member.remove",
)
mutation(
    "manage_team",
    "deleteInvite",
    lambda scene, key: {"entityName": "other", "id": encode("User", key.user_id)},
    variant="of a program",
    writes="membership.remove api_key.revoke",
    given=robot_with_key,
)
mutation(
    "manage_team",
    "createServiceAccount",
    {"entityName": "other", "description": "Nightly training"},
    writes="user.create membership.add team_member.add",
)
mutation(
    "manage_service_accounts",
    "createServiceAccount",
    {"entityName": "acme", "description": "Nightly training"},
    variant="of an organization",
    writes="user.create membership.add",
)
mutation(
    "installation",
    "createUser",
    {"email": ADDRESS},
    writes="user.create",
    but=someone(*STRANGERS, answer=403),
)
mutation("account", "generateApiKey", {"description": "laptop"}, writes="api_key.issue")
mutation(
    "account",
    "updateUser",
    lambda scene, _: {"defaultEntity": "other"},
    writes="user.choose_default_entity",
    but=someone(*set(PEOPLE) - {"team admin"} - NOT_SIGNED_IN, answer=422),
)
mutation(
    "viewer",
    "deleteApiKey",
    lambda scene, key: {"id": encode("ApiKey", key.pk)},
    writes="api_key.revoke",
    given=key_of_viewer,
    denied=404,
    but=someone("installation administrator", answer=200, writes="api_key.revoke"),
)
