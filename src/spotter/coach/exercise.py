"""What an exercise is: how it is counted, what may go wrong, and what to say then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from spotter.coach.analysis import Severity

FarEnd = Literal["low", "high", "either"]
Moment = Literal["start", "out", "turn", "back", "rep", "hold"]
Statistic = Literal["min", "max", "mean", "change", "sd"]


@dataclass(frozen=True, slots=True)
class Counting:
    """How repetitions are counted: relatively, by the person's own range.

    Attributes:
        signal: a value of ``Motion.values``; for ``sides = "either"`` without ``left_`` or ``right_``.
        far_end: whether the signal is ``"low"`` or ``"high"`` where a repetition turns; ``"either"`` if sets
            may begin at both ends, as a deadlift does on the floor or standing.
        sides: ``"together"``; ``"either"`` where left and right may move together or in turn.
        leading: a signed value of ``Motion.values`` that tells which side leads at the turn, positive for
            left; None where both always do.
        turn_signal: what turns where ``signal`` only lingers, as the elbows do at the top of a press; named
            like it, and far at the same end; None for ``signal`` itself.
        min_range: smallest range that can be a repetition, in the signal's unit.
        min_s: shortest time that a repetition can take, in seconds.
        max_s: longest time that one can take.
    """

    signal: str
    far_end: FarEnd
    sides: Literal["together", "either"]
    leading: str | None
    turn_signal: str | None
    min_range: float
    min_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that is true of every repetition of the exercise, well or badly done.

    Gates keep out what only looks like the exercise, and tell exercises apart.

    Attributes:
        measure: a value of ``Motion.values``; ``"*"`` stands for the side that moves, or for both.
        during: the part of the repetition that is looked at.
        statistic: what is taken of the measure in that part.
        above, below: the limits; at least one is not None.
        soft: over how much of the measure's unit belief goes from 0 to 1, centred on the limit.
        complete_only: whether an attempt that turned back early is excused from it.
        unseen: belief where the measure was not seen.
    """

    measure: str
    during: Moment
    statistic: Statistic
    above: float | None
    below: float | None
    soft: float
    complete_only: bool = False
    unseen: float = 0.75


@dataclass(frozen=True, slots=True)
class FaultRule:
    """When a repetition is faulty, by which source, and what to say.

    Attributes:
        name: short name with hyphens, such as ``"knees-cave-in"``.
        title: the same for a reader, such as ``"Knees cave in"``.
        measure: a value of ``Motion.values``; ``"*"`` stands for the side that moves, or the worse of both.
        during: the part of the repetition that is looked at.
        statistic: what is taken of the measure in that part.
        above, below: the limit; exactly one is not None.
        margin: how far beyond the limit it must be before anything is said: the error of measuring it.
        unit: the measure's unit.
        views: camera views that can show it.
        severity: ``"hint"``, ``"warning"`` or ``"danger"``.
        cue: what to do, in plain encouraging words.
        source: guideline or paper for the limit.
        landmarks: names of the landmarks whose bones are coloured.
    """

    name: str
    title: str
    measure: str
    during: Moment
    statistic: Statistic
    above: float | None
    below: float | None
    margin: float
    unit: str
    views: tuple[str, ...]
    severity: Severity
    cue: str
    source: str
    landmarks: tuple[str, ...]

    @property
    def limit(self) -> float:
        """The limit, whichever side it bounds."""
        limit = self.above if self.above is not None else self.below
        assert limit is not None
        return limit


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise.

    Attributes:
        name: as in ``--exercise``, such as ``"push-up"``.
        title: for a reader, such as ``"Push-up"``.
        kind: ``"reps"`` or ``"hold"``.
        about: one sentence that says how it is done.
        camera: one sentence that says where to put the camera.
        working_angles: angles drawn at their joints, such as ``("left_knee", "right_knee")``.
        counting: how repetitions are counted; None for a hold.
        gates: what is true of every repetition, or all through the hold.
        faults: what may go wrong.
        praise: what to say when a thing was done well, by fault name: that fault was judged and absent.
    """

    name: str
    title: str
    kind: Literal["reps", "hold"]
    about: str
    camera: str
    working_angles: tuple[str, ...]
    counting: Counting | None
    gates: tuple[Gate, ...]
    faults: tuple[FaultRule, ...]
    praise: dict[str, str]
