"""Events of everything in a registry or project: the place is read off the subject."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, JSONField, OuterRef, Q, QuerySet, Subquery, When

from accounts import events
from accounts.actors import Actor
from accounts.events import Place
from accounts.models import Event, Organization, User
from registries.models import (
    Artifact,
    Automation,
    Collection,
    Integration,
    Project,
    Registry,
    Run,
    Version,
)
from registries.models.registry import RegistryQuerySet

type Subject = (
    Registry | Collection | Version | Project | Artifact | Run | Automation | Integration
)

SENTENCES = {
    "alias.add": "put {alias} on {collection} {version}",
    "alias.move": "moved {alias} of {collection} {back}to {version}",
    "alias.remove": "took {alias} off {collection} {old_version}",
    "collection.add_tag": "tagged {collection} with {tag}",
    "collection.change_type": "changed the type of {collection} to {type}",
    "collection.create": "created the collection {collection} in {registry}",
    "collection.delete": "deleted the collection {collection} of {registry}",
    "collection.purge": "deleted the collection {collection} for good",
    "collection.edit_card": "edited the card of {collection}",
    "collection.remove_tag": "took the tag {tag} off {collection}",
    "collection.rename": "renamed {collection}, which was {former}",
    "collection.restore": "took {collection} out of the trash",
    "registry.append_types": "added {types} to the types that {registry} accepts",
    "registry.change_visibility": "changed the visibility of {registry} to {visibility}",
    "registry.create": "created the registry {registry}",
    "registry.delete": "put {registry} into the trash",
    "registry.edit": "edited {registry}",
    "registry.move_ownership": "made {owner} the Owner of {registry}",
    "registry.protect_alias": "protected the alias {alias} in {registry}",
    "registry.purge": "deleted {registry} for good",
    "registry.release_name": "gave up {former}, a former name of {registry}",
    "registry.rename": "renamed {registry}, which was {former}",
    "registry.restore": "took {registry} out of the trash",
    "registry.switch_types": "changed the types that {registry} accepts",
    "registry.take_access": "took access to {registry}",
    "registry.unprotect_alias": "stopped protecting the alias {alias} in {registry}",
    "registry_member.add": "gave {member} the role {role} in {registry}",
    "registry_member.change_role": "changed the role of {member} in {registry} to {role}",
    "registry_member.remove": "ended the role of {member} in {registry}",
    "version.add_tag": "tagged a version of {collection} with {tag}",
    "version.edit_description": "described a version of {collection}",
    "version.edit_metadata": "changed the metadata of a version of {collection}",
    "version.link": "linked {collection} {version} to {registry}",
    "version.remove_tag": "took the tag {tag} off a version of {collection}",
    "version.unlink": "unlinked {collection} {old_version} from {registry}",
}
"""What each kind of event in a registry says after the actor's name."""
LONG = (
    "collection.edit_card",
    "registry.edit",
    "version.edit_description",
    "version.edit_metadata",
)
"""The kinds that keep whole texts, which a list of events does not read."""
WHO_RUNS_IT = ("registry.move_ownership", "registry.take_access")
"""What an organization Admin may know of a registry that they do not see."""
KINDS = tuple(
    sorted(
        {
            *SENTENCES,
            *("access.accept", "access.decline", "access.request"),
            *("api_key.expire", "api_key.issue", "api_key.revoke", "user.create"),
            *("artifact.abandon", "artifact.attach", "artifact.begin", "artifact.commit"),
            *("artifact.change_ttl", "artifact.delete"),
            *("automation.change", "automation.create", "automation.delete"),
            *("integration.change", "integration.create", "integration.delete"),
            *("invitation.accept", "invitation.create"),
            *("invitation.resend", "invitation.revoke"),
            *("membership.add", "membership.change_role", "membership.remove"),
            *("organization.change_settings", "organization.create", "project.create"),
            *(
                "run.alert",
                "run.delete",
                "run.finish",
                "run.resume",
                "run.start",
                "run.update",
                "run.use_artifact",
            ),
            *("team.create", "team.delete", "team_member.add"),
            *("team_member.change_role", "team_member.remove"),
        }
    )
)
"""Everything that can happen in an organization."""


