"""What each of the cast gets for each call of the SDK: a value, or the exact exception."""

from __future__ import annotations

import pytest

from tests.cast import PEOPLE, RESTRICTED
from tests.rights import role_of

NAME = "acme/wandb-registry-restricted/classifier:v0"
CALLS = {
    "see": "wandb.Api(api_key=key).artifact(name).qualified_name",
    "download": """
        import os
        artifact = wandb.Api(api_key=key).artifact(name)
        os.listdir(artifact.download(root="out-" + person, skip_cache=True))
        """,
    "edit aliases": """
        artifact = wandb.Api(api_key=key).artifact(name)
        artifact.aliases.append("of-" + person)
        artifact.save()
        "of-" + person in wandb.Api(api_key=key).artifact(name).aliases
        """,
    "registry": "wandb.Api(api_key=key).registry('restricted', 'acme').name",
    "registries": """
        mine = {"model", "dataset", "organization", "restricted"}
        found = {each.name for each in wandb.Api(api_key=key).registries("acme")}
        sorted(found & mine)
        """,
    "edit registry": """
        registry = wandb.Api(api_key=key).registry("restricted", "acme")
        registry.description = "By " + person
        registry.save()
        wandb.Api(api_key=key).registry("restricted", "acme").description == "By " + person
        """,
    "members": """
        registry = wandb.Api(api_key=key).registry("restricted", "acme")
        "the-owner" in [each.user.username for each in registry.user_members()]
        """,
}
OF_ARTIFACTS = ("see", "download", "edit aliases")
ALLOWED = {
    "see": NAME,
    "download": ["weights.bin"],
    "edit aliases": True,
    "registry": "restricted",
    "registries": ["dataset", "model", "organization", "restricted"],
    "edit registry": True,
    "members": True,
}
DENIED = {
    "download": "WandbApiFailedError: Downloading needs the role Viewer in the registry "
    "restricted; an Admin of it can give it.",
    "edit aliases": "CommError: Editing aliases needs the role Member in the registry "
    "restricted; an Admin of it can give it.",
    # The SDK keeps our sentence to itself here.
    "edit registry": "ValueError: Failed to save registry 'restricted' in organization "
    "'Acme'",
}
FROM = {"download": "Viewer", "edit aliases": "Member", "edit registry": "Member"}
ROLES = ["R.Viewer", "Viewer", "Member", "Admin", "Owner", "all"]
NOT_FOUND = "CommError: project 'wandb-registry-restricted' not found under entity 'acme'"
NOT_LOADED = "ValueError: Failed to load registry 'restricted' in organization 'acme'."
NO_ORGANIZATION = "CommError: Organization 'acme' not found."
OUTSIDE = {
    "outsider": "CommError: Expecting the organization name or entity name to match "
    "'Elsewhere' and cannot be linked/fetched with 'acme'. Please update the target path "
    "with the correct organization name.",
    "removed": "CommError: Unable to find organization for entity 'the-removed'.",
    "installation administrator": "CommError: Unable to find organization for entity "
    "'the-installation-administrator'.",
}
"""What the SDK says of a path into an organization that is not one's own."""


def expected(person: str, call: str) -> object:
    """What rules.md says, in the words of the SDK where it has its own."""
    role = role_of(person, RESTRICTED, "Viewer")
    if person in OUTSIDE and call in OF_ARTIFACTS:
        return OUTSIDE[person]
    if person in OUTSIDE and role == "-":
        please = " Please verify the organization name is correct."
        listed = NO_ORGANIZATION.replace("CommError", "ValueError") + please
        return listed if call == "registries" else NO_ORGANIZATION
    if role == "-" and call == "registries":
        return ALLOWED[call][:-1]
    if role == "-":
        return NOT_FOUND if call in OF_ARTIFACTS else NOT_LOADED
    weakest = FROM.get(call, "R.Viewer")
    is_enough = ROLES.index(role) >= ROLES.index(weakest)
    return ALLOWED[call] if is_enough else DENIED[call]


@pytest.mark.parametrize("person", sorted(set(PEOPLE) - {"anonymous", "deactivated"}))
def test_everybody_gets_what_the_rules_say(sdk, place, person):
    shell, values = sdk("owner"), {"person": person.replace(" ", "-"), "name": NAME}

    found = {
        call: shell.tried(code, key=place.keys[person], **values)
        for call, code in CALLS.items()
    }

    assert found == {call: expected(person, call) for call in CALLS}


LINK = """
    with wandb.init(project="mine") as run:
        artifact = wandb.Artifact("net", "model")
        with artifact.new_file("weights.bin") as file:
            file.write(person)
        run.log_artifact(artifact)
        artifact.wait()
        linked = [artifact.link(path) for path in paths]
    linked[-1].qualified_name
    """
LINKED = "acme/wandb-registry-restricted/of-the-{}"
NOT_LINKED = (
    "CommError: Linking an artifact needs the role Member in the registry restricted; an "
    "Admin of it can give it."
)


@pytest.mark.parametrize(
    ("person", "answer"),
    [
        ("member", "acme/wandb-registry-restricted/of-the-member:v0"),
        ("viewer", NOT_LINKED),
        ("organization member", "CommError: There is no registry restricted in acme."),
        ("outsider", OUTSIDE["outsider"]),
    ],
)
def test_who_links_what_is_theirs_needs_the_role(sdk, person, answer):
    paths = [LINKED.format(person.replace(" ", "-"))]

    assert sdk(person).tried(LINK, person=person, paths=paths) == answer
