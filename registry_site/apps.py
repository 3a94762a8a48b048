"""The registry_site app."""

from django.apps import AppConfig


class RegistrySiteConfig(AppConfig):
    """The registry_site app."""

    name = "registry_site"
