"""Keeps of each stretch what the report will show: curves, and the poses at the moments that matter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.coach.analysis import Fault, Hold, Person, Rep, Severity
from spotter.coach.exercise import Exercise, FaultRule
from spotter.coach.stretch import Stretch
from spotter.motion.angles import angle_table
from spotter.motion.motion import Motion
from spotter.report.curve import Curve, Points
from spotter.report.skeleton import Pose, side_seen_better
from spotter.report.words import joint_of

SHORT_S = 120.0
"""Up to this length a video is drawn in one chart; a longer one set by set."""

MARGIN_S = 2.0
"""How much before and after a set is drawn."""

_BREAK_S = 0.5  # a curve is not drawn across a pause longer than this
_ANGLES = frozenset(angle.name for angle in angle_table())


@dataclass(frozen=True, slots=True, eq=False)
class Moment:
    """One moment worth a picture.

    Attributes:
        person: whose.
        time_s: the frame's time.
        pose: where they were.
        angle: name of the angle to draw, and its degrees; None for none.
        wrong: landmark rows at fault, with the severity.
        rep: the repetition it belongs to; None in a hold.
        fault: the fault it shows; None for the best and the worst repetition.
    """

    person: int
    time_s: float
    pose: Pose
    angle: tuple[str, float] | None
    wrong: dict[int, Severity]
    rep: Rep | None
    fault: Fault | None


class _PersonNotes:
    """What is kept of one person."""

    def __init__(self) -> None:
        self.curves: dict[str, Curve] = {}
        self.last_s = -np.inf
        self.best: tuple[tuple[float, float], Moment] | None = None
        self.worst: tuple[tuple[float, float], Moment] | None = None
        self.faults: dict[str, tuple[float, Moment]] = {}


class ReportCollector:
    """Gathers what the report shows, stretch by stretch, in memory that does not grow with the video.

    Of each person it keeps the counting signal and the working angles (see `Curve`), and the poses at the
    turn of the best and the worst repetition and at the worst moment of every fault.
    """

    def __init__(self) -> None:
        self._notes: dict[int, _PersonNotes] = {}
        self._start_s, self._end_s = np.inf, 0.0

    @property
    def window_s(self) -> tuple[float, float]:
        """The times of the first and the last frame."""
        return min(self._start_s, self._end_s), self._end_s

    def add(self, stretch: Stretch) -> None:
        """Take note of a stretch."""
        self._start_s, self._end_s = min(self._start_s, stretch.start_s), max(self._end_s, stretch.end_s)
        if stretch.exercise is None:
            return
        found = {person.id: person for person in stretch.people}
        for motion in stretch.motions:
            if not len(motion):
                continue
            notes = self._notes.setdefault(motion.person, _PersonNotes())
            person = found.get(motion.person)
            _add_curves(notes, motion, person, stretch.exercise)
            if person is not None:
                _add_moments(notes, motion, person, stretch.exercise)

    def curves(self, person: int) -> dict[str, Points]:
        """A person's curves by signal, the counting one first."""
        notes = self._notes.get(person)
        return {name: curve.points() for name, curve in notes.curves.items()} if notes else {}

    def best(self, person: int) -> Moment | None:
        """The best repetition's turn, the best seen one's of several; or the middle of the longest hold."""
        notes = self._notes.get(person)
        return notes.best[1] if notes and notes.best else None

    def worst(self, person: int) -> Moment | None:
        """The worst repetition's turn; None where no repetition is worse than the best."""
        notes = self._notes.get(person)
        if not notes or not notes.worst or not notes.best or -notes.worst[0][0] >= notes.best[0][0]:
            return None
        return notes.worst[1]

    def faults(self, person: int) -> list[Moment]:
        """The worst moment of each fault."""
        notes = self._notes.get(person)
        return [moment for _, moment in notes.faults.values()] if notes else []


def signals_of(exercise: Exercise) -> tuple[str, ...]:
    """The signals that the report shows: the counting one, then the working angles.

    Where left and right are counted apart, the counting signals are the working angles themselves.
    """
    counting = exercise.counting
    first = (counting.signal,) if counting and counting.sides == "together" else ()
    return tuple(dict.fromkeys((*first, *exercise.working_angles)))


def active_times(person: Person) -> list[tuple[float, float]]:
    """Start and end of every set, then of every hold."""
    sets = [(one.start_s, one.end_s) for one in person.sets]
    return sets + [(hold.start_s, hold.end_s) for hold in person.holds]


def measured_angle(
    motion: Motion, row: int, measure: str, names: tuple[str, ...]
) -> tuple[str, float] | None:
    """The angle to draw for a measure: itself or its better seen side, else the better seen of ``names``."""
    own = tuple(f"{side}{joint_of(measure)}" for side in ("", "left_", "right_"))
    if measure in _ANGLES:
        own = (measure,)
    name = side_seen_better(motion.visibility[row], tuple(one for one in own if one in _ANGLES) or names)
    return None if name is None else (name, float(motion.values[name][row]))


