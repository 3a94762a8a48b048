"""Projects, where people and programs log artifacts."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from accounts import text
from accounts.actors import Actor, Denied, authorize, refuse_read_only
from accounts.models import Team, User
from accounts.operations.memberships import is_active_now
from accounts.permissions import TeamPermission
from registries.events import record
from registries.models import Project

UPLOADS = "uploads"
"""The project into which browser uploads and `publish` log."""


@transaction.atomic
def ensure_project(
    owner: Team | User, name: str, *, description: str = "", by: Actor
) -> Project:
    """Return the live project of a team or person, making it if missing.

    Writes project.create.
    """
    if isinstance(owner, Team):
        authorize(by, TeamPermission.LOG, owner)
    else:
        _authorize_self(owner, by=by)
    name = text.project_name(name)
    key = text.fold(name)
    projects = Project.objects.live().filter(entity=owner.entity, key=key)
    if found := projects.first():
        return found
    try:
        with transaction.atomic():
            project = Project.objects.create(
                entity=owner.entity,
                name=name,
                key=key,
                description=text.text(description),
            )
    except IntegrityError:
        return projects.get()
    record("project.create", project, by=by)
    return project


def _authorize_self(owner: User, *, by: Actor) -> None:
    refuse_read_only(by)
    if not by.is_system and (by.user != owner or not is_active_now(owner)):
        raise Denied("Only its person logs into a personal project.")
