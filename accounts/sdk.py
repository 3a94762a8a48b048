"""How programs with the `wandb` SDK sign in here, ready to be copied into a shell."""

from __future__ import annotations

from shlex import quote

from django.conf import settings

INSTALL = "pip install wandb"


def login(secret: str = "") -> str:
    """Return the command that keeps a key on a machine; without one it asks for it."""
    command = f"wandb login --host {quote(settings.BASE_URL)}"
    return f"{command} {quote(secret)}" if secret else command


def environment(secret: str = "") -> str:
    """Return the variables that stand in for signing in, where nobody is asked."""
    address = f"export WANDB_BASE_URL={quote(settings.BASE_URL)}"
    return f"{address}\nexport WANDB_API_KEY={quote(secret) if secret else 'SECRET'}"
