"""Values as plain data for JSON, and back by the types that they are declared with."""

from __future__ import annotations

import types
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

_UNIONS = (Union, types.UnionType)
_PLAIN = frozenset({str, int, float, bool, type(None)})
_MAPPINGS = frozenset({dict, Counter, Mapping})
_LISTS = frozenset({tuple, list, Sequence})


def as_plain(value: Any) -> Any:
    """Give a value as what JSON can hold.

    Instants and days become ISO 8601, spans seconds, tuples lists, dataclasses objects
    without the fields that have their default, mappings whose keys are no strings
    lists of pairs.
    """
    kind: type = type(value)
    if kind in _PLAIN:
        return value
    told = _defaults(kind)
    if told is not None:
        pairs = [(name, getattr(value, name), default) for name, default in told]
        return {
            name: as_plain(each) for name, each, default in pairs if each != default
        }
    if isinstance(value, dict):
        if all(isinstance(key, str) for key in value):
            return {key: as_plain(each) for key, each in value.items()}
        return [[as_plain(key), as_plain(each)] for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [as_plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.total_seconds() if isinstance(value, timedelta) else value


@cache
def _defaults(kind: type) -> tuple[tuple[str, Any], ...] | None:
    """Give the fields of a dataclass with their defaults; ``None`` for other types."""
    if not is_dataclass(kind):
        return None
    return tuple((each.name, each.default) for each in fields(kind))


def from_plain(value: Any, kind: Any) -> Any:
    """Make a value of a declared type of what `as_plain` gave.

    Args:
        value: plain data.
        kind: the type, as annotations name it; ``Any`` leaves the data as it is.

    Raises:
        ValueError: the data does not fit. Fields that a dataclass does not have any
            more are passed over.

    >>> from datetime import datetime
    >>> from_plain(["2026-11-02T04:00:00+00:00"], tuple[datetime, ...])[0].hour
    4
    """
    try:
        return _read(value, kind)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"is no {getattr(kind, '__name__', kind)}: {error}") from error


def _read(value: Any, kind: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in _UNIONS:
        [other, *_] = [each for each in inner if each is not type(None)]
        return None if value is None else _read(value, other)
    if origin in _MAPPINGS:
        return _read_mapping(value, origin, inner)
    if origin in _LISTS:
        return tuple(_read(one, inner[0]) for one in value)
    if origin is Literal and value not in inner:
        raise TypeError(f"{value!r} is not one of {inner}")
    return _read_one(value, kind) if isinstance(kind, type) else value


def _read_one(value: Any, kind: type) -> Any:
    if issubclass(kind, date):
        return kind.fromisoformat(value)
    if kind is timedelta:
        return timedelta(seconds=value)
    if is_dataclass(kind):
        hints = _hints(kind)
        known = {name: each for name, each in value.items() if name in hints}
        return kind(**{name: _read(each, hints[name]) for name, each in known.items()})
    return _checked(value, kind) if kind in {str, int, bool, float} else value


def _read_mapping(value: Any, origin: Any, inner: tuple[Any, ...]) -> Any:
    pairs = value.items() if isinstance(value, dict) else value
    of = inner[1] if len(inner) > 1 else int  # A counter's.
    found = {_read(key, inner[0]): _read(one, of) for key, one in pairs}
    return Counter(found) if origin is Counter else found


def _checked(value: Any, kind: type) -> Any:
    if (
        not isinstance(value, int if kind is float else kind)
        and type(value) is not kind
    ):
        raise TypeError(f"{value!r} is no {kind.__name__}")
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
