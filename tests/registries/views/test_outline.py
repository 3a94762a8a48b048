"""Files as a tree, metadata as rows."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from registries.models import Entry
from registries.views.outline import LONGEST, Value, outline, tree

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=30,
)


def entry(path: str, size: int = 1) -> Entry:
    return Entry(path=path, size=size)


def test_files_stand_in_their_folders_with_sums():
    root = tree([entry("a/b/c.txt", 1), entry("a/d.txt", 2), entry("e.txt", 4)])

    (a,) = root.inside
    (b,) = a.inside
    assert (root.file_count, root.size) == (3, 7)
    assert (a.name, a.file_count, a.size) == ("a", 2, 3)
    assert (b.name, [file.name for file in b.files]) == ("b", ["c.txt"])
    assert [file.name for file in root.files] == ["e.txt"]


def test_objects_are_opened_and_plain_lists_are_not():
    metadata = {
        "lr": 0.001,
        "data": {"name": "set", "shape": [3, 224]},
        "runs": [{"id": 1}, {"id": 2}],
        "empty": {},
        "none": None,
        "yes": True,
    }

    assert outline(metadata, 100) == [
        Value(("lr",), "0.001", is_text=False),
        Value(("data", "name"), "set", is_text=True),
        Value(("data", "shape"), "[3, 224]", is_text=False),
        Value(("runs", "0", "id"), "1", is_text=False),
        Value(("runs", "1", "id"), "2", is_text=False),
        Value(("empty",), "{}", is_text=False),
        Value(("none",), "null", is_text=False),
        Value(("yes",), "true", is_text=False),
    ]


def test_it_is_bounded_in_number_length_and_depth():
    deep: dict = {"end": 1}
    for _ in range(60):
        deep = {"k": deep}

    assert len(outline({str(n): n for n in range(50)}, 10)) == 10
    assert outline({"long": "x" * 10_000}, 1)[0].text == "x" * LONGEST + "…"
    (value,) = outline(deep, 10)
    assert len(value.keys) == 8
    assert value.text.startswith('{"k": ')


def test_no_metadata_is_no_row():
    assert outline({}, 10) == []


def test_a_large_integer_is_shown_exactly():
    assert outline({"n": 2**80}, 1)[0].text == str(2**80)


@settings(derandomize=True)
@given(st.dictionaries(st.text(), JSON, max_size=5), st.integers(0, 20))
def test_any_document_has_an_outline(metadata, limit):
    assert len(outline(metadata, limit)) <= limit
