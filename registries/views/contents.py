"""The contents of the help: its pages and their parts."""

from __future__ import annotations

from typing import NamedTuple

from registries.views.reference import GROUPS


class Page(NamedTuple):
    """A page of the help: its address and title, what it is for, its parts by anchor."""

    name: str
    title: str
    about: str
    parts: dict[str, str]

    @property
    def url_name(self) -> str:
        """The name of its address."""
        return f"registries:help-{self.name}"


PAGES = {
    page.name: page
    for page in (
        Page(
            "first-steps",
            "First steps",
            "From a folder to a version with a name that programs can rely on.",
            {
                "publish": "Publish",
                "alias": "Give it an alias",
                "again": "Publish again",
                "fetch": "Fetch",
                "next": "What next",
            },
        ),
        Page(
            "sdk",
            "From Python",
            "The wandb SDK with this server: log in, publish, use.",
            {
                "install": "Install and log in",
                "publish": "Publish",
                "use": "Use",
                "registries": "Registries",
                "unsupported": "What is not supported",
                "versions": "Versions",
            },
        ),
        Page(
            "concepts",
            "Concepts",
            "The words that everything here is said in.",
            {"people": "People", "shelves": "Registries", "content": "Content"},
        ),
        Page(
            "permissions",
            "Permissions",
            "Which role may do what, in registries, organizations and teams.",
            {},
        ),
        Page(
            "registry-types",
            "Registry types",
            "How core registries and custom ones differ.",
            {},
        ),
        Page(
            "commands",
            "Commands",
            "Every command, in its own words.",
            {group.lower().replace(" ", "-"): group for group in GROUPS},
        ),
        Page(
            "configuration",
            "Configuration",
            "The variables that an installation is set up with.",
            {"variables": "Variables", "others": "For other people"},
        ),
        Page(
            "operations",
            "Operations",
            "How to keep an installation, and what is kept in it.",
            {
                "backup": "Backup",
                "upgrade": "Upgrade",
                "worker": "Worker",
                "postgresql": "PostgreSQL",
                "storage": "Storage check",
                "logs": "Logs",
                "trash": "Trash",
            },
        ),
        Page("keys", "Keyboard shortcuts", "What single keys do.", {}),
    )
}
"""In the order that they are read in."""
