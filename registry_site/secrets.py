"""Keys made on the first start, kept in the data folder (security.md, section 5)."""

import os
import secrets
import stat
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

SHORTEST = 40


def secret(name: str, folder: Path, given: str = "") -> str:
    """Return the key of that name: the given, the stored, or one made now with mode 0600.

    Raise ImproperlyConfigured when it is short, readable by others, or cannot be stored.
    """
    value = given or _stored(folder / name)
    if len(value) < SHORTEST or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"The key {name} needs at least {SHORTEST} random characters."
        )
    return value


def _stored(path: Path) -> str:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ImproperlyConfigured(f"Others can read {path}. Run: chmod 600 {path}")
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The data folder {path.parent.parent} cannot be used: {error.strerror}."
        ) from error


def _make(path: Path) -> None:
    """Write a new key unless there is one; a reader never sees half of it."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    try:
        draft.write_text(secrets.token_urlsafe(64))
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
