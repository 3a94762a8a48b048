"""Registries by the SDK: made, saved, renamed, deleted, their members, and searched."""

from __future__ import annotations

import pytest

MADE = """
    api = wandb.Api()
    made = api.create_registry(
        "vision", "organization", organization="acme", description="D",
        artifact_types=["model"],
    )
    def read(name):
        each = wandb.Api().registry(name, "acme")
        kinds = list(each.artifact_types)
        return [each.name, each.description, each.visibility, kinds, each.organization]
    def tried(call):
        try:
            return call()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    again = tried(lambda: api.create_registry("vision", "organization", "acme"))
    first = read("vision")
    registry = api.registry("vision", "acme")
    registry.description, registry.visibility = "New", "restricted"
    registry.artifact_types.append("dataset")
    registry.save()
    second = read("vision")
    registry.name = "seeing"
    registry.save()
    third = read("seeing")
    def people():
        return [[each.user.username, each.role] for each in registry.user_members()]
    [user] = api.users("the-viewer@example.org")
    registry.add_members(user)
    registry.update_member(user, "member")
    with_user = people()
    registry.remove_members(user)
    registry.add_members(api.team("added"))
    teams = [[each.team.name, each.role] for each in registry.team_members()]
    without_user = people()
    registry.delete()
    gone = tried(lambda: wandb.Api().registry("seeing", "acme"))
    [again, [first, second, third], [with_user, teams, without_user], gone]
    """


def test_a_registry_is_made_changed_filled_and_deleted(sdk):
    again, reads, members, gone = sdk("organization member")(MADE)

    owner = ["the-organization-member", "owner"]
    assert again == (
        "ValueError: Registry 'vision' already exists in organization 'acme', please use a "
        "different name."
    )
    assert reads == [
        ["vision", "D", "organization", ["model"], "Acme"],
        ["vision", "New", "restricted", ["model", "dataset"], "Acme"],
        ["seeing", "New", "restricted", ["model", "dataset"], "Acme"],
    ]
    assert members == [[owner, ["the-viewer", "member"]], [["added", "viewer"]], [owner]]
    assert gone == ("ValueError: Failed to load registry 'seeing' in organization 'acme'.")


LINKED = """
    with wandb.init(entity="other", project="searched") as run:
        for number in range(4):
            artifact = wandb.Artifact("net", "model", metadata={"score": number})
            with artifact.new_file("weights.bin") as file:
                file.write(str(number))
            run.log_artifact(artifact).wait()
            run.link_artifact(artifact, target + "/net", aliases=[f"a{number}"])
            run.link_artifact(artifact, target + "/copy") if number == 3 else None
    """
TARGET = "acme/wandb-registry-organization"


@pytest.fixture(scope="module")
def searched(sdk):
    """The SDK of somebody who may link into all, with two collections to be found."""
    shell = sdk("organization admin with access")
    shell(LINKED, target=TARGET)
    return shell


VERSIONS = """
    found = wandb.Api().registries("acme", filter={"name": "organization"})
    versions = found.collections(filter={"name": {"$in": ["net", "copy"]}}).versions(
        filter=filter, order=order
    )
    [each.name for each in versions]
    """


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"metadata.score": {"$gte": 2}}, ["copy:v0", "net:v2", "net:v3"]),
        ({"alias": "a1"}, ["net:v1"]),
        ({"$or": [{"alias": "a0"}, {"metadata.score": 2}]}, ["net:v0", "net:v2"]),
        ({"$not": {"metadata.score": {"$lt": 3}}}, ["copy:v0", "net:v3"]),
        ({"metadata.nothing": {"$exists": True}}, []),
    ],
    ids=str,
)
def test_versions_are_found_by_what_is_known_of_them(searched, filters, names):
    assert sorted(searched(VERSIONS, filter=filters, order=None)) == names


def test_they_come_in_the_order_that_was_asked(searched):
    up, down = (
        searched(VERSIONS, filter={"alias": {"$ne": "none"}}, order=order)
        for order in ("created_at", "-created_at")
    )

    assert len(up) == 5
    assert up == down[::-1]


def test_collections_are_found_by_name_and_tag(searched):
    found = searched(
        """
        collection = wandb.Api().artifact_collection("model", target + "/net")
        collection.tags = ["good"]
        collection.save()
        all_of = wandb.Api().registries("acme", filter={"name": "organization"})
        def names(**filter):
            return sorted(each.name for each in all_of.collections(filter=filter))
        [names(tag="good"), names(name={"$regex": "^(net|copy)$"})]
        """,
        target=TARGET,
    )

    assert found == [["net"], ["copy", "net"]]


def test_a_filter_that_is_none_says_so(searched):
    said = searched.tried(VERSIONS, filter={"metadata.score": {"$near": 1}}, order=None)

    assert "$near" in said


def test_organizations_are_named_or_left_out_and_wrong_names_say_so(searched):
    found = searched(
        """
        def tried(call):
            try:
                return call()
            except Exception as error:
                return f"{type(error).__name__}: {error}"
        source = wandb.Api().artifact("other/searched/net:v0")
        [tried(lambda: source.link(path).qualified_name) for path in paths]
        """,
        paths=[
            "wandb-registry-organization/by-name",
            "Acme/wandb-registry-organization/by-name",
            "acme/wandb-registry-organization/by-name",
            "nowhere/wandb-registry-organization/by-name",
            "acme/wandb-registry-nothing/by-name",
            "acme/wandb-registry-dataset/by-name",
        ],
    )

    name = "acme/wandb-registry-organization/by-name:v0"
    assert found == [
        name,
        name,
        name,
        "CommError: Unable to find organization for entity 'other'.",
        "CommError: There is no registry nothing in acme.",
        "CommError: Datasets does not accept the type model; it accepts dataset.",
    ]
