"""Settings of the test run, before Django reads them: its own data folder, its own keys."""

import os
import secrets
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="accession-tests-"))
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
os.environ.setdefault("API_KEY_PEPPER", secrets.token_urlsafe(64))
