"""Settings of the test run, before Django reads them: its own data folder, keys, database.

`ACCESSION_TEST_DATABASE=postgres` starts a PostgreSQL; a `DATABASE_URL` names one.
"""

import atexit
import os
import secrets
import shutil
import signal
import tempfile

from tests import postgres

# Run in the background, signals may be ignored, and so they would be by what tests start.
for number, handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="accession-tests-")
    atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(64))
os.environ.setdefault("API_KEY_PEPPER", secrets.token_urlsafe(64))
os.environ.setdefault("TRANSFER_KEY", secrets.token_urlsafe(64))
os.environ.setdefault("SEALING_KEY", secrets.token_urlsafe(64))
# Taken out, so that processes which tests start use the same server.
if os.environ.pop("ACCESSION_TEST_DATABASE", "sqlite") == "postgres":
    os.environ["DATABASE_URL"] = postgres.start()
