"""The filters of automations: JSON that says which of the events in a scope count.

Of events of artifacts they name aliases and tags; of events of runs, the runs and what
their metric or state must do. Only their form is asked here, and they are kept as sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from accounts import text
from accounts.actors import Invalid
from registries.expressions import NotAPattern
from registries.models import Automation
from registries.patterns import pattern

LENGTH = 20_000
DEPTH = 10
LIST = 100
LOGICAL = ("$and", "$or", "$nor")
ORDERED = ("$gt", "$gte", "$lt", "$lte")
OF_ARTIFACTS = frozenset({"alias", "tag"})
OF_RUNS = frozenset(
    {
        *("name", "display_name", "displayName", "state", "group", "job_type", "jobType"),
        *("host", "tags", "username", "config", "summary_metrics", "summaryMetrics"),
    }
)

type Shape = Mapping[str, Callable[[Any], bool]]


def check_filter(event: str, document: str) -> str:
    """Return the filter of an event, as it came; raise Invalid unless it has its form."""
    value = _json(document)
    kind = Automation.Event(event)
    if not kind.is_of_runs:
        _check_condition(value, OF_ARTIFACTS)
    elif kind is Automation.Event.RUN_STATE:
        _check_runs(value, "run_state_filter", STATE)
    else:
        _check_runs(value, "run_metric_filter", None)
        choice, shape = METRICS[kind]
        metric = value["run_metric_filter"]
        # SDKs before 0.26 name the other choices too, with nothing in them.
        if {name for name, given in metric.items() if given is not None} != {choice}:
            raise _invalid(f"The filter of this event has one {choice}")
        _check_shape(metric[choice], shape, choice)
    return document


def _invalid(sentence: str) -> Invalid:
    return Invalid("filter", f"{sentence}.")


def _json(document: str) -> Any:
    if len(document) > LENGTH:
        raise _invalid(f"The filter is JSON of at most {LENGTH:,} characters")
    return text.parse_json(document, "filter")


def _check_condition(value: Any, fields: frozenset[str], depth: int = 0) -> None:
    """Ask of an object whether its keys are operators, and fields that there are."""
    if not isinstance(value, dict) or depth > DEPTH:
        raise _invalid(f"The filter is an object, nested at most {DEPTH} levels deep")
    for key, operand in value.items():
        if key in LOGICAL:
            for one in _listed(key, operand):
                _check_condition(one, fields, depth + 1)
        elif key == "$not":
            _check_condition(operand, fields, depth + 1)
        elif key.partition(".")[0] in fields:
            operators = operand if isinstance(operand, dict) else {"$eq": operand}
            _check_operators(key, operators, depth + 1)
        else:
            known = ", ".join(sorted(fields))
            raise _invalid(f"The filter knows no {key[:80]}, but {known}")


def _check_operators(field: str, operators: Mapping[str, Any], depth: int) -> None:
    if depth > DEPTH:
        raise _invalid(f"The filter is nested deeper than {DEPTH} levels")
    for operator, operand in operators.items():
        if operator in LOGICAL or operator == "$not":
            for one in [operand] if operator == "$not" else _listed(operator, operand):
                inner = one if isinstance(one, dict) else {"$eq": one}
                _check_operators(field, inner, depth + 1)
        elif operator not in OPERANDS:
            raise _invalid(f"{operator[:80]} is no operator of a filter")
        elif not OPERANDS[operator](operand):
            raise _invalid(f"{operator} of {field[:80]} does not take this operand")


def _listed(operator: str, operand: Any) -> list[Any]:
    if not isinstance(operand, list) or len(operand) > LIST:
        raise _invalid(f"{operator} takes a list of at most {LIST} conditions")
    return operand


def _check_runs(value: Any, name: str, shape: Shape | None) -> None:
    """Ask of the filter of an event of runs which runs it means, and for its other part."""
    if not isinstance(value, dict) or set(value) - {"run_filter", name, "metric_filter"}:
        raise _invalid(f"The filter of this event has a run_filter and a {name}")
    runs = value.get("run_filter", "{}")
    _check_condition(_json(runs) if isinstance(runs, str) else runs, OF_RUNS)
    if not isinstance(value.get(name), dict):
        raise _invalid(f"The filter of this event has a {name}")
    if shape is not None:
        _check_shape(value[name], shape, name)


def _check_shape(value: Any, shape: Shape, name: str) -> None:
    if not isinstance(value, dict) or set(value) - set(shape):
        raise _invalid(f"{name} has {', '.join(shape)}")
    for key, fits in shape.items():
        if not fits(value.get(key)):
            raise _invalid(f"{key} of {name} is missing, or nothing that it can be")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 255


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_amount(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_window(value: Any) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and 1 <= value <= 10_000


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | bool | int | float | None)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= LIST and all(map(_is_scalar, value))


def _is_pattern(value: Any) -> bool:
    try:
        return isinstance(value, str) and bool(pattern(value))
    except NotAPattern:
        return False


def _choice(words: Sequence[str | None]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str | None) and value in words


def _is_states(value: Any) -> bool:
    states = {"RUNNING", "FINISHED", "FAILED"}
    is_list = isinstance(value, list) and 0 < len(value) <= len(states)
    return is_list and all(isinstance(one, str) and one in states for one in value)


OPERANDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("$eq", "$ne"), lambda value: _is_scalar(value) or _is_list(value)),
    **dict.fromkeys(ORDERED, lambda value: _is_number(value) or isinstance(value, str)),
    **dict.fromkeys(("$in", "$nin", "$all"), _is_list),
    "$exists": lambda value: isinstance(value, bool),
    "$contains": lambda value: isinstance(value, str),
    "$regex": _is_pattern,
    "$size": _is_window,
}
AGGREGATION = _choice(("MAX", "MIN", "AVERAGE", None))
DIRECTION = _choice(("INCREASE", "DECREASE", "ANY"))
STATE: Shape = {"states": _is_states}
METRICS: dict[Automation.Event, tuple[str, Shape]] = {
    Automation.Event.RUN_METRIC: (
        "threshold_filter",
        {
            "name": _is_text,
            "agg_op": AGGREGATION,
            "window_size": _is_window,
            "cmp_op": _choice(ORDERED),
            "threshold": _is_number,
        },
    ),
    Automation.Event.RUN_METRIC_CHANGE: (
        "change_filter",
        {
            "name": _is_text,
            "agg_op": AGGREGATION,
            "current_window_size": _is_window,
            "prior_window_size": _is_window,
            "change_type": _choice(("ABSOLUTE", "RELATIVE")),
            "change_dir": DIRECTION,
            "change_amount": _is_amount,
        },
    ),
    Automation.Event.RUN_METRIC_ZSCORE: (
        "zscore_filter",
        {
            "name": _is_text,
            "window_size": _is_window,
            "threshold": _is_amount,
            "change_dir": DIRECTION,
        },
    ),
}
