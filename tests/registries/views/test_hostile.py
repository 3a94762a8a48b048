"""Hostile files under hostile names, through every door that shows or sends them."""

from __future__ import annotations

import re
import struct
import time
import zlib
from io import BytesIO
from itertools import product
from urllib.parse import quote, unquote
from zipfile import ZipFile

import pytest

from accounts.actors import Invalid
from accounts.permissions import Role
from accounts.text import BIDI, entry_path
from registries.views.previews import LIMIT, preview
from tests.factories import RegistryFactory, linked_version, person
from tests.registries.views.pages import signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.tables]

SECONDS = 3
"""Of processor time for any door and file, among other tests; alone they take one."""
MEBIBYTE = 1 << 20
SCRIPT = b"<script>alert(1)</script>"
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.I)
"""What Windows takes for a device, whatever comes after the dot."""
PNG = b"\x89PNG\r\n\x1a\n"


def png(width: int, height: int, content: bytes = b"") -> bytes:
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunk = struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))
    return PNG + chunk + content


CONTENTS = {
    "page.html": SCRIPT,
    "page.html.txt": b"\xef\xbb\xbf<html>" + SCRIPT,
    "page.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml">' + SCRIPT,
    "drawing.svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "drawing.png": b"<svg onload='alert(1)'>" + SCRIPT,
    "gif-and-script.gif": b"GIF89a/*" + SCRIPT + b"*/=1;",
    "png-and-page.png": png(1, 1, SCRIPT),
    "bomb.png": png(60_000, 60_000, zlib.compress(bytes(MEBIBYTE))),
    "pixels.png": png(2**32 - 1, 2**32 - 1),
    "endless.jpg": b"\xff\xd8" + b"\xff\xe0\x00\x00" * 200_000,
    "cut.webp": b"RIFF\xff\xff\xff\xffWEBPVP8L",
    "pdf.pdf": b"%PDF-1.7 /OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
    "zip.zip": b"PK\x03\x04" + b"\xff" * 100,
    "parquet.parquet": b"PAR1" + b"\xff" * 8 + b"PAR1",
    "pickle.pkl": b"\x80\x04\x95cposix\nsystem\n.",
    "line.txt": b"x" * (5 * MEBIBYTE),
    "deep.json": b"[" * 500_000,
    "deep-and-whole.json": b"[" * 100_000 + b"]" * 100_000,
    "deep-objects.json": b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
    "digits.json": b"9" * 900_000,
    "exponent.json": b'{"a": 1e999999999, "b": -Infinity}',
    "large.json": b"[" + b"1," * (4 * MEBIBYTE) + b"1]",
    "keys.json": b'{"<b>": "</td><script>alert(1)</script>", "\\ud800": "\\udfff"}',
    "columns.csv": b"x," * 1_000_000 + b"x\n" + b"y," * 1_000_000 + b"y\n",
    "formula.csv": b"a,b\n=HYPERLINK(1),<script>alert(1)</script>\n",
    "quote.csv": b'"' + b"x\n" * 400_000,
    "quotes.csv": b'"' * 900_001,
    "nul.csv": b"a,b\n\0,\0\n" * 9,
    "invalid.txt": b"text \xff\xfe\xc0\xaf\xed\xa0\x80 " + b"text " * 200,
    "overlong.md": b"\xc0\xbcscript\xc0\xbealert(1)",
    "utf-7.txt": b"+ADw-script+AD4-alert(1)",
    "utf-16.html": "\ufeff<script>alert(1)</script>".encode("utf-16"),
    "utf-16-cut.txt": b"\xff\xfe\x00",
    "utf-32.txt": "<script>alert(1)</script>".encode("utf-32"),
    "boms.txt": b"\xef\xbb\xbf" * 1000 + SCRIPT,
    "bidi.py": "x = '\u202e\u2066gpj'".encode(),
    "marks.txt": ("a" + "\u0301" * 100_000).encode(),
    "ansi.txt": b"\x1b]0;title\x07\x1b[2J",
    "quotes.md": b">" * 90_000 + b" deep",
    "brackets.md": b"[" * 90_000,
    "links.md": b"[x](javascript:alert(1)) [y](data:text/html,<script>alert(1)</script>) "
    b"<img src=x onerror=alert(1)> ![z](http://elsewhere.example/z.png)",
    "stars.md": b"*a_ " * 22_000,
    "references.md": b"[a]: /x\n" * 9_000 + b"[a]" * 9_000,
    "table.md": b"|" * 50_000 + b"\n" + b"-|" * 25_000,
}
NAMES = [
    "..\\..\\evil.dll",
    "C:evil.exe",
    "\\\\server\\share\\x",
    "...",
    "..../x",
    "con",
    "aux.txt/nul",
    "trailing. ",
    "a;b=c&d#e?f%2e%2e%2f",
    "%00",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
    '"quoted".txt',
    "<script>alert(1)</script>",
    "javascript:alert(1)",
    "{{7*7}}{% debug %}",
    "\u202egpj.exe",
    "invoice\u2066\u202e.txt",
    "\u200bhidden",
    "\ufeffbom",
    "=cmd()",
    "-rf",
    "~/.bashrc",
    "$(reboot)`x`",
    "x" * 255,
    "/".join(["\U0001f469"] * 200),
    "/".join("d" * 300),
    "raw/zip/files/image",
]
REFUSED = [
    *("", "/", "/etc/passwd", "..", "../x", "a/../b", "a/./b", "a//b", "a/", "./a"),
    *("a\0b", "a\rb", "a\nSet-Cookie: x", "\x1b[2J", "\x7f", "\u0085", "\ud800"),
    *("x" * 256, "/".join(["x" * 200] * 6), "\U0001f469" * 64),
]


