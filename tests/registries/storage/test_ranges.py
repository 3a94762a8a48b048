"""Every way to ask for a part of a file."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registries.storage import ranges
from registries.storage.ranges import Part, UnsatisfiableRange, parse_range

DIGITS = "9" * 3999


@pytest.mark.parametrize(
    ("header", "size", "part"),
    [
        ("bytes=0-0", 10, (0, 1)),
        ("bytes=0-9", 10, (0, 10)),
        ("bytes=3-5", 10, (3, 6)),
        ("bytes=9-9", 10, (9, 10)),
        ("bytes=9-", 10, (9, 10)),
        ("bytes=0-", 10, (0, 10)),
        ("bytes=5-100", 10, (5, 10)),
        (f"bytes=5-{DIGITS}", 10, (5, 10)),
        ("bytes=-1", 10, (9, 10)),
        ("bytes=-10", 10, (0, 10)),
        ("bytes=-11", 10, (0, 10)),
        (f"bytes=-{DIGITS}", 10, (0, 10)),
        ("bytes=007-008", 10, (7, 9)),
        ("BYTES=1-2", 10, (1, 3)),
        ("bytes = 1-2 ", 10, (1, 3)),
    ],
)
def test_a_range_is_exact(header, size, part):
    assert parse_range(header, size) == part


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-3",
        "bytes=1-2,4-5",
        "bytes=1-2, 4-5",
        "bytes=,1-2",
        "bytes=+1-2",
        "bytes=1.0-2",
        "bytes=0x1-2",
        "bytes=²-3",
        "bytes=\u0661-\u0662",
        "bytes 1-2",
        "lines=1-2",
        "bytes=1 - 2",
        f"bytes=0-{'9' * 5000}",
    ],
)
def test_what_is_no_single_range_gives_the_whole_file(header):
    assert parse_range(header, 10) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=10-", 10),
        ("bytes=10-20", 10),
        (f"bytes={DIGITS}-", 10),
        ("bytes=-0", 10),
        ("bytes=0-", 0),
        ("bytes=0-0", 0),
        ("bytes=-1", 0),
    ],
)
def test_a_range_behind_the_end_cannot_be_satisfied(header, size):
    with pytest.raises(UnsatisfiableRange):
        parse_range(header, size)


@settings(derandomize=True)
@given(st.text(max_size=30), st.integers(0, 50))
def test_any_header_gives_a_part_inside_the_file_or_none(header, size):
    try:
        part = parse_range(f"bytes={header}", size)
    except UnsatisfiableRange:
        return
    assert part is None or 0 <= part[0] < part[1] <= size


@settings(derandomize=True)
@given(st.binary(max_size=64), st.integers(0, 64), st.integers(0, 64), st.integers(1, 9))
def test_a_part_is_those_bytes_in_small_chunks(content, one, other, chunk):
    start, stop = sorted((min(one, len(content)), min(other, len(content))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranges, "CHUNK", chunk)
        chunks = list(Part(BytesIO(content), start, stop, before=lambda: None))

    assert b"".join(chunks) == content[start:stop]
    assert all(0 < len(piece) <= chunk for piece in chunks)


def test_closing_a_part_that_nobody_read_closes_the_file():
    file = BytesIO(b"content")

    Part(file, 0, 7, before=lambda: None).close()

    assert file.closed


def test_the_first_chunk_comes_after_what_has_to_happen_before():
    happened = []
    part = Part(BytesIO(b"content"), 0, 7, before=lambda: happened.append(True))
    assert happened == []

    list(part)

    assert happened == [True]
