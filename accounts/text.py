"""The one validator of text and JSON that enters; grammars of names (rules.md, section 5).

Every function takes the value and the name of its field, returns the value to store (NFC),
and raises `Invalid` naming the field and the rule.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from accounts.actors import Invalid, TooLarge
from accounts.reserved import RESERVED_NAMES

TEXT_LIMIT = 1_048_576
"""The largest text or JSON document, in bytes of UTF-8."""
JSON_DEPTH = 64
METADATA_KEYS = 100
LARGEST = 2**63 - 1
"""The largest number that a column holds."""
LONGEST_INTEGER = 10**4300
"""Python neither reads nor writes an integer of more digits."""
KEY_LIMIT = 400
"""The longest folded name that a unique column holds."""
MOST_WORDS = 200
"""The most aliases or tags of one call: each is a row and an event."""
MARKS_LIMIT = 30
"""The most combining marks in a row (UAX 15); normalizing a run takes quadratic time."""

ENTITY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
REGISTRY = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9 ._-]{0,111}[A-Za-z0-9_-])?")
COLLECTION = re.compile(r"[A-Za-z0-9_.-](?:[A-Za-z0-9 _.-]{0,126}[A-Za-z0-9_.-])?")
ACCEPTED_TYPE = re.compile(r"[-\w](?:[-.\w ]*[-.\w])?")
TAG = re.compile(r"[-\w]+( +[-\w]+)*")
VERSION_ALIAS = re.compile(r"v\d+")
ADDRESS_CHARACTERS = frozenset("/\\#?%:")

# Letters and marks that show nothing, so that two names would look alike.
INVISIBLE = frozenset(
    map(chr, [0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0])
) | frozenset(
    map(chr, [*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
)
BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
NOT_IN_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
BROKEN = re.compile("[\x00\ud800-\udfff]")
NOT_PRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def fold(name: str) -> str:
    """Return the form in which names are compared: NFKC-casefolded."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def _composed(value: Any, field: str) -> str:
    """Return the text in NFC; refuse what cannot be encoded, or is slow to compose."""
    if not isinstance(value, str):
        raise Invalid(field, f"The {field} is not a text.")
    run = 0
    for character in () if value.isascii() else value:
        run = run + 1 if unicodedata.combining(character) else 0
        if run > MARKS_LIMIT or "\ud800" <= character <= "\udfff":
            raise Invalid(field, f"The {field} holds a broken character.")
    return unicodedata.normalize("NFC", value)


def is_askable(name: str) -> bool:
    """Whether a name like this can be kept at all, and a database be asked for it."""
    return len(name) <= KEY_LIMIT and not BROKEN.search(name)


def printable(
    value: Any, field: str, *, most: int, without: frozenset[str] = frozenset()
) -> str:
    """Return a name of 1 to `most` printable characters, without outer space."""
    name = _composed(value, field)
    if not 1 <= len(name) <= most:
        raise Invalid(
            field, f"The {field} needs 1 to {most} characters; this has {len(name)}."
        )
    if name != name.strip():
        raise Invalid(field, f"The {field} begins or ends with a space.")
    for character in name:
        if character in INVISIBLE or unicodedata.category(character) in NOT_PRINTABLE:
            code = f"U+{ord(character):04X}"
            raise Invalid(
                field, f"The {field} holds a character that cannot be printed ({code})."
            )
        if character in without:
            listed = " ".join(sorted(without))
            raise Invalid(field, f"The {field} holds {character}; not allowed are {listed}")
    return name


def _addressable(value: Any, field: str, *, most: int) -> str:
    """Return a name that stands in addresses, and whose folded form is unique somewhere."""
    name = printable(value, field, most=most, without=ADDRESS_CHARACTERS)
    if len(fold(name)) > KEY_LIMIT:
        raise Invalid(field, f"The {field} is too long.")
    return name


def _matching(
    pattern: re.Pattern[str], value: Any, field: str, rule: str, most: int
) -> str:
    name = printable(value, field, most=most)
    if not pattern.fullmatch(name):
        raise Invalid(field, f"The {field} does not follow its rule: {rule}.")
    return name


def entity_name(value: Any, field: str = "name") -> str:
    """Return the name of a user, team or organization."""
    rule = "letters, digits, - and _, beginning with a letter or digit, at most 63"
    name = _matching(ENTITY, value, field, rule, 63)
    if name.casefold() in RESERVED_NAMES:
        raise Invalid(field, f"The name {name} is not available.")
    return name


def display_name(value: Any, field: str = "display_name") -> str:
    """Return the display name of an organization."""
    return _addressable(value, field, most=113)


