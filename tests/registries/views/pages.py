"""What tests of pages share: somebody signed in, and what a page says."""

from __future__ import annotations

import html
import re

from django.test import Client

from accounts.models import User


def signed_in(user: User) -> Client:
    """A browser of somebody who has signed in."""
    client = Client()
    client.force_login(user)
    return client


def words(response) -> str:
    """The text of a page, without its markup, spaces as a reader sees them."""
    body = response.content.decode()
    body = re.sub(r"<(script|style).*?</\1>", "", body, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def links(response) -> list[str]:
    """Every address that a page leads to."""
    return re.findall(r'<a [^>]*href="([^"]+)"', html.unescape(response.content.decode()))
