"""Asking for a permission in a template; hiding is courtesy, operations decide."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.simple_tag(takes_context=True)
def can(context: template.Context, permission: str, obj: Any) -> bool:
    """Say whether the person has the permission on the object.

    The permission is a codename of the registry matrix, or a full one such as
    "accounts.create_registry".
    """
    name = permission if "." in permission else f"registries.{permission}"
    user = context["request"].user
    return bool(user.is_authenticated and user.has_perm(name, obj))
