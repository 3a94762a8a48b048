"""The admin as a browser has it: its addresses, and its forms with all that they hold."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client
from django.urls import reverse

TEXT = {"text", "hidden", "email", "number", "search"}


class Fields(HTMLParser):
    """What the form of a page sends when somebody saves it as it is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent = {"_save": "Save"}
        self.choices: dict[str, list[str]] = {}
        self.inside = False
        self.name = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = dict(attributes)
        name, value = found.get("name") or "", found.get("value") or ""
        if tag == "form":
            self.inside = (found.get("id") or "").endswith("_form")
        elif not self.inside or "disabled" in found:
            return
        elif tag == "input" and found.get("type") in TEXT and name:
            self.sent[name] = value
        elif tag in {"select", "textarea"}:
            self.name = name
            self.sent[name] = ""
            if tag == "select":
                self.choices[name] = []
        elif tag == "option" and self.name:
            self.choices[self.name].append(value)
            if "selected" in found:
                self.sent[self.name] = value

    def handle_data(self, data: str) -> None:
        if self.name and self.name not in self.choices:
            self.sent[self.name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select" and self.name and self.sent[self.name] == "":
            self.sent[self.name] = self.choices[self.name][0]
        if tag == "textarea" and self.name:
            text = self.sent[self.name]
            self.sent[self.name] = text.removeprefix("\r\n").removeprefix("\n")
        if tag in {"select", "textarea"}:
            self.name = ""


def address(model: str, view: str = "changelist", pk: Any = None) -> str:
    """An address of the admin: `address("accounts_team", "change", 7)`."""
    return reverse(f"admin:{model}_{view}", args=[] if pk is None else [pk])


def fields(client: Client, path: str) -> dict[str, str]:
    """What the form at that address sends unchanged."""
    response = client.get(path)
    assert response.status_code == 200, path
    return Fields(response.text).sent


def save(client: Client, path: str, **changes: str) -> Any:
    """Fill in a form of the admin and send it; a name has `__` for each hyphen."""
    changed = {name.replace("__", "-"): value for name, value in changes.items()}
    return client.post(path, fields(client, path) | changed)


def act(client: Client, model: str, action: str, *rows: Any, **more: str) -> Any:
    """Choose an action for some rows of a list."""
    sent = {"action": action, "index": "0", "_selected_action": [str(row) for row in rows]}
    return client.post(address(model), sent | more)


def remove(client: Client, model: str, pk: Any) -> Any:
    """Confirm that a row goes."""
    return client.post(address(model, "delete", pk), {"post": "yes"})


def said(client: Client) -> str:
    """What the admin tells the person next."""
    page = client.get(reverse("admin:index")).text
    start = page.find('class="messagelist"')
    return page[start : page.find("</ul>", start)] if start >= 0 else ""
