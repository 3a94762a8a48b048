"""Targets are public, by their names at least."""

from __future__ import annotations

import pytest

from accounts.actors import Invalid
from registries.targets import slack_target, target

HOSTS = """
169.254.169.254 localhost LOCALHOST. a.localhost 127.1 2130706433 0x7f.1 0177.0.0.1 0
10.0.0.1 192.168.1.1 100.64.0.1 224.0.0.1 [::1] [::ffff:127.0.0.1] [fd00::1] [fe80::1]
[64:ff9b::7f00:1] [2002:7f00:1::] printer printer.local db.internal 127.0.0.1.
registry.example.org good@127.0.0.1 good:x@example.org example.org:22 example.org:6379
example.org:99999 a..b.org -a.org exämple.org example.org\\@evil.org example.org#x
"""


def test_only_public_hosts_by_https(settings):
    settings.BASE_URL = "https://registry.example.org"
    for url in (
        "https://hooks.example.org/deploy?token=1",
        "https://example.org:8443/",
        "https://8.8.8.8/x",
        "https://[2606:4700::1111]/",
        "https://xn--exmple-cua.org",
    ):
        assert target(url) == url
    wrong = [
        "",
        "example.org",
        "http://example.org/",
        "ftp://example.org",
        "file:///etc",
        "https://",
    ]
    for url in (*wrong, *(f"https://{host}/x" for host in HOSTS.split())):
        with pytest.raises(Invalid) as refusal:
            target(url)
        assert refusal.value.field == "url", url
    with pytest.raises(Invalid):
        target(f"https://example.org/{'a' * 2048}")


def test_slack_is_asked_for_by_its_host():
    url = "https://hooks.slack.com/services/T0AB/B0CD/s3cret"
    assert slack_target(url) == url
    for wrong in (
        "https://hooks.slack.com.evil.org/services/T0AB/B0CD/s3cret",
        "https://evil.org/#hooks.slack.com/services/T0AB/B0CD/s3cret",
        "https://hooks.slack.com@evil.org/services/T0AB/B0CD/s3cret",
        "https://hooks.slack.com/services/T0AB/B0CD/../../x",
        "https://hooks.slack.com:8443/services/T0AB/B0CD/s3cret",
        f"{url}?a=1",
        "http://hooks.slack.com/services/T0AB/B0CD/s3cret",
    ):
        with pytest.raises(Invalid):
            slack_target(wrong)
