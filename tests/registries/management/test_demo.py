from __future__ import annotations

import csv
import json
import re
import struct
import zlib
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError
from django.utils import timezone

from accounts.models import Event, Organization, User
from accounts.permissions import Role
from registries.backends import role_in
from registries.management.demo.people import PEOPLE
from registries.models import AliasMove, Collection, Entry, Registry, Version
from registries.storage import store
from tests.commands import manage
from tests.factories import UserFactory


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, made once for this module, and taken away after it."""
    from django.conf import settings  # noqa: PLC0415 - after the database is there
    from django.db import transaction  # noqa: PLC0415

    before = settings.BLOB_DIR, settings.PASSWORD_HASHERS
    folder = tmp_path_factory.mktemp("demo-blobs")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.BLOB_DIR = folder
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        said = manage("demo")
        yield said, folder
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)
    settings.BLOB_DIR, settings.PASSWORD_HASHERS = before
