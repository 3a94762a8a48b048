"""What the SDK notes of a run beside its configuration: the command and the machine."""

from __future__ import annotations

from shlex import join
from typing import Any

from registries.templatetags.display import filesize

LONGEST = 1000


def facts(noted: Any, program: str) -> list[tuple[str, str]]:
    """Name what is known, in the words of a page; programs write it, in any shape."""
    notes = _object(_object(noted).get("value"))
    writers = [each for each in _object(notes.get("e")).values() if _object(each)]
    machine = _object(writers[-1] if writers else None)
    found = {
        "Command": _command(machine, program),
        "System": _text(machine.get("os")),
        "Processor": _text(_object(machine.get("cpu")).get("model")),
        "Cores": _text(machine.get("cpu_count_logical") or machine.get("cpu_count")),
        "Memory": _bytes(_object(machine.get("memory")).get("total")),
        "GPU": f"{_text(machine.get('gpu_count'))} {_text(machine.get('gpu'))}".strip(),
        "Python": _text(machine.get("python") or notes.get("python_version")),
        "SDK": _text(notes.get("cli_version")),
    }
    return [(name, text[:LONGEST]) for name, text in found.items() if text]


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else ""


def _command(machine: dict[str, Any], program: str) -> str:
    """The program, from the root of its repository if there is one, with its arguments."""
    given = machine.get("args")
    words = map(_text, given if isinstance(given, list) else [])
    start = _text(machine.get("codePath")) or program
    return join([start, *words]) if start else ""


def _bytes(value: Any) -> str:
    text = _text(value)
    return (
        filesize(int(text)) if text.isascii() and text.isdigit() and len(text) < 20 else ""
    )
