"""What the database itself refuses, on both of them, whatever the code above it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction

from accounts.models import (
    Entity,
    EntityName,
    Invitation,
    Membership,
    Organization,
    TeamMembership,
    User,
)
from accounts.permissions import Role
from registries.models import (
    AcceptedType,
    AccessRequest,
    Alias,
    AliasMove,
    Artifact,
    Automation,
    Blob,
    Collection,
    CollectionNumber,
    Entry,
    Integration,
    Multipart,
    Part,
    Project,
    ProtectedAlias,
    Registry,
    RegistryMember,
    RegistryName,
    Run,
    RunChunk,
    RunFile,
    RunMetric,
    RunWriter,
    SearchTerm,
    Star,
    Tag,
    Upload,
    UploadSession,
    Usage,
    Version,
)
from registries.operations.aliases import set_alias
from tests.factories import (
    SYSTEM,
    EntityFactory,
    RegistryFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    linked_version,
    person,
)

pytestmark = pytest.mark.django_db


class World:
    """One of each thing."""

    def __init__(self) -> None:
        self.version = linked_version(RegistryFactory())
        self.registry, self.collection = self.version.registry, self.version.collection
        self.organization, self.owner = self.registry.organization, self.registry.owner
        self.core = self.organization.registries.get(name="model")
        self.artifact = self.version.artifact
        self.source = self.artifact.source
        self.project = self.source.project
        self.team = TeamFactory(organization=self.organization)
        self.member = person(self.registry, Role.VIEWER).memberships.get()
        self.alias = set_alias(self.version, "production", by=SYSTEM)
        self.run = Run.objects.create(project=self.project, name="run")


def change(model: type[models.Model], row: models.Model, **values: Any) -> None:
    model._default_manager.filter(pk=row.pk).update(**values)


REFUSED: dict[str, Callable[[World], Any]] = {
    "search_term_is_of_its_kind": lambda w: SearchTerm.objects.create(
        organization=w.organization,
        registry=w.registry,
        kind="tag",
        name="vision",
        key="vision",
    ),
    "organization_default_role_is_a_viewer": lambda w: change(
        Organization, w.organization, default_role="member"
    ),
    "organization_registry_creators_are_members_or_admins": lambda w: change(
        Organization, w.organization, registry_creators="viewer"
    ),
    "membership_is_one_per_organization_and_user": lambda w: Membership.objects.create(
        organization=w.organization, user=w.owner.user, role="viewer"
    ),
    "membership_role_is_a_standing": lambda w: change(Membership, w.owner, role="owner"),
    "team_membership_is_one_per_team_and_member": lambda w: [
        TeamMembershipFactory(team=w.team, membership=w.member) for _ in range(2)
    ],
    "team_membership_role_is_a_standing": lambda w: TeamMembership.objects.create(
        team=w.team, membership=w.member, role="owner"
    ),
    "people_have_an_email_and_service_accounts_none": lambda w: change(
        User, w.owner.user, email=None
    ),
    "only_service_accounts_are_of_a_team": lambda w: change(
        User, w.owner.user, team=w.team
    ),
    "service accounts have no address": lambda w: UserFactory(
        is_service_account=True, email="a@b.org"
    ),
    "service accounts administer nothing": lambda w: UserFactory(
        is_service_account=True, is_superuser=True
    ),
    "an address is one person's": lambda w: UserFactory(email=w.owner.user.email),
    "invitation_is_one_per_organization_and_email": lambda w: [
        invite(w, nonce) for nonce in "ab"
    ],
    "invitation_role_is_a_standing": lambda w: invite(w, "a", role="owner"),
    "access_request_is_one_per_person": lambda w: [
        AccessRequest.objects.create(
            registry=w.registry, membership=w.member, role="member"
        )
        for _ in range(2)
    ],
    "access_request_role_can_be_given": lambda w: AccessRequest.objects.create(
        registry=w.registry, membership=w.member, role="owner"
    ),
    "entity_kind_is_known": lambda w: Entity.objects.create(name="a", kind="group"),
    "a name is taken once": lambda w: EntityName.objects.create(
        entity=EntityFactory(), key=w.owner.user.username
    ),
    "core_registry_is_open_ownerless_listed_and_kept": lambda w: change(
        Registry, w.core, visibility="restricted"
    ),
    "a core registry is not owned": lambda w: change(Registry, w.core, owner=w.owner),
    "a core registry does not accept all": lambda w: change(
        Registry, w.core, accepts_all_types=True
    ),
    "a core registry is not deleted": lambda w: change(
        Registry, w.core, deleted_at="2026-01-01T00:00Z"
    ),
    "custom_registry_has_an_owner": lambda w: change(Registry, w.registry, owner=None),
    "registry_visibility_is_known": lambda w: change(
        Registry, w.registry, visibility="public"
    ),
    "registry_name_is_unique_in_organization": lambda w: RegistryName.objects.create(
        organization=w.organization, registry=w.core, key=w.registry.name, is_current=False
    ),
    "registry_has_one_current_name": lambda w: RegistryName.objects.create(
        organization=w.organization, registry=w.registry, key="other"
    ),
    "registry_member_is_a_person_or_a_team": lambda w: RegistryMember.objects.create(
        registry=w.registry, role="viewer"
    ),
    "a grant is not both a person's and a team's": lambda w: RegistryMember.objects.create(
        registry=w.registry, role="viewer", membership=w.owner, team=w.team
    ),
    "registry_member_role_can_be_given": lambda w: RegistryMember.objects.create(
        registry=w.registry, role="owner", team=w.team
    ),
    "registry_member_is_one_per_person": lambda w: RegistryMember.objects.create(
        registry=w.registry, role="viewer", membership=w.member
    ),
    "registry_member_is_one_per_team": lambda w: [
        RegistryMember.objects.create(registry=w.registry, role="viewer", team=w.team)
        for _ in range(2)
    ],
    "integration_name_is_unique_in_entity": lambda w: [integration(w) for _ in range(2)],
    "integration_is_of_its_kind": lambda w: integration(w, workspace="acme"),
    "a Slack channel is in a workspace": lambda w: integration(w, kind="slack", url=""),
    "automation_has_one_scope": lambda w: automation(w, project=w.project),
    "an automation has a scope": lambda w: automation(w, registry=None),
    "automation_acts_through_an_integration": lambda w: automation(w, action="webhook"),
    "what does nothing needs no integration": lambda w: automation(
        w, integration=integration(w)
    ),
    "automation_name_is_unique_in_registry": lambda w: twice(w, registry=w.registry),
    "automation_name_is_unique_in_project": lambda w: twice(w, project=w.project),
    "automation_name_is_unique_in_collection": lambda w: twice(w, collection=w.collection),
    "automation_name_is_unique_in_entity": lambda w: twice(w, entity=w.team.entity),
    "star_is_on_a_registry_or_a_collection": lambda w: Star.objects.create(
        user=w.owner.user
    ),
    "star_is_once_on_a_registry": lambda w: [
        Star.objects.create(user=w.owner.user, registry=w.registry) for _ in range(2)
    ],
    "star_is_once_on_a_collection": lambda w: [
        Star.objects.create(user=w.owner.user, collection=w.collection) for _ in range(2)
    ],
    "accepted_type_is_one_per_registry": lambda w: AcceptedType.objects.create(
        registry=w.core, name="model"
    ),
    "protected_alias_is_one_per_registry": lambda w: [
        ProtectedAlias.objects.create(registry=w.registry, name="a") for _ in range(2)
    ],
    "project_name_is_unique_in_entity": lambda w: Project.objects.create(
        entity=w.project.entity, name="UPLOADS", key="uploads"
    ),
    "run_id_is_unique_in_project": lambda w: Run.objects.create(
        project=w.project, name="run"
    ),
    "run_chunk_starts_once": lambda w: [chunk(w) for _ in range(2)],
    "run_chunk_has_lines": lambda w: chunk(w, stop=0),
    "run_chunk_stream_is_known": lambda w: chunk(w, stream="stdin"),
    "run_writer_is_once_in_its_run": lambda w: [
        RunWriter.objects.create(run=w.run, client="one") for _ in range(2)
    ],
    "run_metric_is_once_in_its_run": lambda w: [metric(w) for _ in range(2)],
    "run_metric_stream_is_known": lambda w: metric(w, stream="console"),
    "run_file_path_is_unique_in_run": lambda w: [
        RunFile.objects.create(run=w.run, path="config.yaml") for _ in range(2)
    ],
    "collection_is_in_a_registry_or_a_project": lambda w: change(
        Collection, w.collection, project=w.project
    ),
    "collection_in_a_registry_is_linked": lambda w: change(
        Collection, w.collection, kind="logged"
    ),
    "collection_name_is_unique_in_registry": lambda w: Collection.objects.create(
        registry=w.registry, kind="linked", name="C", key=w.collection.key, type="model"
    ),
    "collection_name_is_unique_in_project": lambda w: Collection.objects.create(
        project=w.project, kind="linked", name="C", key=w.source.key, type="model"
    ),
    "collection_number_is_of_a_registry_or_a_project": lambda w: (
        CollectionNumber.objects.create(key="a")
    ),
    "collection_number_is_one_per_registry_name": lambda w: CollectionNumber.objects.create(
        registry=w.registry, key=w.collection.key
    ),
    "collection_number_is_one_per_project_name": lambda w: CollectionNumber.objects.create(
        project=w.project, key=w.source.key
    ),
    "version_number_is_unique_in_collection": lambda w: Version.objects.create(
        collection=w.collection, artifact=pending(w), number=0
    ),
    "version_is_one_per_artifact": lambda w: Version.objects.create(
        collection=w.collection, artifact=w.artifact, number=1
    ),
    "alias_is_on_one_version": lambda w: Alias.objects.create(
        collection=w.collection, version=w.version, name="production"
    ),
    "alias_move_moves": lambda w: AliasMove.objects.create(
        collection=w.collection, name="a", from_number=1, to_number=1
    ),
    "tag_is_on_a_collection_or_a_version": lambda w: Tag.objects.create(
        collection=w.collection, version=w.version, name="a"
    ),
    "tag_is_once_on_a_collection": lambda w: [
        Tag.objects.create(collection=w.collection, name="a") for _ in range(2)
    ],
    "tag_is_once_on_a_version": lambda w: [
        Tag.objects.create(version=w.version, name="a") for _ in range(2)
    ],
    "artifact_content_is_once_in_its_source": lambda w: Artifact.objects.create(
        source=w.source, state="committed", fingerprint=w.artifact.fingerprint
    ),
    "artifact_digest_algorithm_is_known": lambda w: change(
        Artifact, w.artifact, digest_algorithm="sha1"
    ),
    "artifact_ttl_is_not_negative": lambda w: change(Artifact, w.artifact, ttl_seconds=-1),
    "artifact_state_is_known": lambda w: change(Artifact, w.artifact, state="draft"),
    "entry_path_is_unique_in_artifact": lambda w: Entry.objects.create(
        artifact=w.artifact, path="weights.bin", digest="d", size=1
    ),
    "entry_is_a_blob_or_a_reference": lambda w: Entry.objects.update(reference="s3://a/b"),
    "part_number_is_unique_in_file": lambda w: [part(w) for _ in range(2)],
    "entry_size_is_not_negative": lambda w: Entry.objects.update(size=-1),
    "upload_path_is_unique_in_artifact": lambda w: [promise(w) for _ in range(2)],
    "upload_size_is_not_negative": lambda w: promise(w, size=-1),
    "upload_session_received_what_was_announced": lambda w: UploadSession.objects.create(
        artifact=w.artifact, registry=w.registry, collection="c", received_count=1
    ),
    "blob_size_is_not_negative": lambda w: Blob.objects.update(size=-1),
    "bytes are stored once": lambda w: Blob.objects.create(
        sha256=Blob.objects.get().sha256, size=1
    ),
    "usage_is_once_per_run_and_role": lambda w: [
        Usage.objects.create(run=w.run, artifact=w.artifact, role="used") for _ in range(2)
    ],
    "usage_role_is_known": lambda w: Usage.objects.create(
        run=w.run, artifact=w.artifact, role="seen"
    ),
}


def chunk(w: World, stream: str = "console", stop: int = 1) -> RunChunk:
    return RunChunk.objects.create(
        run=w.run, stream=stream, start=0, stop=stop, size=2, content=b""
    )


def metric(w: World, stream: str = "history") -> RunMetric:
    return RunMetric.objects.create(run=w.run, stream=stream, key="loss")


def integration(w: World, **values: Any) -> Integration:
    given = {"entity": w.team.entity, "kind": "webhook", "name": "a", "url": "https://a.b"}
    return Integration.objects.create(**(given | values))


def automation(w: World, **values: Any) -> Automation:
    given = {"registry": w.registry, "name": "a", "action": "nothing"}
    return Automation.objects.create(event="link_artifact", **(given | values))


def twice(w: World, **scope: Any) -> list[Automation]:
    return [automation(w, **{"registry": None} | scope) for _ in range(2)]


def invite(w: World, nonce: str, role: str = "viewer") -> Invitation:
    return Invitation.objects.create(
        organization=w.organization,
        email="new@example.org",
        role=role,
        nonce=nonce,
        expires_at="2030-01-01T00:00Z",
    )


def pending(w: World) -> Artifact:
    return Artifact.objects.create(source=w.source, type="model")


def part(w: World) -> Part:
    whole = w.artifact.entries.get()
    multipart, _ = Multipart.objects.get_or_create(entry=whole)
    return multipart.parts.create(number=1, blob=whole.blob)


def promise(w: World, size: int = 1) -> Upload:
    return Upload.objects.create(artifact=w.artifact, path="a", size=size, md5="m")


@pytest.mark.parametrize("name", REFUSED)
def test_the_database_refuses(name):
    world = World()

    with pytest.raises(IntegrityError), transaction.atomic():
        REFUSED[name](world)


def test_every_constraint_is_tried():
    ours = [
        model
        for app in ("accounts", "registries")
        for model in apps.get_app_config(app).get_models()
    ]
    named = {each.name for model in ours for each in model._meta.constraints}

    assert named - set(REFUSED) == set()


def test_an_owners_membership_cannot_go_without_a_hand_over():
    world = World()

    with pytest.raises(models.RestrictedError):
        world.owner.delete()


def test_an_organization_goes_as_a_whole():
    """RESTRICT, not PROTECT, on the owner: the registries go with it."""
    registry = RegistryFactory()

    registry.organization.delete()

    assert not Registry.objects.filter(pk=registry.pk).exists()
