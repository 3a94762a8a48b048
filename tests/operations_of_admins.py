"""More of the list in `operations.py`: what Admins of organizations and registries do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.actors import Conflict, Denied, Invalid, Missing
from accounts.operations import invitations, sessions
from accounts.operations import organizations as settings
from accounts.permissions import Role
from registries.operations import (
    access,
    aliases,
    collections,
    contents,
    links,
    organizations,
)
from registries.operations import registries as registry_operations
from tests.cast import CORE, OPEN, RESTRICTED
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import CONTENT, ORGANIZATION, OWN, REGISTRY, TEAM, Case

ADDRESS = "new@example.org"
CUSTOM = (OPEN, RESTRICTED)


def invited(scene: Scene) -> Any:
    return invitations.invite(scene.cast.organization, ADDRESS, Role.VIEWER, by=SYSTEM)


def invited_outsider(scene: Scene) -> Any:
    user = scene.person("outsider")
    return invitations.invite(scene.cast.organization, user.email, Role.VIEWER, by=SYSTEM)


def listed(scene: Scene) -> Any:
    if scene.kind == CORE:
        return None  # has a list always
    return contents.switch_types(scene.registry, ["model"], by=SYSTEM)


def protected(scene: Scene) -> Any:
    return contents.protect_alias(scene.registry, "production", by=SYSTEM)


def renamed(scene: Scene) -> Any:
    return registry_operations.edit_registry(scene.registry, name="renamed", by=SYSTEM)


def deleted(scene: Scene) -> Any:
    return registry_operations.delete_registry(scene.registry, by=SYSTEM)


def asked(scene: Scene) -> Any:
    actor = scene.actor("viewer")
    return access.request_access(scene.registry, Role.MEMBER, by=actor)


def signed_in(scene: Scene) -> Any:
    return UserSession.objects.create(
        user=scene.person("viewer"), session_key="somewhere", ip="127.0.0.1"
    )


def signed_in_elsewhere(scene: Scene) -> Any:
    session = signed_in(scene)
    later = timezone.now() + timedelta(days=1)
    Session.objects.create(session_key=session.session_key, expire_date=later)
    return session


CASES = [
    Case(
        operation=sessions.end_session,
        right="account_of_viewer",
        **OWN,
        writes="session.end",
        given=signed_in,
        act=lambda scene, session, by: sessions.end_session(session, by=by),
        again=Missing,
    ),
    Case(
        operation=sessions.end_other_sessions,
        right="account_of_viewer",
        **OWN,
        writes="session.end",
        given=signed_in_elsewhere,
        act=lambda scene, session, by: sessions.end_other_sessions(
            session.user, but="", by=by
        ),
    ),
    Case(
        operation=settings.change_organization_settings,
        right="change_settings",
        **ORGANIZATION,
        writes="organization.change_settings",
        act=lambda scene, _, by: settings.change_organization_settings(
            scene.cast.organization, trash_days=7, by=by
        ),
    ),
    Case(
        operation=invitations.invite,
        right="manage_people",
        **ORGANIZATION,
        writes="invitation.create",
        act=lambda scene, _, by: invitations.invite(
            scene.cast.organization, ADDRESS, Role.VIEWER, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=invitations.resend_invitation,
        right="manage_people",
        **ORGANIZATION,
        writes="invitation.resend",
        given=invited,
        act=lambda scene, offer, by: invitations.resend_invitation(offer, by=by),
        again="invitation.resend",
    ),
    Case(
        operation=invitations.revoke_invitation,
        right="manage_people",
        **ORGANIZATION,
        writes="invitation.revoke",
        given=invited,
        act=lambda scene, offer, by: invitations.revoke_invitation(offer, by=by),
        again=Missing,
    ),
    Case(
        operation=invitations.accept_invitation,
        right="accept_invitation",
        able="outsider",
        denied="viewer",
        writes="invitation.accept membership.add",
        given=invited_outsider,
        act=lambda scene, offer, by: invitations.accept_invitation(offer, by=by),
        again=Missing,
    ),
    Case(
        operation=organizations.delete_team,
        right="manage_team",
        **TEAM,
        writes="team.delete",
        act=lambda scene, _, by: organizations.delete_team(scene.cast.other, by=by),
        again=Denied,
    ),
    Case(
        operation=contents.append_types,
        right="append_types",
        **CONTENT,
        writes="registry.append_types",
        given=listed,
        act=lambda scene, _, by: contents.append_types(scene.registry, ["onnx"], by=by),
    ),
    Case(
        operation=contents.switch_types,
        right="switch_types",
        **REGISTRY,
        writes="registry.switch_types",
        act=lambda scene, _, by: contents.switch_types(
            scene.registry, ["model", "onnx"], by=by
        ),
    ),
    Case(
        operation=contents.protect_alias,
        right="protect_alias",
        **REGISTRY,
        writes="registry.protect_alias",
        act=lambda scene, _, by: contents.protect_alias(
            scene.registry, "production", by=by
        ),
    ),
    Case(
        operation=contents.unprotect_alias,
        right="protect_alias",
        **REGISTRY,
        writes="registry.unprotect_alias",
        given=lambda scene: contents.protect_alias(scene.registry, "golden", by=SYSTEM),
        act=lambda scene, _, by: contents.unprotect_alias(scene.registry, "golden", by=by),
        again=Invalid,
    ),
    Case(
        operation=registry_operations.edit_registry,
        right="edit_registry",
        kinds=CUSTOM,
        **CONTENT,
        writes="registry.rename registry.edit",
        act=lambda scene, _, by: registry_operations.edit_registry(
            scene.registry, name="another-name", icon="rocket", by=by
        ),
    ),
    Case(
        operation=registry_operations.edit_registry,
        right="edit_registry",
        kinds=(CORE,),
        variant="of a core registry",
        able="organization admin",
        denied="admin",
        kind=CORE,
        writes="registry.edit",
        act=lambda scene, _, by: registry_operations.edit_registry(
            scene.registry, description="Shelf.", by=by
        ),
    ),
    Case(
        operation=registry_operations.release_name,
        right="change_visibility",
        kinds=CUSTOM,
        **REGISTRY,
        writes="registry.release_name",
        given=renamed,
        act=lambda scene, _, by: registry_operations.release_name(
            scene.registry, scene.registry.name, by=by
        ),
        again=Invalid,
    ),
    Case(
        operation=registry_operations.delete_registry,
        right="delete_registry",
        **REGISTRY,
        writes="registry.delete",
        act=lambda scene, _, by: registry_operations.delete_registry(scene.registry, by=by),
        again=Missing,
    ),
    Case(
        operation=registry_operations.restore_registry,
        right="delete_registry",
        kinds=CUSTOM,
        **REGISTRY,
        writes="registry.restore",
        given=deleted,
        act=lambda scene, registry, by: registry_operations.restore_registry(
            registry, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=access.accept_request,
        right="assign_role",
        **REGISTRY,
        writes="registry_member.change_role access.accept",
        given=asked,
        act=lambda scene, request, by: access.accept_request(
            request, role=Role.MEMBER, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=access.decline_request,
        right="assign_role",
        **REGISTRY,
        writes="access.decline",
        given=asked,
        act=lambda scene, request, by: access.decline_request(request, by=by),
        again=Conflict,
    ),
    Case(
        operation=aliases.set_alias,
        right="protect_alias",
        variant="that is protected",
        **REGISTRY,
        writes="alias.add",
        given=lambda scene: contents.protect_alias(scene.registry, "golden", by=SYSTEM),
        act=lambda scene, _, by: aliases.set_alias(scene.version, "golden", by=by),
    ),
    Case(
        operation=aliases.remove_alias,
        right="protect_alias",
        variant="that is protected",
        **REGISTRY,
        writes="alias.remove",
        given=protected,
        act=lambda scene, _, by: aliases.remove_alias(
            scene.collection, "production", by=by
        ),
        again=Invalid,
    ),
    Case(
        operation=links.link,
        right="protect_alias",
        variant="with a protected alias",
        **REGISTRY,
        writes="collection.create version.link alias.add",
        given=protected,
        act=lambda scene, _, by: links.link(
            scene.version.artifact, scene.registry, "copy", aliases=["production"], by=by
        ),
    ),
    Case(
        operation=links.unlink,
        right="protect_alias",
        variant="with a protected alias",
        **REGISTRY,
        writes="alias.remove version.unlink",
        given=protected,
        act=lambda scene, _, by: links.unlink(scene.version, by=by),
        again=Missing,
    ),
    Case(
        operation=collections.delete_collection,
        right="protect_alias",
        variant="with a protected alias",
        **REGISTRY,
        writes="collection.delete",
        given=protected,
        act=lambda scene, _, by: collections.delete_collection(scene.collection, by=by),
        again=Conflict,
    ),
]