def _add_curves(notes: _PersonNotes, motion: Motion, person: Person | None, exercise: Exercise) -> None:
    kept = _worth_drawing(motion, person)
    if not len(kept):
        return
    time_s, shot = motion.time_s[kept], motion.shot[kept]
    pauses = np.diff(time_s, prepend=notes.last_s) > _BREAK_S
    cuts = np.diff(shot, prepend=shot[0]) != 0
    breaks = np.flatnonzero(pauses | cuts)
    before = np.where(breaks > 0, time_s[breaks - 1], time_s[breaks] - 2e-3)
    between = (before + time_s[breaks]) / 2
    notes.last_s = float(time_s[-1])
    for name in signals_of(exercise):
        value, sd = motion.values[name][kept], _sd_of(motion, name)[kept]
        notes.curves.setdefault(name, Curve()).add(
            np.insert(time_s, breaks, between),
            np.insert(value, breaks, np.nan),
            np.insert(sd, breaks, np.nan),
        )


def _worth_drawing(motion: Motion, person: Person | None) -> NDArray[np.int64]:
    """Rows to draw: all of a short stretch; of a long one what lies about the sets and holds.

    So a training of an hour with five sets has its points where the movement is.
    """
    if motion.time_s[-1] - motion.time_s[0] <= SHORT_S:
        return np.arange(len(motion))
    rows = np.zeros(len(motion), bool)
    for start_s, end_s in active_times(person) if person else ():
        rows |= (motion.time_s >= start_s - MARGIN_S) & (motion.time_s <= end_s + MARGIN_S)
    return np.flatnonzero(rows)


def _sd_of(motion: Motion, signal: str) -> NDArray[np.floating]:
    """Standard deviation of a signal; of a mean of two sides, the mean of theirs, for they err together."""
    if signal in motion.sd:
        return motion.sd[signal]
    sides = [motion.sd[f"{side}_{signal}"] for side in ("left", "right") if f"{side}_{signal}" in motion.sd]
    if not sides:
        return np.full(len(motion), np.nan)
    left, right = sides
    return np.where(np.isnan(left), right, np.where(np.isnan(right), left, (left + right) / 2))


def _add_moments(notes: _PersonNotes, motion: Motion, person: Person, exercise: Exercise) -> None:
    rules = {rule.name: rule for rule in exercise.faults}
    for rep in (rep for rep in person.reps if rep.complete):
        _note_rep(notes, motion, rep, exercise)
        for fault in rep.faults:
            _note_fault(notes, motion, fault, rep, rules.get(fault.name), exercise)
    for hold in person.holds:
        _note_hold(notes, motion, hold, exercise)
        for fault in hold.faults:
            _note_fault(notes, motion, fault, None, rules.get(fault.name), exercise)


def _note_rep(notes: _PersonNotes, motion: Motion, rep: Rep, exercise: Exercise) -> None:
    row = motion.at(rep.turn_s)
    judged = bool(np.isfinite(rep.score))
    # Of equally good ones, the best seen makes the best picture.
    seen = float(motion.visibility[row].mean()) if motion.seen[row] else 0.0
    best, worst = (rep.score if judged else -1.0, seen), (-rep.score if judged else -np.inf, seen)
    is_best = notes.best is None or best > notes.best[0]
    is_worst = judged and (notes.worst is None or worst > notes.worst[0])
    if is_best or is_worst:
        names = tuple(
            name for name in exercise.working_angles if rep.side == "both" or name.startswith(rep.side)
        )
        angle = measured_angle(motion, row, "", names or exercise.working_angles)
        moment = _moment(motion, row, angle, {}, rep, None)
        if is_best:
            notes.best = (best, moment)
        if is_worst:
            notes.worst = (worst, moment)


def _note_hold(notes: _PersonNotes, motion: Motion, hold: Hold, exercise: Exercise) -> None:
    """The middle of the longest hold stands for the best repetition."""
    rank = (hold.end_s - hold.start_s, 0.0)
    if notes.best is None or rank > notes.best[0]:
        row = motion.at((hold.start_s + hold.end_s) / 2)
        angle = measured_angle(motion, row, "", exercise.working_angles)
        notes.best = (rank, _moment(motion, row, angle, {}, None, None))


def _note_fault(
    notes: _PersonNotes,
    motion: Motion,
    fault: Fault,
    rep: Rep | None,
    rule: FaultRule | None,
    exercise: Exercise,
) -> None:
    beyond = abs(fault.measured - fault.limit)
    before = notes.faults.get(fault.name)
    if before is not None and not beyond > before[0]:
        return
    row = motion.at(fault.at_s)
    angle = measured_angle(motion, row, rule.measure if rule else "", exercise.working_angles)
    wrong = {INDEX[name]: fault.severity for name in (rule.landmarks if rule else ())}
    notes.faults[fault.name] = (beyond, _moment(motion, row, angle, wrong, rep, fault))


def _moment(
    motion: Motion,
    row: int,
    angle: tuple[str, float] | None,
    wrong: dict[int, Severity],
    rep: Rep | None,
    fault: Fault | None,
) -> Moment:
    pose = Pose(motion.xy[row].copy(), motion.visibility[row].copy())
    return Moment(motion.person, float(motion.time_s[row]), pose, angle, wrong, rep, fault)
