"""Mail, as text: the first line of a template is the subject, the rest the body."""

from __future__ import annotations

from email import policy as policies
from email.message import EmailMessage as Message
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import Invitation, User

LONGEST_LINE = 998
"""What a mail server takes; from 79 on Python would break lines, and links with them."""


class Mail(EmailMessage):
    """A mail whose lines stay whole, so that a link can be copied from a terminal too."""

    def message(self, *, policy: policies.Policy | None = None) -> Message:
        """Return the mail as it is sent."""
        policy = (policy or policies.default).clone(max_line_length=LONGEST_LINE)
        return super().message(policy=policy)


def send(template: str, address: str, context: dict[str, Any]) -> None:
    """Send the mail `emails/<template>.txt` to one address."""
    context = {"base_url": settings.BASE_URL, **context}
    text = render_to_string(f"emails/{template}.txt", context)
    subject, _, body = text.strip().partition("\n")
    Mail(subject.strip(), body.strip() + "\n", to=[address]).send()


def mail_password_reset(address: str) -> None:
    """Send a link to set a new password, if an active person has the address."""
    user = User.objects.people().filter(email=address, is_active=True).first()
    if user is None:
        return
    link = {
        "uidb36": user_pk_to_url_str(user),
        "key": default_token_generator.make_token(user),
    }
    path = reverse("account_reset_password_from_key", kwargs=link)
    send("password_reset", address, {"user": user, "path": path})


def mail_invitation(invitation: int) -> None:
    """Send an invitation's link, unless it was taken back or used meanwhile."""
    invitations = Invitation.objects.open().select_related(
        "organization__entity", "invited_by__entity"
    )
    found = invitations.filter(pk=invitation).first()
    if found is None:
        return
    path = reverse("accounts:invitation", args=[found.token])
    send("invitation", found.email, {"invitation": found, "path": path})
