from __future__ import annotations

import json
import logging
import sys

import pytest

from registry_site import logs
from registry_site.logs import JsonFormatter, TextFormatter, masked


def record(message: str, **extra: object) -> logging.LogRecord:
    made = logging.LogRecord("accession", logging.INFO, "x.py", 1, message, (), None)
    made.__dict__.update(extra)
    return made


@pytest.fixture(autouse=True)
def about():
    logs.request_id.set("0123456789abcdef")
    logs.user_id.set(7)
    yield
    logs.request_id.set("")
    logs.user_id.set(None)


def test_a_line_for_programs_is_json_with_request_and_user():
    line = json.loads(JsonFormatter().format(record("hello", status=200)))

    assert line["message"] == "hello"
    assert (line["request"], line["user"], line["status"]) == ("0123456789abcdef", 7, 200)


def test_a_line_for_people_is_one_line():
    line = TextFormatter().format(record("first\nsecond\x1b[31m"))

    assert line.count("\n") == 0
    assert r"first\nsecond\x1b[31m" in line
    assert line.endswith("request=0123456789abcdef user=7")


@pytest.mark.parametrize("formatter", [JsonFormatter, TextFormatter])
def test_a_traceback_is_kept_and_masked(formatter):
    try:
        raise ValueError("accession-abcdefghijklmnop")
    except ValueError:
        made = record("failed", exc_info=sys.exc_info())

    line = formatter().format(made)

    assert "Traceback" in line
    assert "abcdefghijklmnop" not in line


@pytest.mark.parametrize(
    "text",
    [
        "key accession-SECRETsecret0123",
        "GET /files/?token=SECRETsecret0123&x=1",
        "GET /storage/?X-Amz-Signature=SECRETsecret0123",
        "GET /setup/SECRETsecret0123/",
        "GET /account/password/reset/key/SECRETsecret0123/",
        "GET /invitations/SECRETsecret0123/",
        "GET /storage/file/.eJwxyz:1xUqFz:SECRETsecret0123",
        "Authorization: Basic SECRETsecret0123=",
        "postgresql://accession:SECRETsecret0123@db/accession",
    ],
)
def test_keys_tokens_and_passwords_are_masked(text):
    assert "SECRETsecret0123" not in masked(text)


def test_other_words_stay():
    line = "GET /orgs/northwind/registry/model/?after=12&q=accession 200 3 ms"

    assert masked(line) == line
