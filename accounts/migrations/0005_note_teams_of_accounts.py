"""Note the team of service accounts that were made in one."""

from collections import defaultdict

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def note(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    teams = defaultdict(set)
    TeamMembership = apps.get_model("accounts", "TeamMembership")
    of_programs = TeamMembership.objects.filter(membership__user__is_service_account=True)
    for user, team in of_programs.values_list("membership__user", "team"):
        teams[user].add(team)
    for user, found in teams.items():
        if len(found) == 1:
            apps.get_model("accounts", "User").objects.filter(pk=user).update(
                team=found.pop()
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_accounts_of_teams")]

    operations = [migrations.RunPython(note, migrations.RunPython.noop)]
