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
from registries.operations import access, contents, organizations
from registries.operations import registries as registry_operations
from tests.doors import Scene
from tests.factories import SYSTEM
from tests.operations import CONTENT, ORGANIZATION, OWN, REGISTRY, TEAM, Case

ADDRESS = "new@example.org"


def invited(scene: Scene) -> Any:
    return invitations.invite(scene.cast.organization, ADDRESS, Role.VIEWER, by=SYSTEM)


def invited_outsider(scene: Scene) -> Any:
    user = scene.person("outsider")
    return invitations.invite(scene.cast.organization, user.email, Role.VIEWER, by=SYSTEM)


def listed(scene: Scene) -> Any:
    return contents.switch_types(scene.registry, ["model"], by=SYSTEM)


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
        **OWN,
        writes="session.end",
        given=signed_in,
        act=lambda scene, session, by: sessions.end_session(session, by=by),
        again=Missing,
    ),
    Case(
        operation=sessions.end_other_sessions,
        **OWN,
        writes="session.end",
        given=signed_in_elsewhere,
        act=lambda scene, session, by: sessions.end_other_sessions(
            session.user, but="", by=by
        ),
    ),
    Case(
        operation=settings.change_organization_settings,
        **ORGANIZATION,
        writes="organization.change_settings",
        act=lambda scene, _, by: settings.change_organization_settings(
            scene.cast.organization, trash_days=7, by=by
        ),
    ),
    Case(
        operation=invitations.invite,
        **ORGANIZATION,
        writes="invitation.create",
        act=lambda scene, _, by: invitations.invite(
            scene.cast.organization, ADDRESS, Role.VIEWER, by=by
        ),
        again=Conflict,
    ),
    Case(
        operation=invitations.resend_invitation,
        **ORGANIZATION,
        writes="invitation.resend",
        given=invited,
        act=lambda scene, offer, by: invitations.resend_invitation(offer, by=by),
        again="invitation.resend",
    ),
    Case(
        operation=invitations.revoke_invitation,
        **ORGANIZATION,
        writes="invitation.revoke",
        given=invited,
        act=lambda scene, offer, by: invitations.revoke_invitation(offer, by=by),
        again=Missing,
    ),
    Case(
        operation=invitations.accept_invitation,
        able="outsider",
        denied="viewer",
        writes="invitation.accept membership.add",
        given=invited_outsider,
        act=lambda scene, offer, by: invitations.accept_invitation(offer, by=by),
        again=Missing,
    ),
    Case(
        operation=organizations.delete_team,
        **TEAM,
        writes="team.delete",
        act=lambda scene, _, by: organizations.delete_team(scene.cast.other, by=by),
        again=Denied,
    ),
    Case(
        operation=contents.append_types,
        **CONTENT,
        writes="registry.append_types",
        given=listed,
        act=lambda scene, _, by: contents.append_types(scene.registry, ["onnx"], by=by),
    ),
    Case(
        operation=contents.switch_types,
        **REGISTRY,
        writes="registry.switch_types",
        act=lambda scene, _, by: contents.switch_types(
            scene.registry, ["model", "onnx"], by=by
        ),
    ),
    Case(
        operation=contents.protect_alias,
        **REGISTRY,
        writes="registry.protect_alias",
        act=lambda scene, _, by: contents.protect_alias(
            scene.registry, "production", by=by
        ),
    ),
    Case(
        operation=contents.unprotect_alias,
        **REGISTRY,
        writes="registry.unprotect_alias",
        given=lambda scene: contents.protect_alias(scene.registry, "golden", by=SYSTEM),
        act=lambda scene, _, by: contents.unprotect_alias(scene.registry, "golden", by=by),
        again=Invalid,
    ),
    Case(
        operation=registry_operations.edit_registry,
        **CONTENT,
        writes="registry.rename registry.edit",
        act=lambda scene, _, by: registry_operations.edit_registry(
            scene.registry, name="another-name", icon="rocket", by=by
        ),
    ),
    Case(
        operation=registry_operations.release_name,
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
        **REGISTRY,
        writes="registry.delete",
        act=lambda scene, _, by: registry_operations.delete_registry(scene.registry, by=by),
        again=Missing,
    ),
    Case(
        operation=registry_operations.restore_registry,
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
        **REGISTRY,
        writes="access.decline",
        given=asked,
        act=lambda scene, request, by: access.decline_request(request, by=by),
        again=Conflict,
    ),
]
