"""Addresses of the wire."""

from django.urls import include, path, re_path

from registries.wire import run_views, transfers, views

PLACE = r"^[^/]+/(?P<entity>[^/]+)/(?P<project>[^/]+)/(?P<collection>[^/]+)"
BYTES = PLACE + r"(?:/(?P<artifact>[^/]+))?/[^/]*/(?P<digest>[0-9a-f]+)/(?P<name>.*)$"
"""Region, entity, project, collection, artifact (which SDKs before 0.26 do not name), the
one that brought the file (which may be empty), digest, name."""

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
    path("storage/upload/<token>", transfers.upload, name="upload"),
    path("storage/upload/part/<token>", transfers.upload_part, name="upload_part"),
    path(
        "storage/upload/manifest/<token>", transfers.upload_manifest, name="upload_manifest"
    ),
    path("storage/file/<token>", transfers.file, name="file"),
    path("storage/<token>/wandb_manifest.json", transfers.manifest, name="manifest"),
    path("artifactsV2/", include([re_path(BYTES, transfers.fallback, name="fallback")])),
    path("sdk/otel/v1/<str:kind>", views.telemetry, name="telemetry"),
    path("oidc/token", views.exchange, name="exchange"),
]