def record(
    kind: str,
    subject: Subject,
    *,
    by: Actor,
    before: Any = None,
    after: Any = None,
    reason: str = "",
) -> Event:
    """Write one event, `subject.verb`, about something of a registry, project or team."""
    collection = _collection(subject)
    registry = subject if isinstance(subject, Registry) else None
    if isinstance(subject, Automation):
        registry = subject.registry
    if collection is not None:
        registry = collection.registry
    return events.record(
        kind,
        subject,
        by=by,
        organization=_organization(registry, collection, subject),
        registry=Place(registry.pk, registry.name) if registry else Place(),
        collection=Place(collection.pk, collection.name) if collection else Place(),
        before=before,
        after=after,
        reason=reason,
    )


def recent(
    organization: Organization, registries: RegistryQuerySet, *, limit: int = 8
) -> QuerySet[Event]:
    """The newest events in some registries of an organization."""
    # The organization is implied, and lets the database use its index by time.
    events = told(registries).filter(organization_id=organization.pk)
    return events.order_by("-at", "-id")[:limit]


def told(registries: RegistryQuerySet) -> QuerySet[Event]:
    """The events in some registries that are told to all who see them.

    They come with what is still there to link to.
    """
    there = registries.filter(pk=OuterRef("registry_id"))
    collections = Collection.objects.live().filter(
        pk=OuterRef("collection_id"), registry=OuterRef("registry_id")
    )
    people = User.objects.filter(pk=OuterRef("actor_id"))
    events = Event.objects.filter(
        registry_id__in=registries.values("pk"), kind__in=SENTENCES
    )
    return (
        shortened(events)
        .defer("reason")
        .annotate(
            present_registry=Subquery(there.values("name")),
            present_collection=Subquery(collections.values("name")),
            actor_full_name=Subquery(people.values("full_name")),
            actor_is_service=Subquery(people.values("is_service_account")),
        )
    )


def in_audit_log(organization: Organization, user: User) -> QuerySet[Event]:
    """What happened in an organization, as far as an Admin of it may know."""
    may_know = known_to(user, organization.registries.all())
    return Event.objects.filter(may_know, organization_id=organization.pk)


def known_to(user: User, registries: RegistryQuerySet) -> Q:
    """What an Admin of the registries' organizations may know of what happened there.

    Of a restricted registry that they do not see, and of one that is gone for good, only
    who runs it (rules.md, section 3).
    """
    known = registries.filter(
        ~Q(visibility=Registry.Visibility.RESTRICTED)
        | Q(pk__in=registries.visible_to(user).values("pk"))
    )
    return (
        Q(registry_id=None)
        | Q(kind__in=WHO_RUNS_IT)
        | Q(registry_id__in=known.values("pk"))
    )


def shortened(events: QuerySet[Event]) -> QuerySet[Event]:
    """The events with before and after as `old` and `new`, but for long texts."""
    is_short = ~Q(kind__in=LONG)
    return events.defer("before", "after").annotate(
        old=Case(When(is_short, then="before"), output_field=JSONField()),
        new=Case(When(is_short, then="after"), output_field=JSONField()),
    )


def _collection(subject: Any) -> Collection | None:
    if isinstance(subject, Collection):
        return subject
    if isinstance(subject, Artifact):
        return subject.source
    return getattr(subject, "collection", None)


def _organization(
    registry: Registry | None, collection: Collection | None, subject: Any
) -> Organization | None:
    if registry is not None:
        return registry.organization
    project = getattr(collection or subject, "project", None)
    if isinstance(subject, Project):
        project = subject
    entity = project.entity_id if project else getattr(subject, "entity_id", None)
    if entity is None:
        return None
    owns = Q(teams__entity=entity) | Q(entity=entity)
    return Organization.objects.filter(owns).first()
