"""The registries app."""

from django.apps import AppConfig


class RegistriesConfig(AppConfig):
    """The registries app."""

    name = "registries"
