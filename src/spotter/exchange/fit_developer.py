"""The fields that Spotter adds to FIT's own: a set's score, range of motion and exercise."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from spotter.coach.session import SessionSet
from spotter.exchange.timeline import mean_range_deg, mean_score

Message = dict[str, Any]
"""A message's fields by the names of the SDK's profile."""

APPLICATION = UUID("6f1d1b5e-6a0c-4c9e-9d0e-53706f747465")
"""Which application the fields belong to."""

DEVELOPMENT = 255
"""FIT's manufacturer for programs that have no number of their own."""

SCORE, RANGE, EXERCISE = 0, 1, 2
"""Numbers of the fields: score 0 to 100, range of motion in degrees, Spotter's name of the exercise."""

_FLOAT32, _STRING = 0x88, 0x07
_FIELDS = (
    (SCORE, _FLOAT32, "Score", "%"),
    (RANGE, _FLOAT32, "Range of motion", "deg"),
    (EXERCISE, _STRING, "Exercise", None),
)
_MOST_BYTES = 254
_MOST = 3e38  # of a float32


def developer_id() -> Message:
    """The message that says whose the fields are."""
    return {
        "application_id": list(APPLICATION.bytes),
        "developer_data_index": 0,
        "manufacturer_id": DEVELOPMENT,
    }


def developer_fields() -> list[Message]:
    """The messages that describe the fields, in the order of their numbers.

    >>> [one["field_name"] for one in developer_fields()]
    ['Score', 'Range of motion', 'Exercise']
    """
    return [
        {
            "developer_data_index": 0,
            "field_definition_number": number,
            "fit_base_type_id": base_type,
            "field_name": name,
            "units": units,
        }
        for number, base_type, name, units in _FIELDS
    ]


def set_fields(one: SessionSet) -> dict[int, float | str]:
    """A set's values by the fields' numbers: means of its complete repetitions; what is not known is out.

    >>> set_fields(SessionSet("plank", 0.0, 30.0))
    {2: 'plank'}
    """
    measured = {SCORE: mean_score(one), RANGE: mean_range_deg(one)}
    known = {key: value for key, value in measured.items() if abs(value) < _MOST}  # never of NaN
    return {**known, EXERCISE: field_text(one.exercise)}


def field_text(text: str) -> str:
    """As much of a text as fits into a field, which ends with a zero and is never empty.

    >>> field_text("squat"), len(field_text("ü" * 200)), field_text("")
    ('squat', 127, '?')
    """
    clean = text.replace("\0", "").encode("utf-8", "replace")
    return clean[:_MOST_BYTES].decode("utf-8", "ignore") or "?"
