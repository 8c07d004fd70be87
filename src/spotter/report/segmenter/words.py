"""Names and figures of a segmenter's evaluation as a reader expects them."""

from __future__ import annotations

import math

from spotter.report.recognizer.evaluation import percent
from spotter.segmenter.metrics import Estimate


def spaced(name: str) -> str:
    """A class's name in words.

    >>> spaced("left_upper_arm")
    'left upper arm'
    """
    return name.replace("_", " ")


def ends(one: Estimate) -> str:
    """The ends of an interval in per cent; empty where there is none.

    >>> ends(Estimate(0.5, 0.412, 0.588)), ends(Estimate(0.5))
    ('41 to 59', '')
    """
    if not (math.isfinite(one.low) and math.isfinite(one.high)):
        return ""
    return f"{100 * one.low:.0f} to {100 * one.high:.0f}"


def with_ends(one: Estimate) -> str:
    """A figure with its interval.

    >>> with_ends(Estimate(0.5, 0.412, 0.588)), with_ends(Estimate(0.5))
    ('50.0 % (41 to 59)', '50.0 %')
    """
    return f"{percent(one.value)} ({ends(one)})" if ends(one) else percent(one.value)
