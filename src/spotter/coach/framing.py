"""The get-ready guide: what to change until the camera sees all that is needed, from a useful side."""

from __future__ import annotations

import math
import tomllib
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body
from spotter.coach.exercise import Exercise
from spotter.coach.framing_values import (
    Posture,
    light,
    light_values,
    needs_of,
    place_values,
    posture_of,
    view_values,
)
from spotter.coach.words import ENGLISH, Words
from spotter.media.frame import Frame

_LOOK_EVERY_S = 0.1
_GAP_S = 1.0
_POSTURE_S = 1.0  # long enough that somebody who sways is not asked to turn
_MOST_AT_ONCE = 3  # nobody reads more
_A_LITTLE_S = 1e-6  # times of frames are no exact tenths


@dataclass(frozen=True, slots=True)
class Hint:
    """One thing to change before the coach can see well.

    Attributes:
        name: short name with hyphens, such as ``"step-back"``, as in ``framing.toml``.
        text: what to do, in plain words.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HintRule:
    """When a hint is given; a row of ``framing.toml``, whose head explains it.

    Attributes:
        name: as in ``Hint``.
        text: what to do; ``{how}`` is filled with how to turn.
        begins, ends: its value's limits.
        steady_s: seconds for which they must be passed.
        below: whether lower values are worse.
        blocks: whether nobody is ready while it holds.
        patience_s: seconds after which it blocks no more.
        always: whether it is said in a set too.
        instead_of: names of hints that it makes superfluous.
    """

    name: str
    text: str
    begins: float
    ends: float
    steady_s: float
    below: bool = False
    blocks: bool = False
    patience_s: float = math.inf
    always: bool = False
    instead_of: tuple[str, ...] = ()

    def is_beyond(self, value: float, limit: float) -> bool:
        """Whether a value is worse than a limit; NaN is not."""
        return value < limit if self.below else value > limit


@dataclass(frozen=True, slots=True)
class HintTable:
    """All of ``framing.toml``.

    Attributes:
        ready_s: for how long all must be well.
        rules: in the order of their rank.
        ways: view to how one turns to show it.
    """

    ready_s: float
    rules: tuple[HintRule, ...]
    ways: Mapping[str, str]


@cache
def hint_table() -> HintTable:
    """The table of hints.

    >>> hint_table().rules[0].name, hint_table().ways["front"]
    ('black', 'to face the camera')
    """
    table = tomllib.loads(files("spotter.coach").joinpath("framing.toml").read_text("utf-8"))
    rows = table["hints"].items()
    rules = (HintRule(name, **row | {"instead_of": tuple(row.get("instead_of", ()))}) for name, row in rows)
    return HintTable(table["ready_s"], tuple(rules), table["ways"])


class Framing:
    """Watches whether the camera sees enough; what it says has held for some tenths of a second.

    Args:
        exercise: what is to be seen; the whole body from any side if None.
        words: the language of the hints.

    Attributes:
        exercise: what is to be seen now.

    Example::

        framing = Framing(exercise)
        hints = framing.look(frame, bodies, body)
        if framing.is_ready: ...
    """

    def __init__(self, exercise: Exercise | None = None, words: Words = ENGLISH) -> None:
        self._words = words
        self._looked_s = -math.inf
        self._shades: NDArray[np.float32] | None = None
        self._changed_s = math.nan
        self._postures: deque[Posture] = deque(maxlen=round(_POSTURE_S / _LOOK_EVERY_S))
        self._on: dict[str, float] = {}  # what is said, and since when
        self._passed_s: dict[str, float] = {}  # since when a limit is passed that would change that
        self.change(exercise)

    def change(self, exercise: Exercise | None) -> None:
        """Watch for another exercise from now on."""
        self.exercise = exercise
        self._needs = needs_of(exercise)
        self._well_s = math.nan

    @property
    def is_ready(self) -> bool:
        """Whether all that is needed has been well seen for about a second."""
        return self._looked_s - self._well_s >= hint_table().ready_s

    @property
    def is_blocked(self) -> bool:
        """Whether something that is said keeps the coach from seeing anything at all."""
        return any(rule.name in self._on for rule in hint_table().rules if rule.blocks and rule.always)

    def look(self, frame: Frame, bodies: Sequence[Body], body: Body | None) -> tuple[Hint, ...]:
        """What to change, most important first; empty where all is well.

        Args:
            frame: the newest picture; times must grow.
            bodies: everybody in it.
            body: the one who is coached; None if not seen.
        """
        if frame.time_s - self._looked_s >= _LOOK_EVERY_S:
            if frame.time_s - self._looked_s > _GAP_S:  # nothing is known of the time between
                self._passed_s, self._well_s, self._shades = {}, math.nan, None
            self._looked_s = frame.time_s
            self._judge(self._values(frame, bodies, body))
        return self._said(hint_table().rules)

    @property
    def always(self) -> tuple[Hint, ...]:
        """What of it is to be said in a set too: the camera's faults, and that nobody is seen."""
        return self._said([rule for rule in hint_table().rules if rule.always])

    def _values(self, frame: Frame, bodies: Sequence[Body], body: Body | None) -> dict[str, float]:
        """What the hints go by, by their names; what is not known is left out."""
        shades = light(frame.image)
        if self._shades is None or not np.array_equal(shades, self._shades):
            self._shades, self._changed_s = shades, frame.time_s
        values = light_values(shades, body) | {
            "frozen": frame.time_s - self._changed_s,
            "nobody": float(body is None),
        }
        if body is None:
            self._postures.clear()
            return values
        self._postures.append(posture_of(body))
        others = [other for other in bodies if other is not body]
        height, width = frame.image.shape[:2]
        return (
            values
            | place_values(self._needs, body, others, (height, width))
            | view_values(self._needs, self._postures)
        )

    def _judge(self, values: Mapping[str, float]) -> None:
        """Begin and end hints, and learn whether all is well."""
        well = True
        for rule in hint_table().rules:
            value = values.get(rule.name, math.nan)
            self._change(rule, value)
            said_s = self._looked_s - self._on.get(rule.name, self._looked_s)
            is_bad = rule.name in self._on or rule.is_beyond(value, rule.begins)
            well = well and not (rule.blocks and is_bad and said_s < rule.patience_s)
        self._well_s = (self._looked_s if math.isnan(self._well_s) else self._well_s) if well else math.nan

    def _change(self, rule: HintRule, value: float) -> None:
        """Begin or end a hint whose limit has been passed for long enough; what is not known ends it."""
        is_on = rule.name in self._on
        passed = not rule.is_beyond(value, rule.ends) if is_on else rule.is_beyond(value, rule.begins)
        if not passed:
            self._passed_s.pop(rule.name, None)
        elif (
            self._looked_s - self._passed_s.setdefault(rule.name, self._looked_s)
            >= rule.steady_s - _A_LITTLE_S
        ):
            del self._passed_s[rule.name]
            if is_on:
                del self._on[rule.name]
            else:
                self._on[rule.name] = self._looked_s

    def _said(self, rules: Sequence[HintRule]) -> tuple[Hint, ...]:
        superfluous = {
            name for rule in hint_table().rules if rule.name in self._on for name in rule.instead_of
        }
        said = [rule for rule in rules if rule.name in self._on and rule.name not in superfluous]
        way = self._words(hint_table().ways[self._needs.best_view])
        return tuple(Hint(rule.name, self._words(rule.text, how=way)) for rule in said[:_MOST_AT_ONCE])
