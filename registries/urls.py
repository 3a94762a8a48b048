"""Addresses of everything in and around a registry."""

from django.urls import URLPattern, URLResolver

app_name = "registries"
urlpatterns: list[URLPattern | URLResolver] = []