def full_name(value: Any, field: str = "full_name") -> str:
    """Return a person's name; it may be empty."""
    return printable(value, field, most=150) if value else ""


def registry_name(value: Any, field: str = "name") -> str:
    """Return the name of a registry."""
    rule = (
        "letters, digits, space, -, _ and ., beginning with a letter or digit, "
        "not ending with a space or a dot, at most 113"
    )
    return _matching(REGISTRY, value, field, rule, 113)


def project_name(value: Any, field: str = "project") -> str:
    """Return the name of a project."""
    name = _addressable(value, field, most=128)
    folded = fold(name)
    if name in {".", ".."} or folded in {"model-registry", "registry"}:
        raise Invalid(field, f"The name {name} is not available for a project.")
    if folded.startswith("wandb-registry-"):
        raise Invalid(field, "A project's name cannot begin with wandb-registry-.")
    return name


def collection_name(value: Any, field: str = "collection") -> str:
    """Return the name of a collection."""
    rule = (
        "letters, digits, space, -, _ and ., not beginning or ending with a space, "
        "at most 128"
    )
    name = _matching(COLLECTION, value, field, rule, 128)
    if name in {".", ".."}:
        raise Invalid(field, f"The {field} cannot be named {name}.")
    return name


def artifact_type(value: Any, field: str = "type") -> str:
    """Return the type of a logged artifact."""
    name = printable(value, field, most=128, without=frozenset("/:"))
    if name == "job" or name.startswith("wandb-"):
        raise Invalid(field, f"The type {name} is reserved.")
    return name


def accepted_type(value: Any, field: str = "types") -> str:
    """Return a type that a registry accepts."""
    name = artifact_type(value, field)
    if not ACCEPTED_TYPE.fullmatch(name):
        raise Invalid(
            field, f"The type {name} may have letters, digits, spaces, -, _ and . only."
        )
    return name


def alias(value: Any, field: str = "alias") -> str:
    """Return an alias that people may set; `latest` passes, v<number> does not."""
    name = printable(value, field, most=128, without=frozenset("/:"))
    if VERSION_ALIAS.fullmatch(name):
        raise Invalid(field, f"{name} is a version number and cannot be set as an alias.")
    return name


def tag(value: Any, field: str = "tag") -> str:
    """Return a tag of a collection or version."""
    return _matching(
        TAG, value, field, "words of letters, digits, - and _, at most 128", 128
    )


def some[T](words: Sequence[T], field: str) -> Sequence[T]:
    """Return aliases or tags of one call; refuse so many that others would wait."""
    if len(words) > MOST_WORDS:
        raise Invalid(field, f"Name at most {MOST_WORDS} {field} at once.")
    return words


def run_id(value: Any, field: str = "run") -> str:
    """Return the id of a run."""
    name = printable(value, field, most=128, without=frozenset(":;,#?/'"))
    if name in {".", ".."}:  # which clients take out of addresses
        raise Invalid(field, f"A run cannot have the id {name}.")
    return name


def entry_path(value: Any, field: str = "path") -> str:
    """Return the path of a file in an artifact: relative, POSIX, UTF-8; kept exactly."""
    try:
        size = len(value.encode())
    except (AttributeError, UnicodeEncodeError):
        raise Invalid(field, f"The {field} is not UTF-8.") from None
    if not 1 <= size <= 1024:
        raise Invalid(field, f"The {field} needs 1 to 1,024 bytes; this has {size}.")
    if any(unicodedata.category(character) == "Cc" for character in value):
        raise Invalid(field, f"The {field} holds a control character.")
    for segment in value.split("/"):
        if segment in {"", ".", ".."}:
            shown = "".join(c if c.isprintable() else "\ufffd" for c in value)
            raise Invalid(field, f"The {field} {shown} has an empty part, . or .. in it.")
        if len(segment.encode()) > 255:
            raise Invalid(field, f"The {field} has a part of more than 255 bytes.")
    return str(value)


def email(value: Any, field: str = "email") -> str:
    """Return an e-mail address, lower-cased."""
    address = printable(_composed(value, field).lower(), field, most=254)
    try:
        EmailValidator()(address)
    except ValidationError:
        raise Invalid(field, f"{address} is not an e-mail address.") from None
    return address


