"""The admin of what has to do with registries: people and teams hold roles in them."""

from registries.admin.events import EventAdmin
from registries.admin.people import MembershipAdmin, ServiceAccountAdmin, UserAdmin
from registries.admin.registries import RegistryAdmin
from registries.admin.teams import TeamAdmin

__all__ = [
    "EventAdmin",
    "MembershipAdmin",
    "RegistryAdmin",
    "ServiceAccountAdmin",
    "TeamAdmin",
    "UserAdmin",
]
