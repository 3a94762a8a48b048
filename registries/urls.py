"""Addresses of everything in and around a registry."""

from django.urls import path

from registries.views.setup import setup

app_name = "registries"
urlpatterns = [path("setup/<str:token>/", setup, name="setup")]
