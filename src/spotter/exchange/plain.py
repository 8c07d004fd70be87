"""Frozen dataclasses as what JSON can say, and back: what is not known is null."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np
from numpy.typing import NDArray


def to_plain(value: object) -> Any:
    """A dataclass as dictionaries, lists, texts and numbers; NaN becomes None.

    >>> from spotter.coach.analysis import Tempo
    >>> to_plain(Tempo(1.5, math.nan, 2.0))
    {'out': 1.5, 'hold': None, 'back': 2.0}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, np.ndarray):
        # A float32 is written with the few digits that give it back, not with those of a float64.
        exact = value.astype(str).astype(np.float64) if value.dtype == np.float32 else value
        return [to_plain(one) for one in exact.tolist()]
    if isinstance(value, np.generic):
        return to_plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): to_plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [to_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def from_plain(kind: Any, value: Any, where: str = "") -> Any:
    """The other way: an object of a type, of what ``to_plain`` made of it.

    Keys that the type does not know are left out, and fields with a default may be missing.

    Args:
        kind: a dataclass, or the type of one of its fields.
        value: as read from JSON.
        where: path of the value, for the message.

    Raises:
        ValueError: the value is none of that type; says where, what came and what is wanted.

    >>> from spotter.coach.analysis import Tempo
    >>> from_plain(Tempo, {"out": 1.5, "hold": None, "back": 2})
    Tempo(out=1.5, hold=nan, back=2.0)
    >>> from_plain(Tempo, {"out": "slow", "hold": 0, "back": 0})
    Traceback (most recent call last):
    ...
    ValueError: out is 'slow'; a number is wanted
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None:
            return None
        return from_plain(next(one for one in arguments if one is not NoneType), value, where)
    if origin is Literal:
        wanted = " or ".join(map(repr, arguments))
        return _checked(value, isinstance(value, str) and value in arguments, wanted, where)
    if origin is tuple:
        items = _checked(value, isinstance(value, list), "a list", where)
        return tuple(from_plain(arguments[0], one, f"{where}[{row}]") for row, one in enumerate(items))
    if origin is np.ndarray:
        return _array(get_args(arguments[1])[0], value, where)
    if origin in (dict, Mapping):
        items = _checked(value, isinstance(value, dict), "an object", where)
        return {key: from_plain(arguments[1], one, _inside(where, key)) for key, one in items.items()}
    if is_dataclass(kind):
        return _dataclass(kind, value, where)
    return _scalar(kind, value, where)


def _dataclass(kind: Any, value: Any, where: str) -> Any:
    items = _checked(value, isinstance(value, dict), "an object", where)
    types = get_type_hints(kind)
    known = {}
    for one in fields(kind):
        if one.name in items:
            known[one.name] = from_plain(types[one.name], items[one.name], _inside(where, one.name))
        elif one.default is MISSING and one.default_factory is MISSING:
            raise ValueError(f"{_inside(where, one.name)} is missing")
    return kind(**known)


def _scalar(kind: Any, value: Any, where: str) -> Any:
    if kind is object:
        return value
    if kind is float:
        return math.nan if value is None else _number(value, where)
    if kind is datetime:
        try:
            return datetime.fromisoformat(value)
        except (TypeError, ValueError):
            _checked(value, False, "a time such as 2026-05-04T18:30:00+02:00", where)
    names = {str: "a text", bool: "true or false", int: "a whole number"}
    right = isinstance(value, kind) and (kind is bool or not isinstance(value, bool))
    return _checked(value, right, names[kind], where)


def _number(value: Any, where: str) -> float:
    _checked(value, isinstance(value, int | float) and not isinstance(value, bool), "a number", where)
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    return float(_checked(number, math.isfinite(number), "a finite number", where))


def _array(scalar: Any, value: Any, where: str) -> NDArray[Any]:
    items = _checked(value, isinstance(value, list), "a list of numbers", where)
    numbers = [math.nan if one is None else _number(one, f"{where}[{row}]") for row, one in enumerate(items)]
    with np.errstate(over="ignore"):
        array = np.asarray(numbers, dtype=scalar)
    _checked(value, not np.isinf(array).any(), f"a list of numbers that {np.dtype(scalar)} can hold", where)
    return array


def _checked(value: Any, right: bool, wanted: str, where: str) -> Any:
    if right:
        return value
    shown = repr(value)
    shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
    raise ValueError(f"{where or 'the document'} is {shown}; {wanted} is wanted")


def _inside(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
