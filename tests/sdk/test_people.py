"""People, teams and keys by the SDK, as scripts of administrators use them."""

from __future__ import annotations


def test_the_viewer_is_the_person_with_teams_and_keys(sdk):
    viewer = sdk("team member")(
        """
        viewer = wandb.Api().viewer
        [viewer.username, viewer.email, viewer.name, viewer.teams, len(viewer.api_keys)]
        """
    )

    name = "the-team-member"
    assert viewer[:3] == [name, f"{name}@example.org", "Team Member"]
    assert set(viewer[3]) - {name} == {"added"}
    assert viewer[4] == 1


def test_a_team_is_made_and_people_and_programs_come_and_go(sdk, place):
    members, robot, left = sdk("organization admin")(
        """
        api = wandb.Api()
        team = api.create_team("fresh")
        assert team.invite("the-viewer@example.org")
        robot = team.create_service_account("The builds")
        team = wandb.Api().team("fresh")
        members = {each.username: each for each in team.members}
        members["the-viewer"].delete()
        left = [each.username for each in wandb.Api().team("fresh").members]
        [sorted(members), robot.username, sorted(left)]
        """
    )

    assert {"the-viewer", robot} <= set(members)
    assert set(members) - set(left) == {"the-viewer"}


def test_people_are_found_and_keys_are_made_and_deleted(sdk):
    found, key, before, after = sdk("organization admin")(
        """
        api = wandb.Api()
        found = [each.username for each in api.users("the-viewer@example.org")]
        key = api.viewer.generate_api_key("laptop")
        mine = wandb.Api(api_key=key).viewer
        before = mine.api_keys
        mine.delete_api_key(next(name for name in before if "laptop" in name))
        after = wandb.Api().viewer.api_keys
        [found, key, before, after]
        """
    )

    assert found == ["the-viewer"]
    assert key.startswith("accession-")
    assert not any(key in name for name in [*before, *after])
    assert len(before) == len(after) + 1


def test_accounts_are_made_by_the_installations_administrator_alone(sdk, place):
    create = "wandb.Api(api_key=key).create_user(email).username"
    keys = place.keys
    shell = sdk("organization admin")

    refused = shell.tried(create, key=keys["organization admin"], email="young@example.org")
    made = shell(
        create, key=keys["installation administrator"], email="j.young@example.org"
    )

    assert refused == "WandbApiFailedError: This needs the installation administrator."
    assert made == "j-young"
