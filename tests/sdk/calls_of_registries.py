"""What scripts call of registries and automations, as calls.py has it of all else."""

from __future__ import annotations

type Calls = dict[str, tuple[str, object]]

REGISTRIES: Calls = {
    "Api.create_registry": (
        """
        words = {"organization": "acme", "description": "D", "artifact_types": ["model"]}
        made = api.create_registry("vision-" + v, "organization", **words)
        found = [made.description, made.visibility, list(made.artifact_types)]
        [made.name == "vision-" + v, *found, made.organization]
        """,
        [True, "D", "organization", ["model"], "Acme"],
    ),
    "Registry.save": (
        """
        each = registry()
        each.description, each.visibility = "New", "restricted"
        each.artifact_types.append("dataset")
        each.save()
        [registry().description, registry().visibility, list(registry().artifact_types)]
        """,
        ["New", "restricted", ["model", "dataset"]],
    ),
    "Registry.members": (
        """
        each = registry()
        [user] = api.users("the-viewer@example.org")
        each.add_members(user)
        each.update_member(user, "member")
        roles = {each.user.username: each.role for each in each.user_members()}
        each.remove_members(user)
        each.add_members(api.team("added"))
        [roles["the-viewer"], [each.team.name for each in each.team_members()]]
        """,
        ["member", ["added"]],
    ),
    "Api.registries": (
        """
        names = [each.name for each in api.registries(organization='acme')]
        names = sorted(each.removeprefix('wandb-registry-') for each in names)
        [each for each in names if '-' not in each]
        """,
        ["dataset", "model", "organization", "restricted"],
    ),
    "Registries.collections": (
        """
        found = api.registries('acme', filter={'name': 'organization'})
        found = found.collections(filter={'name': 'net-' + v})
        [each.name == 'net-' + v for each in found]
        """,
        [True],
    ),
    "Registries.versions": (
        """
        found = api.registries("acme", filter={"name": "organization"})
        found = found.collections(filter={"name": "net-" + v})
        found = found.versions(filter={"alias": "staging"})
        digest = wandb.Api().artifact(mine + ":v1").digest
        [[each.name == f"net-{v}:v0", each.digest == digest] for each in found]
        """,
        [[True, True]],
    ),
    "Registries.versions(order)": (
        """
        found = api.registries("acme").versions(order="-created_at")
        found[0].name == f"by-call-{v}:v0"
        """,
        True,
    ),
    "Registry.delete": (
        """
        registry().delete()
        ['vision-' + v in [each.name for each in wandb.Api().registries('acme')]]
        """,
        [False],
    ),
    "Api.create_automation": (
        """
        from wandb.automations import *
        collection = api.artifact_collection("model", linked)
        hook = next(iter(api.webhook_integrations(entity="acme")))
        event = OnAddArtifactAlias(scope=collection, filter=ArtifactEvent.alias.eq("prod"))
        action = SendWebhook.from_integration(hook)
        made = api.create_automation(event >> action, name="of " + v)
        [made.name == "of " + v, made.enabled, made.scope.name == "net-" + v]
        """,
        [True, True, True],
    ),
    "Api.create_automation(run metric)": (
        """
        from wandb.automations import *
        scope, wanted = api.project(project, "other"), RunEvent.metric("loss").avg(5).gt(1)
        event = OnRunMetric(scope=scope, filter=wanted)
        made = api.create_automation(event >> DoNothing(), name="metric " + v)
        made.name == "metric " + v
        """,
        True,
    ),
    "Api.automation": (
        """
        api.automation(name="of " + v, entity="acme").event.event_type.value
        """,
        "ADD_ARTIFACT_ALIAS",
    ),
    "Api.automations": (
        """
        places = "acme", "other"
        listed = [[each.name for each in api.automations(entity=e)] for e in places]
        ["of " + v in listed[0], "metric " + v in listed[1]]
        """,
        [True, True],
    ),
    "Api.update_automation": (
        """
        one = api.automation(name="of " + v, entity="acme")
        one.enabled = False
        api.update_automation(one).enabled
        """,
        False,
    ),
    "Api.delete_automation": (
        "api.delete_automation(api.automation(name='of ' + v, entity='acme'))",
        True,
    ),
    "Api.slack_integrations": (
        "[each.channel_name for each in api.slack_integrations(entity='other')]",
        ["#models"],
    ),
    "wandb artifact": (
        """
        pathlib.Path("rows.csv").write_text("1,2")
        env = {k: w for k, w in os.environ.items() if k != "WANDB_SILENT"}
        def run(*words):
            command = [sys.executable, "-m", "wandb", "artifact", *words]
            done = subprocess.run(command, capture_output=True, text=True, env=env)
            assert done.returncode == 0, done.stdout + done.stderr
            return done.stdout + done.stderr
        run("put", "-n", f"other/{project}/table", "-t", "dataset", "rows.csv")
        run("get", f"other/{project}/table:v0", "--root", "back")
        ["table:v0" in run("ls", f"other/{project}"), open("back/rows.csv").read()]
        """,
        [True, "1,2"],
    ),
    "a refusal": (
        """
        said = []
        for refused in (
            lambda: wandb.init(entity="acme", project="p", settings=QUIET),
            lambda: api.create_project("a/b", "other"),
        ):
            try:
                refused()
            except Exception as error:
                said.append(str(error))
        ["runs go to one of its teams, or a person." in said[0], len(said)]
        """,
        [True, 2],
    ),
}
