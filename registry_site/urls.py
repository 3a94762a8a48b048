"""The addresses of the whole product."""

from django.urls import include, path

from registry_site import health
from registry_site.admin import site

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("ready", health.ready, name="ready"),
    path("admin/", site.urls),
    path("", include("accounts.urls")),
    path("", include("registries.wire.urls")),
    path("", include("registries.urls")),
]

handler400 = "registry_site.errors.bad_request"
handler403 = "registry_site.errors.permission_denied"
handler404 = "registry_site.errors.not_found"
handler429 = "registry_site.errors.too_many"  # asked for by allauth
handler500 = "registry_site.errors.server_error"
