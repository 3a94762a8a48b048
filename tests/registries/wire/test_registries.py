"""Registries as the wire makes, saves, renames and deletes them; who is in them."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.permissions import Role
from registries.models import Registry
from registries.operations.members import set_role
from registries.operations.registries import edit_registry
from registries.wire.ids import encode, home_id
from tests.cast import CORE, OPEN, RESTRICTED
from tests.digest import unchanged
from tests.doors import Scene
from tests.doors_of_wire import ask, id_of, with_people
from tests.factories import SYSTEM, linked_version
from tests.registries.wire.test_places import change, nodes, read

pytestmark = pytest.mark.django_db

FRAGMENT = """fragment F on Project {
  __typename id internalId name access description
  types: allowAllArtifactTypesInRegistry
  artifactTypes(includeAll: true) { edges { node { name } } }
  entity { name organization { name } }
}"""
UPSERT = f"""mutation U($input: UpsertModelInput!) {{
  upsertModel(input: $input) {{ inserted project {{ ...F }} }} }} {FRAGMENT}"""
RENAME = f"""mutation R($input: RenameProjectInput!) {{
  renameProject(input: $input) {{ inserted project {{ ...F }} }} }} {FRAGMENT}"""


def told(scene: Scene, person: str, document: str, **sent: Any) -> Any:
    """What a mutation answers, or its status and sentence where it was refused."""
    client = scene.program(person)
    answered = ask(client, document, input=sent)
    if answered.status_code == 200:
        [data] = answered.json()["data"].values()
        project = data["project"]
        types = [node["name"] for node in nodes(project.pop("artifactTypes"))]
        return {"inserted": data["inserted"], **project, "artifactTypes": types}
    return answered.status_code, answered.json()["errors"][0]["message"]


def types(*names: str) -> dict[str, Any]:
    return {
        "artifactTypes": [{"name": name} for name in names],
        "allowAllArtifactTypesInRegistry": not names,
    }


def test_a_registry_is_made_saved_renamed_and_found_by_its_former_name(cast):
    scene, by = Scene(cast, OPEN), "organization member"
    named = {"entityName": "acme", "name": "wandb-registry-Fraud"}
    first = {"description": "Scores.", "access": "RESTRICTED", **types("model", "a b")}

    made = told(scene, by, UPSERT, **named, **first)
    saved = told(scene, by, UPSERT, **named, description="", access="PRIVATE", **types())
    listed = told(scene, by, UPSERT, **named, **types("onnx"))
    renamed = told(
        scene,
        by,
        RENAME,
        entityName="acme",
        oldProjectName=named["name"],
        newProjectName="wandb-registry-Risk",
    )
    again = told(scene, by, UPSERT, **named, description="Overwritten.")

    registry = Registry.objects.get(name="Risk")
    assert made == {
        "inserted": True,
        "__typename": "Project",
        "id": home_id(registry),
        "internalId": encode("Project", 2 * registry.pk + 1),
        "name": "wandb-registry-Fraud",
        "access": "RESTRICTED",
        "description": "Scores.",
        "types": False,
        "artifactTypes": ["model", "a b"],
        "entity": {"name": "acme", "organization": {"name": "Acme"}},
    }
    assert saved == made | {
        "inserted": False,
        "access": "PRIVATE",
        "description": None,
        "types": True,
    }
    assert listed == saved | {"types": False, "artifactTypes": ["model", "a b", "onnx"]}
    assert renamed == listed | {"name": "wandb-registry-Risk"}
    status, sentence = again
    assert (status, "is called wandb-registry-Risk by now" in sentence) == (409, True)
    assert (registry.description, registry.owner.user) == ("", cast.person(by))


def test_a_registry_is_saved_as_a_whole_or_not_at_all(cast):
    scene = Scene(cast, OPEN)
    linked_version(scene.registry, "tables", artifact_type="dataset")
    named = {"entityName": "ACME", "name": "wandb-registry-ORGANIZATION"}
    scene.program("admin"), scene.program("member")
    with unchanged():
        for sent, refusal in (
            ({"access": "PUBLIC"}, "The visibility is organization or restricted."),
            ({"access": "PRIVATE", **types("job")}, "The type job is reserved."),
        ):
            answer = told(scene, "admin", UPSERT, **named, description="New.", **sent)
            assert answer == (422, refusal)
        status, sentence = told(
            scene, "member", UPSERT, **named, description="New.", access="RESTRICTED"
        )
        all_and_some = told(
            scene, "admin", UPSERT, **named, artifactTypes=[{"name": "onnx"}]
        )

    assert (status, sentence.split(" in the registry")[0]) == (
        403,
        "Changing the visibility needs the role Admin",
    )
    assert all_and_some[0] == 409
    taken = told(scene, "admin", UPSERT, **named, **types("onnx"))
    assert taken["artifactTypes"] == ["dataset", "model", "onnx"]  # what is in use stays


def test_what_is_no_registry_is_not_treated_as_one(cast):
    scene, by = Scene(cast, OPEN), "organization admin"
    for sent, refusal in (
        ({"entityName": "acme", "name": "plain"}, (422, "acme is an organization")),
        ({"entityName": "elsewhere", "name": "wandb-registry-x"}, (404, "There is no org")),
        ({"entityName": "nowhere", "name": "plain"}, (404, "There is no team or person")),
        ({"entityName": "acme", "name": "wandb-registry-a/b"}, (422, "The name does not")),
        ({"entityName": "acme"}, (422, "acme is an organization")),
    ):
        status, sentence = told(scene, by, UPSERT, **sent)
        assert (status, sentence[: len(refusal[1])]) == refusal, (sent, sentence)
    project = told(scene, "team admin", UPSERT, entityName="other", name="Fresh")
    again = told(scene, "team admin", UPSERT, entityName="other", name="fresh")
    mine = told(scene, "outsider", UPSERT, name="mine", description="Notes.")

    assert (project["inserted"], again["inserted"]) == (True, False)
    assert project["name"] == again["name"] == "Fresh"
    assert (mine["entity"]["name"], mine["description"]) == ("the-outsider", "Notes.")
    former, name = "wandb-registry-organization", "wandb-registry-x"
    for old, new, status in ((former, "x", 422), ("Fresh", name, 404), ("no", name, 404)):
        sent = {"oldProjectName": old, "newProjectName": new}
        assert told(scene, by, RENAME, entityName="acme", **sent)[0] == status
    assert change(scene, by, "deleteModel", id=encode("Project", 2))[0] == 404


def test_a_core_registry_keeps_its_name_visibility_and_place(cast):
    scene, by = Scene(cast, CORE), "organization admin"
    named = {"entityName": "acme", "name": "wandb-registry-model"}
    new = {"oldProjectName": named["name"], "newProjectName": "wandb-registry-x"}

    with_more = told(scene, by, UPSERT, **named, description="Ours.", **types("onnx"))

    assert (with_more["description"], with_more["artifactTypes"]) == (
        "Ours.",
        ["model", "onnx"],
    )
    assert told(scene, by, UPSERT, **named, access="RESTRICTED")[0] == 409
    assert told(scene, by, UPSERT, **named, **types())[0] == 409
    assert told(scene, by, RENAME, entityName="acme", **new)[0] == 409
    assert change(scene, by, "deleteModel", id=home_id(scene.registry))[0] == 409


# Members


def test_several_members_are_added_and_removed_together_or_not_at_all(cast):
    scene, by = Scene(cast, RESTRICTED), "admin"
    new = ("organization viewer", "organization member")

    def do(mutation: str, *people: str, teams: tuple[str, ...] = ()) -> Any:
        return change(scene, by, mutation, **with_people(*people, teams=teams)(scene, None))

    for mutation, people, refusal in (
        ("createProjectMembers", (*new, "member"), "was given the role Member already"),
        ("createProjectMembers", (*new, "owner"), "the-owner owns restricted"),
        ("deleteProjectMembers", ("member", *new), "was given no role in restricted"),
        ("createProjectMembers", (*new, "outsider"), "There is no user "),
        ("createProjectMembers", (), "Name 1 to 100 people or teams."),
    ):
        before = scene.registry.members.count()
        _, sentence = do(mutation, *people)
        assert refusal in sentence
        assert scene.registry.members.count() == before

    assert do("createProjectMembers", *new, "viewer", teams=("other",)) == (200, "")
    assert do("createProjectMembers", *new) == (200, "")
    assert do("deleteProjectMembers", *new, teams=("other",)) == (200, "")


def test_another_role_leaves_when_it_ends_and_why_as_they_are(cast):
    scene = Scene(cast, RESTRICTED)
    given = set_role(
        scene.registry, scene.person("viewer"), Role.VIEWER, reason="On call.", by=SYSTEM
    )
    sent = {"projectId": home_id(scene.registry), "userId": id_of(scene, "viewer")}

    done = change(scene, "admin", "updateProjectMember", **sent, userProjectRole="admin")
    bad = change(scene, "admin", "updateProjectMember", **sent, userProjectRole="owner")

    given.refresh_from_db()
    assert (done, given.role, given.reason) == ((200, ""), Role.ADMIN, "On call.")
    assert bad == (422, "The role is one of restricted_viewer, viewer, member, admin.")


def test_only_who_runs_the_installation_names_somebody_from_outside(cast):
    scene, by = Scene(cast, RESTRICTED), "installation administrator"
    sent = with_people("outsider")(scene, None)

    refused = change(scene, "admin", "createProjectMembers", **sent)
    done = change(scene, by, "createProjectMembers", **sent)

    assert refused == (404, f"There is no user {sent['userIds'][0]}.")
    assert done == (200, "")
    joined = cast.organization.memberships.get(user=scene.person("outsider"))
    assert joined.role == Role.MEMBER
    roles = {m.holder: m.role for m in scene.registry.members.all()}
    assert roles["the-outsider"] == Role.VIEWER


# Lists

LIST = """query L($filters: JSONString, $order: String, $first: Int, $after: String) {
  organization(name: "Acme") { orgEntity {
    projects(filters: $filters, order: $order, first: $first, after: $after) {
      totalCount pageInfo { endCursor hasNextPage } edges { node { name } } } } } }"""


def listed(scene: Scene, person: str, **asked: Any) -> list[str]:
    found = read(scene, person, LIST, **asked)["organization"]["orgEntity"]["projects"]
    return [node["name"].removeprefix("wandb-registry-") for node in nodes(found)]


def test_registries_are_filtered_and_sorted_among_those_that_one_sees(cast):
    scene = Scene(cast, RESTRICTED)
    edit_registry(scene.registry, description="Secret plans.", by=SYSTEM)
    secret = '{"description": {"$contains": "Secret"}}'
    by_id = f'{{"id": {2 * scene.registry.pk + 1}}}'

    assert listed(scene, "member") == ["dataset", "model", "organization", "restricted"]
    assert listed(scene, "member", order="-name", first=2) == ["restricted", "organization"]
    for filters in (secret, by_id):
        assert listed(scene, "member", filters=filters) == ["restricted"]
        assert listed(scene, "organization member", filters=filters) == []
    for asked in ({"filters": '{"colour": 1}'}, {"order": "size"}, {"after": "x"}):
        assert ask(scene.program("member"), LIST, **asked).status_code == 422
