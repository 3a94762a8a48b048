from __future__ import annotations

import pytest

from registry_site.wsgi import readable, told


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("", ""),
        ("text/plain", "text/plain"),
        ("text/plain; charset=rot13", "text/plain"),
        (
            'multipart/form-data; boundary=x; Charset = "idna"',
            "multipart/form-data; boundary=x",
        ),
        (
            "multipart/form-data; charset*=utf-8''hex; boundary=x",
            "multipart/form-data; boundary=x",
        ),
        ("text/plain; charset*0=ro; charset*1=t13", "text/plain"),
        ("text/plain; name*=nowhere''x", ""),
        ("x" * 20_000, ""),
    ],
)
def test_a_type_of_content_comes_without_encoding_and_short(sent, read):
    assert readable(sent) == read


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("session=abcdefgh; a=b", "session=abcdefgh; a=b"),
        ('session="abcdefgh\\000"', ""),
    ],
)
def test_cookies_with_nul_are_none(sent, read):
    assert told({"HTTP_COOKIE": sent})["HTTP_COOKIE"] == read
