"""Grammars of names (rules.md, 5), and the sample of bad input (security.md, 3)."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts import text
from accounts.actors import Invalid, Refusal, TooLarge

NAMES: dict[str, Callable[[Any], str]] = {
    "entity": text.entity_name,
    "display": text.display_name,
    "registry": text.registry_name,
    "project": text.project_name,
    "collection": text.collection_name,
    "type": text.artifact_type,
    "accepted type": text.accepted_type,
    "alias": text.alias,
    "run": text.run_id,
    "path": text.entry_path,
    "tag": text.tag,
    "email": text.email,
    "full name": text.full_name,
}

ACCEPTED = [
    ("entity", ["a", "Z9", "9-_", "x" * 63, "vision-team", "model-factory"]),
    ("display", ["Acme", "Æther & Sons (2026)", "株式会社", "a b", "x" * 113, ".", "a.b"]),
    ("registry", ["a", "Fraud models", "a.b", "a-", "a_", "9", "x" * 113, "v1", "new"]),
    ("project", ["uploads", "a b", "modèle", "...", "x" * 128, "model", "wandb-registry"]),
    ("collection", ["a", "-", "_x", ".hidden", "a b", "...", "x" * 128, "latest", "v3"]),
    ("type", ["model", "data set", "modèle", "jobs", "wandb", "x" * 128, "a.b", "(x)"]),
    ("accepted type", ["model", "data set", "a.b", "modèle", "-", "_", "a.", "x" * 128]),
    ("alias", ["latest", "production", "v", "v1.0", "V3", "v-1", "prod 2", "é", "x" * 128]),
    ("run", ["a1b2c3d4", "run 1", "é", "x" * 128, "a.b", "...", "a\\b"]),
    ("path", ["a", "a/b", "weights.bin", "C:\\x", "a b", "...", ".x", "x" * 255, "é/ü"]),
    ("path", ["/".join(["x" * 255] * 4) + "/"[:0], "a\u200db", "\u0065\u0301"]),
    ("tag", ["a", "a b", "a  b", "-", "_x", "é", "x" * 128]),
    ("email", ["a@example.org", "a.b+c@sub.example.org"]),
    ("full name", ["", "Ada Lovelace", "Ὑπατία", "O'Brien-Smith, Jr.", "x" * 150]),
]

REFUSED = [
    ("entity", ["", "-a", "_a", "a b", "a.b", "x" * 64, "é", "a/b", "settings", "Admin"]),
    ("entity", ["API", "static", "new", "model", "DATASETS", "graphql", "\uff21cme"]),
    ("display", ["", "a/b", "a\\b", "a#", "a?", "5%", "a:b", " a", "a ", "x" * 114]),
    ("registry", ["", " a", "a ", "a.", ".a", "-a", "_a", "a/b", "é", "x" * 114, "a\tb"]),
    ("project", ["", ".", "..", "a/b", "a:b", "a%b", " a", "a ", "x" * 129, "a\\b", "a#b"]),
    ("project", ["registry", "model-registry", "Registry", "wandb-registry-x", "a?b"]),
    ("project", ["\uff52egistry", "WANDB-registry-x"]),
    ("collection", ["", ".", "..", " a", "a ", "a/b", "a:b", "é", "x" * 129, "a\tb"]),
    ("type", ["", "a/b", "a:b", "job", "wandb-history", " a", "a ", "x" * 129]),
    ("accepted type", ["", "job", "wandb-x", "a/b", "(x)", "a,b", "x" * 129, "🚀", ".x"]),
    (
        "alias",
        ["", "v0", "v3", "v99999999999999999999", "a/b", "a:b", " a", "a ", "x" * 129],
    ),
    ("run", ["", "a:b", "a;b", "a,b", "a#b", "a?b", "a/b", "a'b", " a", "a ", "x" * 129]),
    ("run", [".", ".."]),
    (
        "path",
        ["", "/", "/a", "a/", "a//b", ".", "..", "../x", "a/../b", "a/./b", "x" * 256],
    ),
    ("path", ["a\0b", "a\nb", "/".join(["x" * 200] * 6), "é" * 128]),
    ("tag", ["", " a", "a ", "a/b", "a.b", "a,b", "x" * 129, "#a"]),
    ("email", ["", "a", "a@", "@b", "a b@example.org", "a@b\n.org", "a@example..org"]),
    ("full name", [" a", "a ", "x" * 151, "a\0"]),
]

EVERYWHERE = [
    "a\ud800b",  # a lone surrogate, which no driver encodes
    "a\0b",
    "a\r\nb",
    "a\x1b[31mb",
    "a\x7fb",
    "a\u200bb",  # zero-width space, joiner, non-joiner, word joiner, byte order mark
    "a\u200db",
    "a\u200cb",
    "a\u2060b",
    "a\ufeffb",
    "a\u00adb",  # soft hyphen
    "\u202egpj.exe",  # right to left override
    "a\u2066b",
    "a\u061cb",
    "a\u2028b",
    "a\ue000b",  # private use
    "a\U000f0000b",
    "a\u0378b",  # unassigned
    "a\uffffb",
    "a\ufe0fb",  # variation selectors
    "a\U000e0100b",
    "a\U000e0061b",  # tag characters
    "a\u3164b",  # fillers
    "a\u115fb",
    "👨\u200d👩\u200d👧",
    "   ",
    "\u3000",
]


def pairs(rows: list[tuple[str, list[str]]]) -> list[Any]:
    return [
        pytest.param(name, value, id=f"{name}-{value[:20]!a}-{len(value)}")
        for name, values in rows
        for value in values
    ]


@pytest.mark.parametrize(("grammar", "value"), pairs(ACCEPTED))
def test_a_good_name_is_taken_as_it_is(grammar: str, value: str):
    assert NAMES[grammar](value) == value


@pytest.mark.parametrize(("grammar", "value"), pairs(REFUSED))
def test_a_bad_name_is_refused_and_the_field_named(grammar: str, value: str):
    with pytest.raises(Invalid) as refusal:
        NAMES[grammar](value)

    assert refusal.value.field
    assert str(refusal.value).strip()


@pytest.mark.parametrize("value", EVERYWHERE, ids=ascii)
def test_what_cannot_be_printed_is_in_no_name(value: str):
    assert takers(value) <= {"path"}


@pytest.mark.parametrize("value", [None, 1, b"a", ["a"], {"a": 1}, True], ids=repr)
def test_what_is_not_a_text_is_no_name(value: Any):
    assert takers(value) <= {"full name"}  # where None is nothing


def takers(value: Any) -> set[str]:
    """The grammars that take the value."""
    taken = set()
    for name, grammar in NAMES.items():
        with suppress(Invalid):
            grammar(value)
            taken.add(name)
    return taken


def test_every_character_that_shows_nothing_is_refused():
    """The Default_Ignorable_Code_Point list of Unicode, but for unassigned planes."""
    ranges = [
        (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5),
        (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F),
        (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
        (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
    ]  # fmt: skip
    shown = []
    for first, last in ranges:
        for code in range(first, last + 1):
            try:
                text.alias(f"a{chr(code)}b")
            except Invalid:
                continue
            shown.append(f"U+{code:04X}")

    assert shown == []


def test_names_are_kept_composed_and_paths_exactly():
    assert text.alias("e\u0301") == "\u00e9"
    assert text.display_name("e\u0301") == "\u00e9"
    assert text.entry_path("e\u0301") == "e\u0301"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Model", "model"),
        ("\ufb01le", "file"),  # a ligature
        ("\u212a", "k"),  # the Kelvin sign
        ("\uff21cme", "acme"),  # full width
        ("STRASSE", "straße"),
        ("e\u0301", "\u00c9"),
    ],
)
def test_names_that_look_alike_fold_to_one(one: str, other: str):
    assert text.fold(one) == text.fold(other)


@pytest.mark.parametrize("grammar", [text.display_name, text.project_name])
def test_a_name_whose_folded_form_outgrows_its_column_is_refused(grammar: Any):
    """U+FDFA folds to 18 characters; PostgreSQL would refuse the key, SQLite keep it."""
    with pytest.raises(Invalid):
        grammar("\ufdfa" * 100)


def test_email_addresses_are_lower_cased_and_fit_their_column():
    assert text.email("Ada@Example.ORG") == "ada@example.org"
    with pytest.raises(Invalid):
        text.email(f"{'a' * 60}@{'İ' * 190}.org")


# Longer texts


def test_texts_keep_their_lines_and_lose_what_turns_them_around():
    assert text.text("# Card\r\n\r\n*new*\ttab\rold") == "# Card\n\n*new*\ttab\nold"
    assert text.text("a\u202eb\u2066c") == "abc"
    assert text.text("") == ""


@pytest.mark.parametrize("value", ["a\0", "\x1b[2J", "\ud800", "\x7f", "\ufffe", None, 3])
def test_texts_hold_no_control_characters(value: Any):
    with pytest.raises(Invalid):
        text.text(value)


def test_texts_are_at_most_a_mebibyte():
    assert len(text.text("é" * 524_288)) == 524_288
    with pytest.raises(TooLarge):
        text.text("é" * 524_289)
    with pytest.raises(TooLarge):
        text.text("x" * 11, most=10)


# JSON


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"a": None, "b": True, "c": -1.5, "d": [1, {"e": "é"}]},
        {"big": 2**63, "huge": 10**400, "small": -(2**70)},
        {"x" * 1000: "y"},
        {str(n): n for n in range(100)},
        {"": ""},
    ],
)
def test_metadata_is_kept_exactly(value: dict[str, Any]):
    assert text.metadata(value) == value


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "a",
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": -float("inf")},
        {"a": "\0"},
        {"a\0": 1},
        {"a": "\ud800"},
        {"\udfff": 1},
        {"a": b"x"},
        {"a": (1, 2)},
        {1: 2},
        {"a": {None: 1}},
        {"a": 10**5000},
        {"a": -(10**5000)},
        {"a": nested(65)},
        {"a": nested(20_000)},
        {str(n): n for n in range(101)},
    ],
    ids=lambda value: ascii(value)[:24] if not isinstance(value, dict) else None,
)
def test_metadata_that_no_database_keeps_is_refused(value: Any):
    with pytest.raises(Invalid):
        text.metadata(value)


def test_metadata_that_holds_itself_is_refused():
    value: dict[str, Any] = {}
    value["a"] = value

    with pytest.raises(Invalid):
        text.metadata(value)


def test_metadata_is_at_most_a_mebibyte():
    with pytest.raises(TooLarge):
        text.metadata({"a": "x" * text.TEXT_LIMIT})


@pytest.mark.parametrize(
    "document",
    [
        "",
        "{",
        "nul",
        "NaN",
        '{"a": NaN}',
        "[Infinity]",
        "-Infinity",
        "1e400",
        '{"a": -1e999}',
        "9" * 5000,
        "-" + "9" * 5000,
        "[" * 100_000,
        '{"a":' * 100_000,
        '"\\ud800"',
        '{"a": "\\u0000"}',
        b"\xff\xfe",
        b'"\xed\xa0\x80"',
        "'a'",
        "{'a': 1}",
        "[1,]",
        "\ufeff{}",
    ],
    ids=lambda document: ascii(document)[:24],
)
def test_what_is_no_json_is_refused(document: str | bytes):
    with pytest.raises(Invalid):
        text.parse_json(document)


def test_json_numbers_are_kept_exactly_and_the_last_of_equal_keys_counts():
    assert text.parse_json('{"a": 9223372036854775808, "b": 0.1}') == {
        "a": 2**63,
        "b": 0.1,
    }
    assert text.parse_json('{"a": 1, "a": 2}') == {"a": 2}
    assert text.parse_json(b'{"a": "\xc3\xa9"}') == {"a": "é"}


def test_a_json_document_is_at_most_a_mebibyte_of_bytes():
    with pytest.raises(TooLarge):
        text.parse_json('"' + "é" * 600_000 + '"')


@pytest.mark.parametrize("value", [0, 1, 2**63 - 1])
def test_sizes_fit_a_column(value: int):
    assert text.size(value) == value


@pytest.mark.parametrize("value", [-1, 2**63, 1.0, "1", True, None])
def test_other_sizes_are_refused(value: Any):
    with pytest.raises(Invalid):
        text.size(value)


# Whatever comes in: a value or a refusal, soon

ANYTHING: dict[str, Callable[[Any], Any]] = NAMES | {
    "text": text.text,
    "metadata": text.metadata,
    "json": text.parse_json,
    "size": text.size,
}
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
json_like = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
letters = st.text(st.characters(categories=["L", "M", "N", "P", "S", "Z", "C", "Cs"]))


@pytest.mark.parametrize("grammar", ANYTHING)
@given(value=letters | st.from_regex(r"[-\w. :/]{0,140}", fullmatch=True) | json_like)
@example(value="\ufdfa" * 113)
@settings(max_examples=60, derandomize=True)
def test_everything_is_a_value_or_a_refusal(grammar: str, value: Any):
    if grammar == "json":
        value = str(value)
    kept, refusal = answer(ANYTHING[grammar], value)

    assert refusal.isprintable() or "\n" in refusal
    if isinstance(kept, str) and grammar != "path":
        assert kept == unicodedata.normalize("NFC", kept)
        assert answer(ANYTHING[grammar], kept) == (kept, "")


def answer(grammar: Callable[[Any], Any], value: Any) -> tuple[Any, str]:
    """What is kept of the value, or the sentence that refuses it."""
    try:
        return grammar(value), ""
    except Refusal as refusal:
        return None, str(refusal)


LONG = {
    "letters": "a" * 100_000,
    "spaces": "a" + " " * 100_000 + "!",
    "words": "a " * 50_000 + "!",
    "dots": "." * 100_000,
    "dashes": "-" * 100_000 + "!",
    "slashes": "a/" * 50_000 + "\0",
    "marks": "a" + "\u0316\u0301" * 50_000,
    "ligatures": "\ufdfa" * 100_000,
    "at signs": "a@" * 50_000,
    "hyphenated domain": "a@" + "a-" * 50_000,
    "brackets": "[" * 100_000,
    "digits": "9" * 100_000,
}


@pytest.mark.parametrize("shape", LONG)
def test_long_input_is_answered_soon(shape: str):
    for grammar in ANYTHING.values():
        begun = time.process_time()
        _, refusal = answer(grammar, LONG[shape])
        assert len(refusal) < 2000
        assert time.process_time() - begun < 0.5


@pytest.mark.parametrize("shape", LONG)
def test_the_patterns_themselves_are_linear(shape: str):
    patterns = [text.ENTITY, text.REGISTRY, text.COLLECTION, text.ACCEPTED_TYPE, text.TAG]
    begun = time.process_time()
    for pattern in patterns:
        pattern.fullmatch(LONG[shape])

    assert time.process_time() - begun < 0.5