DOORS = {"files": {200}, "raw": {200}, "image": {200, 404}}
ACTS = re.compile(
    r'<script|\son\w+\s*=|href="?(javascript|data):|<(svg|iframe|form) on', re.I
)


def opened(files: dict[str, bytes]):
    """Somebody who may see all, and the address of a version with these files."""
    version = linked_version(RegistryFactory(), files=files)
    client = signed_in(person(version.registry, Role.VIEWER))
    return client, version.get_absolute_url()


def content(response) -> bytes:
    return response.getvalue() if response.streaming else response.content


def wrong_with_page(response, body: str) -> list[str]:
    """What acts on a page, moves its text, or makes it endless."""
    main = body[body.find("<main") :].partition("</main>")[0]
    found = [tag for tag in re.findall(r"<[^>]*>", main) if ACTS.search(tag)]
    if BIDI.search(re.sub(r'data-copy="[^"]*"', "", body)):
        found.append("text that is turned around")
    if len(body) > MEBIBYTE:
        found.append(f"{len(body)} characters")
    if "default-src 'none'" not in response["Content-Security-Policy"]:
        found.append("its policy")
    return found


def wrong_with_bytes(response) -> list[str]:
    """What would let a browser run, guess or misname the bytes."""
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    found = [name for name, value in expected.items() if response[name] != value]
    kind, disposition = response["Content-Type"], response["Content-Disposition"]
    if not kind.startswith("image/"):
        is_kept = disposition.startswith("attachment; filename")
        found += [] if is_kept and kind == "application/octet-stream" else [kind]
    elif kind not in {"image/png", "image/gif", "image/jpeg", "image/webp"}:
        found.append(kind)
    name = disposition.replace('\\"', "")
    name = unquote(name) if "filename*=" in name else name
    found += [disposition] if BIDI.search(name) or re.search(r"[\r\n\0/\\]", name) else []
    return found


def knock(client, address: str, path: str) -> dict[str, list[str]]:
    """Try every door of one file, as a page and as a part; return what is wrong."""
    wrong = {}
    for door, headers in product(DOORS, ({}, {"HX-Request": "true"})):
        began = time.process_time()
        response = client.get(f"{address}{door}/{quote(path)}", headers=headers)
        body = content(response)
        took = time.process_time() - began
        is_page = door == "files" or response.status_code != 200
        found = (
            wrong_with_page(response, body.decode())
            if is_page
            else wrong_with_bytes(response)
        )
        found += [] if took < SECONDS else [f"{took:.1f} s"]
        found += [] if response.status_code in DOORS[door] else [f"{response.status_code}"]
        if found:
            wrong[f"{door} {path[:40]!a} {headers}"] = found
    return wrong


def test_hostile_contents_do_nothing_at_any_door():
    client, address = opened(CONTENTS)

    wrong = [knock(client, address, path) for path in CONTENTS]

    assert [each for each in wrong if each] == []


def test_hostile_names_do_nothing_at_any_door():
    client, address = opened({name: name.encode() for name in NAMES})
    page = client.get(address)

    assert wrong_with_page(page, page.content.decode()) == []
    assert [each for name in NAMES if (each := knock(client, address, name))] == []


def test_a_zip_of_hostile_names_unpacks_below_its_folder_and_whole():
    client, address = opened({name: name.encode() for name in NAMES})

    with ZipFile(BytesIO(client.get(f"{address}zip/").getvalue())) as packed:
        found = {name: packed.read(name) for name in packed.namelist()}

    assert sorted(found.values()) == sorted(name.encode() for name in NAMES)
    for name in found:
        parts = name.split("/")
        assert not {"", ".", ".."} & set(parts), name
        assert not BIDI.search(name), ascii(name)
        assert not re.search(r'[\\:*?"<>|\x00-\x1f]', name), name
        assert not any(DEVICE.fullmatch(part) or part[-1] in ". " for part in parts), name


def test_a_preview_reads_no_more_than_it_may():
    asked: list[int] = []

    class Counted(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            found = super().read(size)
            asked.append(len(found))
            return found

    for path, body in CONTENTS.items():
        asked.clear()
        preview(path, Counted(body), len(body))
        assert sum(asked) <= LIMIT, path


@pytest.mark.parametrize("path", REFUSED)
def test_a_path_that_leads_elsewhere_is_never_kept(path):
    with pytest.raises(Invalid):
        entry_path(path)


@pytest.mark.parametrize("path", [path for path in REFUSED if path.isprintable() and path])
def test_a_path_that_leads_elsewhere_is_not_found(path):
    client, address = opened({"a": b"a"})

    for door in DOORS:
        status = client.get(f"{address}{door}/{quote(path, safe='')}").status_code
        assert status in {404, 301, 302}, door
    assert client.get(f"{address}zip/", {"folder": path}).status_code in {200, 404}
