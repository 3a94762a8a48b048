"""Settings of a real server in a test: with the addresses that exist in tests only."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "tests.registry_site.urls"
