"""Addresses of the wire."""

from django.urls import path

from registries.wire import run_views, views

app_name = "wire"
urlpatterns = [
    path("graphql", views.graphql, name="graphql"),
    path(
        "files/<str:entity>/<str:project>/<str:run>/file_stream",
        run_views.file_stream,
        name="file_stream",
    ),
    path("storage/run-upload/<str:token>", run_views.run_upload, name="run_upload"),
    path("storage/run-file/<str:token>", run_views.run_file, name="run_file"),
    path("sdk/otel/v1/<str:kind>", views.telemetry, name="telemetry"),
]
