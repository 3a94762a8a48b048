"""Who is in the demo, and what each of them shows."""

from __future__ import annotations

from typing import NamedTuple

from accounts.permissions import Role

NORTHWIND = ("northwind", "Northwind Labs")
HARBOUR = ("harbour", "Harbour Institute")
"""A second organization, empty: somewhere to switch to, and to be an outsider from."""

BOT = "ci-train-bot"


class Person(NamedTuple):
    """Somebody who signs in, with the organization role in Northwind Labs."""

    username: str
    full_name: str
    role: Role | None
    shows: str

    @property
    def email(self) -> str:
        """An address that reaches nobody."""
        home = "harbour" if self.username == "marco" else "northwind"
        return f"{self.username}@{home}.example"


PEOPLE = (
    Person("ada", "Ada Osei", None, "Installation administrator: passes every check"),
    Person("anouk", "Anouk de Vries", Role.ADMIN, "Organization Admin, first of two"),
    Person("samuel", "Samuel Okafor", Role.ADMIN, "Organization Admin; took access once"),
    Person("priya", "Priya Raman", Role.MEMBER, "Admin of production-models"),
    Person("tomasz", "Tomasz Wójcik", Role.MEMBER, "Owner of fraud-detection (restricted)"),
    Person("mei-ling", "Mei-Ling Chen", Role.MEMBER, "Owner of speech-nl; Admin of a team"),
    Person("lea", "Lea Brunner", Role.MEMBER, "Owner of eval-sets; Member through a team"),
    Person("jonas", "Jonas Lindqvist", Role.MEMBER, "Given no role: Viewer by default"),
    Person("noor", "Noor Bakker", Role.MEMBER, "Restricted Viewer in production-models"),
    Person(
        "karim", "Karim Haddad", Role.VIEWER, "Organization Viewer; Member in eval-sets"
    ),
    Person("elif", "Elif Y\u0131ld\u0131z", Role.MEMBER, "Deactivated: cannot sign in"),
    Person("marco", "Marco Conti", None, "Outsider: sees Harbour Institute only"),
)

TEAMS: dict[str, dict[str, Role]] = {
    "risk-modeling": {"priya": Role.ADMIN, "tomasz": Role.MEMBER, BOT: Role.MEMBER},
    "speech": {"mei-ling": Role.ADMIN, "elif": Role.MEMBER},
    "vision": {"lea": Role.ADMIN, "samuel": Role.MEMBER, "karim": Role.VIEWER},
}
"""Who is in which team. The first one makes it."""
