"""Where the server may send to: public addresses, by https (security.md, 3 and 5).

Asked when a target is saved; what a name leads to is asked again when something is sent.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

from accounts import text
from accounts.actors import Invalid

LENGTH = 2048
NOT_PUBLIC = (
    IPv6Network("64:ff9b::/96"),
    IPv6Network("64:ff9b:1::/48"),
    IPv6Network("2002::/16"),
)
"""Ways into IPv4 that Python takes for public: NAT64 and 6to4."""
LOCAL = ("localhost", "local", "internal", "lan", "home.arpa")
HOST = re.compile(
    r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}"
)
SLACK = re.compile(r"/services/T[A-Z0-9]{1,32}/B[A-Z0-9]{1,32}/[A-Za-z0-9]{1,64}")


def target(value: str, field: str = "url") -> str:
    """Return the address of a target; raise Invalid unless it is public, and by https."""
    value = text.printable(value, field, most=LENGTH)
    parts = _parts(value, field)
    if parts.scheme != "https" or not parts.hostname or not value.isascii():
        raise Invalid(field, "A target is an address in ASCII that begins with https://.")
    if parts.username is not None or parts.fragment or "\\" in value:
        raise Invalid(field, "A target has no user name, no password, and no # or \\.")
    if _port(parts, field) not in {None, 443, 8443}:
        raise Invalid(field, "A target is at port 443 or 8443.")
    if not _is_public(parts.hostname):
        raise Invalid(field, f"{parts.hostname} is no public host by its name.")
    return value


def slack_target(value: str, field: str = "url") -> str:
    """Return the address of a Slack channel's incoming webhook."""
    parts = _parts(target(value, field), field)
    if parts.netloc != "hooks.slack.com" or parts.query or not SLACK.fullmatch(parts.path):
        raise Invalid(field, "It is as https://hooks.slack.com/services/T…/B…/….")
    return value


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the public internet, by whatever way it leads there."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in NOT_PUBLIC):
            return False
    return address.is_global and not address.is_multicast


def _parts(value: str, field: str) -> SplitResult:
    try:
        return urlsplit(value)
    except ValueError:
        raise Invalid(field, "This is no address.") from None


def _port(parts: SplitResult, field: str) -> int | None:
    try:
        return parts.port
    except ValueError:
        raise Invalid(field, "This is no port.") from None


def _is_public(host: str) -> bool:
    """Whether nothing in the name itself says that the host is ours or a neighbour."""
    host = host.removesuffix(".").lower()
    try:
        return is_public(ip_address(host))
    except ValueError:
        pass
    try:  # 127.1, 0x7f.1 and 2130706433 are addresses too
        return is_public(IPv4Address(socket.inet_aton(host)))
    except OSError:
        pass
    ours = urlsplit(settings.BASE_URL).hostname
    is_local = any(host == name or host.endswith(f".{name}") for name in LOCAL)
    return bool(HOST.fullmatch(host)) and not is_local and host != ours
