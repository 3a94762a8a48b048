"""Automations: when something happens, do something; and what they act through."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q

from accounts.backends import in_team
from accounts.models import Entity, Organization, User
from registries.models.collection import Collection
from registries.models.project import Project
from registries.models.registry import Registry


def _shared_entities(user: User) -> Q:
    """Select the user's organizations, and the teams whose projects they see."""
    return Q(entity__in=Organization.objects.visible_to(user).values("entity")) | Q(
        entity__in=in_team(user).values("entity")
    )


class IntegrationQuerySet(models.QuerySet["Integration"]):
    """Which integrations."""

    def visible_to(self, user: Any) -> IntegrationQuerySet:
        """Those of the user's organizations and teams."""
        if not user.is_active or user.is_anonymous:
            return self.none()
        return self.filter(_shared_entities(user))


class Integration(models.Model):
    """A stored target of an organization or team: a webhook's endpoint, a Slack channel."""

    class Kind(models.TextChoices):
        WEBHOOK = "webhook", "Webhook"
        SLACK = "slack", "Slack channel"

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="integrations")
    kind = models.CharField(max_length=7, choices=Kind)
    name = models.CharField(
        max_length=128, help_text="Of the webhook, or of the Slack channel."
    )
    workspace = models.CharField(
        max_length=128, blank=True, help_text="The Slack team that the channel is in."
    )
    url = models.CharField(max_length=2048, blank=True, help_text="The webhook's endpoint.")
    sealed = models.TextField(
        help_text="What signs to a webhook, or the address of a Slack channel."
    )
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = IntegrationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "kind", "workspace", "name"],
                name="integration_name_is_unique_in_entity",
            ),
            models.CheckConstraint(
                condition=Q(kind="webhook", workspace="") & ~Q(url="")
                | Q(kind="slack", url="") & ~Q(workspace=""),
                name="integration_is_of_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AutomationQuerySet(models.QuerySet["Automation"]):
    """Which automations."""

    def visible_to(self, user: Any) -> AutomationQuerySet:
        """Those of the registries, projects, organizations and teams that the user sees."""
        if not user.is_active or user.is_anonymous:
            return self.none()
        registries = Registry.objects.visible_to(user).values("pk")
        projects = Project.objects.visible_to(user).values("pk")
        live = Q(collection__deleted_at=None)
        return self.filter(
            Q(registry__in=registries)
            | Q(project__in=projects)
            | live & Q(collection__registry__in=registries)
            | live & Q(collection__project__in=projects)
            | _shared_entities(user)
        )

    def inside(self, entity: Entity) -> AutomationQuerySet:
        """Those of the entity itself, its registries or projects, and their collections."""
        return self.filter(
            Q(entity=entity)
            | Q(registry__organization__entity=entity)
            | Q(collection__registry__organization__entity=entity)
            | Q(project__entity=entity)
            | Q(collection__project__entity=entity)
        )

    def with_scope(self) -> AutomationQuerySet:
        """With what is asked of the scope and the integration."""
        return self.select_related(
            "registry__organization__entity",
            "project__entity",
            "collection__registry__organization__entity",
            "collection__project__entity",
            "entity",
            "integration",
        )


class Automation(models.Model):
    """When an event happens in a scope, and a filter lets it pass, an action is taken."""

    class Event(models.TextChoices):
        LINK_ARTIFACT = "link_artifact", "An artifact is linked"
        UNLINK_ARTIFACT = "unlink_artifact", "An artifact is unlinked"
        CREATE_ARTIFACT = "create_artifact", "A version is made"
        ADD_ARTIFACT_ALIAS = "add_artifact_alias", "An alias is put on a version"
        ADD_ARTIFACT_TAG = "add_artifact_tag", "A version is tagged"
        REMOVE_ARTIFACT_TAG = "remove_artifact_tag", "A tag is taken off a version"
        ADD_COLLECTION_TAG = "add_collection_tag", "A collection is tagged"
        REMOVE_COLLECTION_TAG = "remove_collection_tag", "A tag is taken off a collection"
        RUN_METRIC = "run_metric", "A metric passes a threshold"
        RUN_METRIC_CHANGE = "run_metric_change", "A metric changes"
        RUN_METRIC_ZSCORE = "run_metric_zscore", "A metric is far from its mean"
        RUN_STATE = "run_state", "A run changes its state"

        @property
        def is_of_runs(self) -> bool:
            """Whether it happens to runs, not to artifacts."""
            return self.value.startswith("run_")

    class Action(models.TextChoices):
        WEBHOOK = "webhook", "Call a webhook"
        NOTIFICATION = "notification", "Post to Slack"
        NOTHING = "nothing", "Do nothing"

    registry = models.ForeignKey(
        Registry, models.CASCADE, null=True, blank=True, related_name="automations"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="automations"
    )
    collection = models.ForeignKey(
        Collection, models.CASCADE, null=True, blank=True, related_name="automations"
    )
    entity = models.ForeignKey(
        Entity, models.CASCADE, null=True, blank=True, related_name="automations"
    )
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    is_enabled = models.BooleanField(default=True)
    event = models.CharField(max_length=21, choices=Event)
    filter = models.TextField(help_text="JSON, as it was sent.")
    action = models.CharField(max_length=12, choices=Action)
    integration = models.ForeignKey(
        Integration, models.RESTRICT, null=True, blank=True, related_name="automations"
    )
    message = models.JSONField(default=dict, help_text="What the action sends.")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = AutomationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    registry__isnull=False, project=None, collection=None, entity=None
                )
                | Q(registry=None, project__isnull=False, collection=None, entity=None)
                | Q(registry=None, project=None, collection__isnull=False, entity=None)
                | Q(registry=None, project=None, collection=None, entity__isnull=False),
                name="automation_has_one_scope",
            ),
            models.CheckConstraint(
                condition=Q(action="nothing", integration=None)
                | Q(action__in=("webhook", "notification"), integration__isnull=False),
                name="automation_acts_through_an_integration",
            ),
            *(
                models.UniqueConstraint(
                    fields=[scope, "name"],
                    name=f"automation_name_is_unique_in_{scope}",
                )
                for scope in ("registry", "project", "collection", "entity")
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope(self) -> Registry | Project | Collection | Entity:
        """Where the event happens."""
        found = self.registry or self.project or self.collection or self.entity
        assert found is not None
        return found
