"""What an analysis found: people, sets, repetitions, faults, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Side = Literal["left", "right", "both"]
Severity = Literal["hint", "warning", "danger"]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that was wrong with one repetition.

    Attributes:
        name: the fault's name in the exercise's TOML, such as ``"knees-cave-in"``.
        severity: ``"hint"``, ``"warning"`` or ``"danger"``.
        at_s: when it was worst, in seconds.
        measured: what was measured then, in ``unit``.
        limit: the sourced limit that it broke.
        unit: of both, such as ``"deg"``.
        cue: what to do about it, in plain words.
    """

    name: str
    severity: Severity
    at_s: float
    measured: float
    limit: float
    unit: str
    cue: str


@dataclass(frozen=True, slots=True)
class Cue:
    """One thing to say to the person now.

    Attributes:
        fault: the fault's name.
        text: what to do about it, in plain words.
        severity: as the fault's.
        since_s: when it was first said.
    """

    fault: str
    text: str
    severity: Severity
    since_s: float


@dataclass(frozen=True, slots=True)
class Tempo:
    """How long the phases of a repetition took, in seconds: out to the far end, held there, back."""

    out: float
    hold: float
    back: float


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition, or an attempt at one.

    Attributes:
        number: 1, 2, ... among the set's complete ones; an attempt has the number it would have had.
        start_s, turn_s, end_s: when it began, turned at the far end, and was over.
        complete: False for an attempt that turned back early; only complete ones count.
        side: ``"left"`` or ``"right"`` where the sides alternate, else ``"both"``.
        range_deg: how far the counting angle went, in degrees.
        tempo_s: the phases' times.
        symmetry: 0 to 1, how alike left and right moved; NaN where one side was not seen.
        score: 0 to 100; NaN where nothing could be judged.
        faults: what was wrong, the worst first.
    """

    number: int
    start_s: float
    turn_s: float
    end_s: float
    complete: bool
    side: Side
    range_deg: float
    tempo_s: Tempo
    symmetry: float
    score: float
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class RepSet:
    """Repetitions that belong together, with no long rest between them."""

    start_s: float
    end_s: float
    reps: tuple[Rep, ...]

    @property
    def count(self) -> int:
        """How many complete repetitions the set has."""
        return sum(rep.complete for rep in self.reps)


@dataclass(frozen=True, slots=True)
class Hold:
    """A time during which a held posture was right.

    ``faults`` lists what ended or spoilt it.
    """

    start_s: float
    end_s: float
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class NotJudged:
    """A fault that could not be judged, and why."""

    fault: str
    why: str


@dataclass(frozen=True, slots=True)
class Person:
    """All that one person did.

    Attributes:
        id: the person's number.
        view: how the camera saw them: ``"front"``, ``"oblique"``, ``"side"``, ``"back"`` or ``"unknown"``.
        sets: repetitions in order of time.
        holds: held postures in order of time.
        not_judged: faults that this video cannot show, with the reason.
        summary: sentences a trainer would say: what was good, then the one thing to change.
    """

    id: int
    view: str
    sets: tuple[RepSet, ...] = ()
    holds: tuple[Hold, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    summary: tuple[str, ...] = ()

    @property
    def reps(self) -> tuple[Rep, ...]:
        """All repetitions and attempts, in order of time."""
        return tuple(rep for one in self.sets for rep in one.reps)

    @property
    def count(self) -> int:
        """How many complete repetitions there were."""
        return sum(one.count for one in self.sets)


@dataclass(frozen=True, slots=True)
class ExerciseFound:
    """Which exercise was analysed.

    Attributes:
        name: the exercise, or None where nothing in the video is one.
        how: ``"given"`` by the user or ``"recognised"``.
        confidence: 0 to 1; 1 where it was given.
    """

    name: str | None
    how: Literal["given", "recognised"]
    confidence: float


@dataclass(frozen=True)
class Analysis:
    """Everything that ``spotter analyze`` found in one video.

    Attributes:
        video: name, path, width, height, fps, duration_s, frames, analysed_to_s, interrupted, warning.
        exercise: which exercise, and how that is known.
        people: who was analysed.
        spent_s: seconds of work by stage: decoding, detector, landmarks, tracking, motion, coaching.
    """

    video: dict[str, object]
    exercise: ExerciseFound
    people: tuple[Person, ...]
    spent_s: dict[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Complete repetitions of all people."""
        return sum(person.count for person in self.people)
