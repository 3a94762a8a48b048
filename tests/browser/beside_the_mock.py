"""Every page of the mock, and beside it the product's: pictures on one page of HTML.

uv run --group browser python -m tests.browser.beside_the_mock OUT --mock FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from html import escape
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple

from tests.browser.chromium import HOW_TO_GET_IT, IS_HERE, launched
from tests.browser.window import LOOKS, Look, Window, kept_by
from tests.installation import Installation

MOCK = Path(__file__).resolve().parents[3] / "shared/design/mock"
HOME = "/orgs/northwind/registry/"
PRODUCTION = f"{HOME}production-models/"
CHURN = f"{PRODUCTION}c/churn-classifier/"
EMPTY = ("northwind/release-candidates", "--owner=anouk", "--visibility=restricted")
"""The demo has no registry that is empty; this one is made for its picture."""
STYLE = """
body { font: 14px/1.5 sans-serif; margin: 2rem; background: #8886; }
h2 { margin-block: 3rem 1rem; }
nav { columns: 4 12rem; }
.pair { display: flex; gap: 1rem; align-items: start; margin-block-end: 1.5rem; }
figure { margin: 0; min-inline-size: 0; }
img { max-inline-size: 100%; block-size: auto; display: block; }
"""


class Pair(NamedTuple):
    """A page of the mock, and whose page of the product is meant by it."""

    mock: str
    person: str
    path: str


PAIRS = (
    Pair("login", "", "/account/sign-in/"),
    Pair("home", "anouk", HOME),
    Pair("registry", "anouk", PRODUCTION),
    Pair("collection", "anouk", CHURN),
    Pair("version", "anouk", f"{CHURN}v/8/"),
    Pair("compare", "anouk", f"{CHURN}compare/7..8/"),
    Pair("settings", "anouk", f"{PRODUCTION}settings/"),
    Pair("settings-add-member", "anouk", f"{PRODUCTION}members/add/"),
    Pair("settings-viewer", "jonas", f"{PRODUCTION}settings/"),
    Pair("create", "anouk", "/orgs/northwind/registries/new/"),
    Pair("people", "anouk", "/orgs/northwind/people/"),
    Pair("permissions", "priya", "/help/permissions/"),
    Pair("forbidden", "noor", f"{CHURN}v/8/raw/config.json"),
    Pair("empty", "anouk", f"{HOME}release-candidates/"),
)


def main(arguments: Sequence[str]) -> int:
    """Take all pictures; return what the shell is told."""
    asked = parse(arguments)
    missing = [
        pair.mock for pair in PAIRS if not (asked.mock / f"{pair.mock}.html").is_file()
    ]
    if missing:
        return refuse(
            f"The mock is not in {asked.mock}: no {missing[0]}.html. Say --mock FOLDER."
        )
    if not IS_HERE:
        return refuse(f"No browser: {HOW_TO_GET_IT}")
    asked.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        demo = stack.enter_context(Installation(Path(folder) / "data", "--demo"))
        demo.manage("create_registry", *EMPTY)
        take(asked.out, stack.enter_context(served(asked.mock)), demo)
    index = asked.out / "index.html"
    index.write_text(page())
    sys.stdout.write(f"{index}\n")
    return 0


def parse(arguments: Sequence[str]) -> Namespace:
    """Read where the pictures go, and where the mock is."""
    parser = ArgumentParser(
        prog="beside_the_mock", description="The product beside the mock."
    )
    parser.add_argument("out", type=Path, help="folder for the pictures and index.html")
    parser.add_argument("--mock", type=Path, default=MOCK, help="folder of the mock")
    return parser.parse_args(arguments)


def refuse(sentence: str) -> int:
    """Say why there will be no pictures."""
    sys.stderr.write(f"{sentence}\n")
    return 1


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder, without a line for each."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder while the block runs: its icons are seen over HTTP only."""
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def take(out: Path, mock: str, demo: Installation) -> None:
    """Take the pictures of every pair in every look."""
    people = {pair.person for pair in PAIRS if pair.person}
    kept = {person: kept_by(demo.visitor(person)) for person in people}
    with launched() as browser:
        for pair in PAIRS:
            drawn = Window(browser, mock, LOOKS[0], None)
            built = Window(browser, demo.url, LOOKS[0], kept.get(pair.person))
            drawn.open(f"/{pair.mock}.html")
            status = built.open(pair.path)
            sys.stdout.write(f"{pair.mock}: {pair.path} {status}\n")
            for look in LOOKS:
                shoot(drawn, out / picture(pair, "mock", look), look)
                shoot(built, out / picture(pair, "product", look), look)
            drawn.context.close()
            built.context.close()


def shoot(window: Window, file: Path, look: Look) -> None:
    """Take one picture, of the whole page."""
    window.wear(look)
    window.page.screenshot(path=file, full_page=True)


def picture(pair: Pair, side: str, look: Look) -> str:
    """Name the file of a picture."""
    return f"{pair.mock}-{look}-{side}.png"


def page() -> str:
    """Write the page that shows the pairs, mock left and product right."""
    links = "\n".join(f'<a href="#{pair.mock}">{pair.mock}</a><br>' for pair in PAIRS)
    sections = "\n".join(map(section, PAIRS))
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        f"<title>The product beside the mock</title><style>{STYLE}</style>\n"
        f"<h1>Mock left, product right</h1>\n<nav>{links}</nav>\n{sections}\n"
    )


def section(pair: Pair) -> str:
    """Write the part of one pair."""
    head = f"{pair.mock}: {pair.path}" + (f" as {pair.person}" if pair.person else "")
    rows = "\n".join(row(pair, look) for look in LOOKS)
    return f'<section id="{pair.mock}"><h2>{escape(head)}</h2>\n{rows}\n</section>'


def row(pair: Pair, look: Look) -> str:
    """Write the two pictures of one look."""
    shown = [
        f'<figure><img src="{picture(pair, side, look)}" loading="lazy" alt="{pair.mock}">'
        f"<figcaption>{side}, {look}</figcaption></figure>"
        for side in ("mock", "product")
    ]
    return f'<div class="pair">{"".join(shown)}</div>'


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
