"""What one may do in registries and projects."""

from django.contrib.auth.backends import BaseBackend


class RegistryBackend(BaseBackend):
    """Answer `user.has_perm(permission, obj)` for everything in a registry or project."""
