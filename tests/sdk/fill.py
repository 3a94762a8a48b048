"""Fill a new installation with the cast; print everybody's API key as JSON."""

from __future__ import annotations

import json
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402

from accounts.operations.keys import issue_api_key  # noqa: E402
from registries.operations import integrations  # noqa: E402
from tests.cast import ANONYMOUS, PEOPLE, build_cast  # noqa: E402
from tests.factories import SYSTEM  # noqa: E402
from tests.operations_of_automations import SLACK, URL  # noqa: E402

call_command("migrate", verbosity=0)
cast = build_cast()
integrations.create_webhook(cast.organization, "deploy", url=URL, by=SYSTEM)
integrations.create_slack_channel(cast.other, "acme", "#models", url=SLACK, by=SYSTEM)
people = {name: cast.person(name) for name in PEOPLE if name != ANONYMOUS}
keys = {
    name: issue_api_key(user, name="sdk", by=SYSTEM)[1]
    for name, user in people.items()
    if user.is_active
}
sys.stdout.write(json.dumps(keys))
