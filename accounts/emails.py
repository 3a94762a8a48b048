"""Mail, as text: the first line of a template is the subject, the rest the body."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string


def send(template: str, address: str, context: dict[str, Any]) -> None:
    """Send the mail `emails/<template>.txt` to one address."""
    context = {"base_url": settings.BASE_URL, **context}
    text = render_to_string(f"emails/{template}.txt", context)
    subject, _, body = text.strip().partition("\n")
    EmailMessage(subject.strip(), body.strip() + "\n", to=[address]).send()
