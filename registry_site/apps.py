"""The registry_site app."""

from django.apps import AppConfig

from registry_site import checks

__all__ = ["RegistrySiteConfig", "checks"]


class RegistrySiteConfig(AppConfig):
    """The registry_site app; importing its checks registers them."""

    name = "registry_site"
