"""Settings of the test run, before Django reads them: its own data folder, keys, database.

`ACCESSION_TEST_DATABASE=postgres` starts a PostgreSQL; a `DATABASE_URL` names one.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile

from registry_site.variables import VARIABLES
from tests import postgres

KEYS = ("SECRET_KEY", "API_KEY_PEPPER", "TRANSFER_KEY", "SEALING_KEY")
GIVEN = {"DATA_DIR", "DATABASE_URL", *KEYS}
"""What a run may be given; all other variables are tried as nobody sets them."""

# Run in the background, signals may be ignored, and so they would be by what tests start.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

for variable in VARIABLES:
    if variable.name not in GIVEN:
        os.environ.pop(variable.name, None)
os.environ["no_proxy"] = "*"  # what tests speak to is here: no proxy knows of it
if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="accession-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
for key in KEYS:
    os.environ.setdefault(key, secrets.token_urlsafe(64))
# Taken out, so that processes which tests start use the same server.
if os.environ.pop("ACCESSION_TEST_DATABASE", "sqlite") == "postgres":
    os.environ["DATABASE_URL"] = postgres.start()
