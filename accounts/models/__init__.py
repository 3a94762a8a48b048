"""People, organizations, teams, keys, events and jobs."""

from accounts.models.api_key import ApiKey
from accounts.models.entity import Entity, EntityName
from accounts.models.event import Event
from accounts.models.invitation import Invitation
from accounts.models.job import Job
from accounts.models.organization import Membership, Organization, ServiceAccount
from accounts.models.team import Team, TeamMembership
from accounts.models.user import User

__all__ = [
    "ApiKey",
    "Entity",
    "EntityName",
    "Event",
    "Invitation",
    "Job",
    "Membership",
    "Organization",
    "ServiceAccount",
    "Team",
    "TeamMembership",
    "User",
]
