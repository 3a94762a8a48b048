"""What everybody reads of people, teams, organizations and registries."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Invitation, User
from accounts.operations.invitations import accept_invitation
from accounts.operations.teams import add_team_member, remove_team_member
from accounts.permissions import Role
from registries.operations.organizations import delete_team
from tests.cast import CORE, KINDS, OPEN, PEOPLE, RESTRICTED
from tests.digest import unchanged
from tests.doors import NOT_SIGNED_IN, STRANGERS, Scene, client_with_key
from tests.doors_of_wire import ask, document_of
from tests.factories import SYSTEM, MembershipFactory, acting
from tests.operations import membership
from tests.rights import role_of

pytestmark = pytest.mark.django_db

READ = """query Read($registry: String!, $name: String) {
  viewer { username entity }
  team: entity(name: "other") { name members { username } organization { name } }
  organization(name: "acme") {
    name
    orgEntity { name entityType projects { edges { node { name access entity {
      organization { name } } } } } }
  }
  users(query: $name) { edges { node {
    username entity apiKeys { edges { node { name } } } } } }
  project(name: $registry, entityName: "Acme") {
    name members { username role { name } }
    teamMembers { team { name members { username } } role { name } }
  }
}"""


def read(scene: Scene, person: str, document: str, **variables: Any) -> Any:
    """The data that a program of somebody gets."""
    client = scene.program(person)
    with unchanged():
        answered = ask(client, document, **variables).json()
    assert "errors" not in answered, answered
    return answered["data"]


def nodes(connection: Any) -> list[Any]:
    return [edge["node"] for edge in connection["edges"]]


def seen_registries(person: str) -> set[str]:
    seen = {kind for kind in KINDS if role_of(person, kind, "Viewer") != "-"}
    names = {CORE: {"model", "dataset"}, OPEN: {OPEN}, RESTRICTED: {RESTRICTED}}
    return {f"wandb-registry-{name}" for kind in seen for name in names[kind]}


@pytest.mark.parametrize("person", PEOPLE)
def test_everybody_reads_what_they_see_and_nothing_else_is_there(cast, person):
    scene = Scene(cast, RESTRICTED)
    client = scene.program(person)
    name = f"wandb-registry-{scene.registry.name}"
    wanted = {"registry": name, "name": "THE-VIEWER"}
    if person in NOT_SIGNED_IN:
        assert ask(client, READ, **wanted).status_code == 401
        return

    found = read(scene, person, READ, **wanted)

    username = cast.person(person).username
    assert found["viewer"] == {"username": username, "entity": username}
    if person in STRANGERS:
        assert (found["team"], found["organization"], found["project"]) == (None,) * 3
        assert found["users"] == {"edges": []}
        return
    assert found["team"]["members"] == [{"username": "the-team-admin"}]
    assert found["team"]["organization"] == {"name": "Acme"}
    listed = nodes(found["organization"]["orgEntity"]["projects"])
    assert {each["name"] for each in listed} == seen_registries(person)
    assert {each["entity"]["organization"]["name"] for each in listed} == {"Acme"}
    [viewer] = nodes(found["users"])
    assert viewer["username"] == "the-viewer"
    assert viewer["entity"] == ("the-viewer" if person == "viewer" else None)
    labels = [key["name"] for key in nodes(viewer["apiKeys"])]
    assert [label.partition(" ")[0] for label in labels] == (
        ["script"] if person == "viewer" else []
    )
    if role_of(person, RESTRICTED, "Viewer") == "-":
        assert found["project"] is None
    else:
        roles = {m["username"]: m["role"]["name"] for m in found["project"]["members"]}
        assert (roles["the-owner"], roles["the-viewer"]) == ("owner", "viewer")
        [team] = found["project"]["teamMembers"]
        assert team["role"] == {"name": "member"}
        assert team["team"]["members"] == [{"username": "the-team-member"}]


def change(scene: Scene, person: str, mutation: str, **sent: Any) -> Any:
    """The status of a mutation, and what it said."""
    answered = ask(scene.program(person), document_of(mutation), input=sent)
    errors = answered.json().get("errors") or [{"message": ""}]
    return answered.status_code, errors[0]["message"]


DEFAULT = """{ viewer { entity teams { edges { node { name } } } } entity { name } }"""


def test_a_chosen_team_is_the_default_while_one_is_in_it(cast):
    scene = Scene(cast, OPEN)
    viewer = membership(scene, "viewer")
    add_team_member(cast.other, viewer, Role.VIEWER, by=SYSTEM)

    refused = change(scene, "viewer", "updateUser", defaultEntity="added")
    chosen = change(scene, "viewer", "updateUser", defaultEntity="Other")
    while_in_it = read(scene, "viewer", DEFAULT)
    remove_team_member(cast.other, viewer, by=SYSTEM)
    afterwards = read(scene, "viewer", DEFAULT)

    assert refused == (422, "The default is your own name, or that of a team you are in.")
    assert chosen == (200, "")
    assert while_in_it["viewer"]["entity"] == while_in_it["entity"]["name"] == "other"
    assert [team["name"] for team in nodes(while_in_it["viewer"]["teams"])] == [
        "the-viewer",
        "other",
    ]
    assert afterwards["viewer"]["entity"] == afterwards["entity"]["name"] == "the-viewer"


MEMBERS = """{ entity(name: "other") { members {
  id name email role admin pending accountType apiKey } } }"""


@pytest.mark.parametrize("is_deleted", [False, True])
def test_who_is_invited_waits_and_joins_the_team_if_it_is_still_there(cast, is_deleted):
    scene = Scene(cast, OPEN)
    outsider = scene.person("outsider")

    change(
        scene,
        "organization admin",
        "createInvite",
        entityName="other",
        email=outsider.email,
        admin=True,
    )
    again = change(
        scene,
        "organization admin",
        "createInvite",
        entityName="other",
        email=outsider.email,
    )
    page = scene.client("outsider").get(
        f"/account/invitation/{Invitation.objects.get().token}/"
    )
    waiting = read(scene, "organization admin", MEMBERS)["entity"]["members"]
    hidden = read(scene, "team admin", MEMBERS)["entity"]["members"]
    if is_deleted:
        delete_team(cast.other, by=SYSTEM)
    accept_invitation(Invitation.objects.get(), by=acting(outsider))

    assert again == (409, f"{outsider.email} is invited already. Send it again instead.")
    assert [(m["name"], m["admin"], m["pending"]) for m in waiting] == [
        (outsider.email, True, True),
        ("Team Admin", True, False),
    ]
    assert hidden == waiting[1:]
    assert b"with the role Member, and into the team other." in page.content
    joined = cast.other.memberships.filter(membership__user=outsider, role=Role.ADMIN)
    assert joined.exists() is not is_deleted


def test_an_invitation_into_a_team_is_taken_back(cast):
    scene = Scene(cast, OPEN)
    by = "organization admin"
    change(scene, by, "createInvite", entityName="other", email="new@example.org")
    waiting = read(scene, by, MEMBERS)["entity"]["members"][0]

    done = change(scene, by, "deleteInvite", entityName="other", id=waiting["id"])
    again = change(scene, by, "deleteInvite", entityName="other", id=waiting["id"])

    assert done == (200, "")
    assert again == (404, f"There is no member {waiting['id']} of the team other.")
    assert Invitation.objects.open().count() == 0


def test_inviting_who_is_in_the_team_changes_no_role(cast):
    scene = Scene(cast, OPEN)
    sent = {"entityName": "other", "username": "the-team-admin"}

    answered = change(scene, "organization admin", "createInvite", **sent)

    assert answered == (409, "the-team-admin is in other already.")
    assert change(
        scene, "organization admin", "createInvite", entityName="other", username="no"
    ) == (422, "There is no no in Acme.")


def test_names_are_made_of_what_is_there_and_numbered(cast):
    scene = Scene(cast, OPEN)
    for email, username in (
        ("max.moritz+tag@example.org", "max-moritz-tag"),
        ("max-moritz.tag@example.org", "max-moritz-tag-2"),
        ("admin@example.org", "admin-2"),  # is reserved
        ("_@example.org", "user-2"),  # so is user, what is left of nothing
        (f"{'x' * 60}@example.org", "x" * 52),
    ):
        status = change(scene, "installation administrator", "createUser", email=email)
        assert status == (200, ""), email
        assert User.objects.get(email=email).username == username


def test_a_service_account_may_no_more_than_who_made_it(cast):
    scene = Scene(cast, OPEN)
    viewer = membership(scene, "organization viewer")
    add_team_member(cast.other, viewer, Role.ADMIN, by=SYSTEM)

    for person, role in (("organization viewer", "viewer"), ("team admin", "member")):
        change(
            scene,
            person,
            "createServiceAccount",
            entityName="other",
            description=f"Nachts: Läufe von {person}",
        )
        made = User.objects.filter(is_service_account=True).latest("pk")
        assert made.username == f"Nachts-L-ufe-von-{person.replace(' ', '-')}"
        assert made.full_name == f"Nachts: Läufe von {person}"
        assert (made.team, made.memberships.get().role) == (cast.other, role)


def test_a_key_opens_doors_until_it_is_deleted(cast):
    scene = Scene(cast, OPEN)
    made = ask(
        scene.program("viewer"),
        "mutation { generateApiKey(input: {}) { apiKey { id name description } } }",
    ).json()["data"]["generateApiKey"]["apiKey"]
    client = client_with_key(made["name"])
    own = "{ viewer { username apiKeys { edges { node { id name description } } } } }"

    found = ask(client, own).json()["data"]["viewer"]
    deleted = change(scene, "viewer", "deleteApiKey", id=made["id"])

    hint = made["name"][-4:]
    assert found["username"] == "the-viewer"
    assert nodes(found["apiKeys"])[-1] == made | {"name": f"made by a program (…{hint})"}
    assert deleted == (200, "")
    assert ask(client, own).status_code == 401


def test_a_team_needs_an_organization_named_where_there_are_several(cast):
    scene = Scene(cast, OPEN)
    several = "installation administrator"

    unnamed = change(scene, several, "createTeam", teamName="third")
    MembershipFactory(organization=cast.organization, user=cast.person(several))
    in_one = change(scene, several, "createTeam", teamName="second")
    MembershipFactory(user=cast.person(several))
    in_two = change(scene, several, "createTeam", teamName="third")
    only = change(scene, "organization member", "createTeam", teamName="third")
    taken = change(scene, "outsider", "createTeam", teamName="THIRD")
    unknown = change(scene, "member", "createTeam", teamName="fourth", organizationId="x")
    with_admin = change(
        scene,
        "organization member",
        "createTeam",
        teamName="fifth",
        teamAdminUserName="the-viewer",
    )

    assert unnamed == in_two == (422, "Name the organization that the team is for.")
    assert in_one == (200, "")
    assert cast.organization.teams.filter(entity__name="second").exists()
    assert (only, with_admin) == ((200, ""), (200, ""))
    assert taken == (409, "The name THIRD is not available.")
    assert unknown == (404, "There is no organization x.")
    fifth = cast.organization.teams.get(entity__name="fifth").memberships
    assert sorted(fifth.values_list("membership__user__entity__name", "role")) == [
        ("the-organization-member", "admin"),
        ("the-viewer", "admin"),
    ]
