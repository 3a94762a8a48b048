"""The accounts in the admin, and what every part of the admin is made of."""

from accounts.admin.invitations import InvitationAdmin
from accounts.admin.keys import ApiKeyAdmin

__all__ = ["ApiKeyAdmin", "InvitationAdmin"]
