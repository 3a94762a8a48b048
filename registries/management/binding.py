"""Where the server listens, and the address under which people reach it."""

from __future__ import annotations

import errno
import http.client
import ipaddress
import os
import socket
import time
from dataclasses import dataclass

from django.conf import settings

from accounts.management.command import Failed

PREDECESSOR_SECONDS = 2
"""How long a port may still be taken by a server that was killed a moment ago."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A host as it was typed, the address it stands for, and a port."""

    host: str
    address: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.address).is_loopback

    @property
    def base_url(self) -> str:
        """What the environment says, else what follows from host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return os.environ.get("BASE_URL") or f"http://{host}:{self.port}"

    def is_ready(self) -> bool:
        """Ask the server there whether it can work."""
        anywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - not bound here
        address = anywhere.get(self.address, self.address)
        asking = http.client.HTTPConnection(address, self.port, timeout=5)
        try:
            asking.request("GET", "/ready", headers={"Host": "localhost"})
            return asking.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            asking.close()


def bind(host: str, port: int) -> Binding:
    """Find out whether a server can listen there; refuse what would be unsafe or taken."""
    binding = Binding(host, _resolve(host, port), port)
    if not binding.is_loopback:
        _refuse_unsafe(host)
    _try(binding)
    return binding


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Failed(f"{host} is not an address of this machine.") from error
    return str(found[0][4][0])


def _refuse_unsafe(host: str) -> None:
    if settings.DEBUG:
        raise Failed(f"DEBUG shows secrets: with it, listen on 127.0.0.1, not on {host}.")
    if not os.environ.get("BASE_URL"):
        raise Failed(
            f"To listen on {host}, set BASE_URL to the address people use, "
            "such as https://registry.example.org."
        )


def _try(binding: Binding) -> None:
    """Bind the port and let it go. The server itself would share a port without a word."""
    deadline = time.monotonic() + PREDECESSOR_SECONDS
    while (error := _bind_error(binding)) is not None:
        if error.errno != errno.EADDRINUSE:
            reason = (error.strerror or str(error)).lower()
            raise Failed(f"{binding.host}:{binding.port} cannot be used: {reason}.")
        if time.monotonic() > deadline:
            raise Failed(
                f"Port {binding.port} on {binding.host} is in use: name another by --port."
            )
        time.sleep(0.1)


def _bind_error(binding: Binding) -> OSError | None:
    family = socket.AF_INET6 if ":" in binding.address else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((binding.address, binding.port))
        except OSError as error:
            return error
    return None
