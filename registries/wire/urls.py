"""Addresses of the wire."""

from django.urls import path

from registries.wire import views

app_name = "wire"
urlpatterns = [
    path("graphql", views.graphql, name="graphql"),
    path("sdk/otel/v1/<str:kind>", views.telemetry, name="telemetry"),
]
