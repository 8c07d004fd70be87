"""Arrays and dataclasses as only what JSON has, with as many digits as a reader wants."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any

import numpy as np

_DIGITS = 6


def plain(value: Any) -> Any:
    """Dictionaries, lists, texts and numbers: floats rounded to six places, None where one is not finite.

    Documents for other programs are made of it. What Spotter reads again without loss goes through
    ``spotter.exchange.plain`` instead.

    >>> plain({"range_deg": np.array([90, np.nan], np.float32), "sets": (1, 2)})
    {'range_deg': [90.0, None], 'sets': [1, 2]}
    """
    if is_dataclass(value):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, float):
        return round(value, _DIGITS) if math.isfinite(value) else None
    return value
