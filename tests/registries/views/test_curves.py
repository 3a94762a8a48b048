"""The small charts of metrics: round ticks, gaps, single points, values in a table."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registries.models import RunMetric
from registries.models.run import Stream
from registries.streams import POINTS, curve, note
from registries.views.curves import ROWS, drawn
from registries.views.scales import SIZE, amounts, steps

NUMBERS = st.floats(-9e299, 9e299) | st.integers(-(2**53), 2**53)


def measured(*values: object) -> RunMetric:
    metric = RunMetric(key="loss", stream=Stream.HISTORY)
    for x, value in enumerate(values):
        note(metric, x, value)
    return metric


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.33, 1, "0 0.5 1.0"),
        (0, 99.75, "0 50 100"),
        (40, 46, "40 42 44 46"),
        (-0.000399, 0, "-0.0004 -0.0002 0"),
        (0, 3e-7, "0 1e-7 2e-7 3e-7"),
        (0.9999, 0.999901, "0.9999 0.9999005 0.999901"),
        (3e9, 4.97e9, "3G 4G 5G"),
        (1, 990_838, "0 0.5M 1.0M"),
        (-9e299, 9e299, "-1e300 0 1e300"),
        (0.731, 0.731, "0 0.5 1.0 1.5"),
        (0, 0, "-1 0 1"),
        (0, 5e-324, "-1 0 1"),
    ],
)
def test_amounts_stand_between_round_ticks(low, high, ticks):
    scale = amounts(low, high)

    assert " ".join(tick.text for tick in scale.ticks) == ticks
    assert (scale.ticks[0].place, scale.ticks[-1].place) == (0, SIZE)
    assert 0 <= scale.place(low) <= scale.place(high) <= SIZE


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0, 1, "0 1"),
        (0, 9975, "0 5000"),
        (0, 2_000_000, "0 0.5M 1.0M 1.5M 2.0M"),
        (7, 7, "7"),
        (100_001, 100_003, "100.001k 100.002k 100.003k"),
    ],
)
def test_steps_have_ticks_at_whole_ones(low, high, ticks):
    assert " ".join(tick.text for tick in steps(low, high).ticks) == ticks


@settings(derandomize=True)
@given(NUMBERS, NUMBERS)
def test_any_amounts_have_few_ticks_that_differ(one, other):
    scale = amounts(min(one, other), max(one, other))

    texts = [tick.text for tick in scale.ticks]
    assert 2 <= len(set(texts)) == len(texts) <= 6
    assert 0 <= scale.place(one) <= SIZE


def test_a_line_ends_where_values_are_no_numbers():
    chart = drawn(measured(0, 1, "NaN", "Infinity", 2, "-Infinity", 0, 3, "NaN"))

    assert chart.line == "M0 1000L125 667M750 1000L875 0"
    assert chart.dots == "M500 333h0M875 0h0"
    assert (chart.last, chart.lowest, chart.highest) == ("NaN", "0", "3")
    assert ("8", "no number") in chart.rows
    assert chart.has_gaps


def test_one_value_is_a_dot():
    chart = drawn(measured(42.5))

    assert (chart.line, chart.dots) == ("", "M500 625h0")
    assert [tick.text for tick in chart.across] == ["0"]
    assert not chart.has_gaps


def test_gaps_stay_as_a_long_curve_loses_points():
    metric = measured(
        *(n if n % 3 and not 4000 < n < 5000 else "NaN" for n in range(10_000))
    )

    points = curve(metric)
    assert len(points) <= POINTS
    assert sum(y is not None for _, y in points) >= POINTS // 4
    assert any(y is None and 3900 < x < 5100 for x, y in points)
    assert metric.count == sum(bool(n % 3) for n in [*range(4001), *range(5000, 10_000)])
    assert len(drawn(metric).rows) <= ROWS + 1