def text(value: Any, field: str = "description", *, most: int = TEXT_LIMIT) -> str:
    """Return a longer text, at most `most` bytes, lines ended by \\n, no bidi controls."""
    composed = _composed(value, field).replace("\r\n", "\n").replace("\r", "\n")
    kept = BIDI.sub("", composed)
    if found := NOT_IN_TEXT.search(kept):
        code = f"U+{ord(found[0]):04X}"
        raise Invalid(field, f"The {field} holds a character that is not text ({code}).")
    if len(kept.encode()) > most:
        raise TooLarge(f"The {field} is larger than {most:,} bytes.")
    return kept


def reason(value: Any, field: str = "reason") -> str:
    """Return why somebody did something, in at most 1,000 bytes."""
    return text(value, field, most=1000)


def parse_json(document: str | bytes, field: str = "metadata") -> Any:
    """Return the value of a JSON document of at most 1 MiB."""
    if len(document) > TEXT_LIMIT:
        raise TooLarge(f"The {field} is larger than {TEXT_LIMIT:,} bytes.")
    try:
        value = json.loads(document)
    except (ValueError, RecursionError) as error:
        raise Invalid(field, f"The {field} is not JSON: {error}.") from None
    check_json(value, field)
    return value


def metadata(value: Any, field: str = "metadata") -> dict[str, Any]:
    """Return an artifact's metadata: a JSON object, at most 100 keys, 64 levels, 1 MiB."""
    if not isinstance(value, dict):
        raise Invalid(field, f"The {field} is a JSON object.")
    if len(value) > METADATA_KEYS:
        raise Invalid(field, f"The {field} has {len(value)} keys; at most {METADATA_KEYS}.")
    check_json(value, field)
    return value


def check_json(value: Any, field: str) -> None:
    """Raise Invalid unless the value is JSON that both databases keep exactly."""
    _check_value(value, field, 0)
    if len(json.dumps(value, ensure_ascii=False).encode()) > TEXT_LIMIT:
        raise TooLarge(f"The {field} is larger than {TEXT_LIMIT:,} bytes.")


def _check_value(value: Any, field: str, depth: int) -> None:
    if depth > JSON_DEPTH:
        raise Invalid(field, f"The {field} is nested deeper than {JSON_DEPTH} levels.")
    match value:
        case list():
            for item in value:
                _check_value(item, field, depth + 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise Invalid(field, f"The {field} has a key that is not a text.")
                _check_value(key, field, depth)
                _check_value(item, field, depth + 1)
        case _ if problem := _problem(value):
            raise Invalid(field, f"The {field} holds {problem}.")


def _problem(value: Any) -> str:
    """Say why a value is no scalar of JSON, or nothing."""
    match value:
        case str() if BROKEN.search(value):
            return "NUL or a broken character"
        case float() if not math.isfinite(value):
            return f"{value}, which is not a JSON number"
        case int() if not -LONGEST_INTEGER < value < LONGEST_INTEGER:
            return "a number of too many digits"
        case None | str() | bool() | int() | float():
            return ""
    return "something that is not JSON"


def whole(value: str) -> str:
    """Return a text that can be kept: what cannot be encoded becomes U+FFFD."""
    return BROKEN.sub("\ufffd", value)


def line(value: Any, most: int) -> str:
    """Return the beginning of what a program says of itself, as one line; never refused."""
    shown = "".join(
        " " if unicodedata.category(c) in NOT_PRINTABLE else c for c in str(value or "")
    )
    return shown.strip()[:most].strip()


def logged_json(document: str, field: str = "line") -> Any:
    """Return what a run logged: refused for its depth, never for a value.

    What JSON does not have becomes a text (NaN, Infinity, -Infinity), and so does an
    integer that Python does not write; what cannot be encoded becomes U+FFFD.
    """
    try:
        value = json.loads(
            document, parse_constant=str, parse_int=_integer, parse_float=_number
        )
        return _kept(value, field, 0)
    except (ValueError, RecursionError) as error:
        raise Invalid(field, f"The {field} is not JSON: {error}.") from None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= 4300 else digits


def _number(digits: str) -> float | str:
    number = float(digits)
    if math.isfinite(number):
        return number
    return "-Infinity" if number < 0 else "Infinity"


def _kept(value: Any, field: str, depth: int) -> Any:
    if depth > JSON_DEPTH:
        raise Invalid(field, f"The {field} is nested deeper than {JSON_DEPTH} levels.")
    match value:
        case str():
            return whole(value)
        case list():
            return [_kept(item, field, depth + 1) for item in value]
        case dict():
            return {
                whole(key): _kept(item, field, depth + 1) for key, item in value.items()
            }
    return value


def size(value: Any, field: str = "size") -> int:
    """Return a size in bytes that a column holds."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Invalid(field, f"The {field} is a number of bytes from 0 to 2^63 - 1.")
    return value
