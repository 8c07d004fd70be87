"""What an analysis found: people, sets, repetitions, faults, and what could not be judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Literal

from spotter.coach.heart import HeartRate

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

Side = Literal["left", "right", "both"]
Severity = Literal["hint", "warning", "danger"]
TableName = Literal["reps", "sets", "faults", "not_judged"]


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
    def efforts(self) -> tuple[RepSet | Hold, ...]:
        """All sets and held postures, in order of time."""
        both: list[RepSet | Hold] = [*self.sets, *self.holds]
        return tuple(sorted(both, key=lambda one: one.start_s))

    @property
    def count(self) -> int:
        """How many complete repetitions there were."""
        return sum(one.count for one in self.sets)

    @property
    def held_s(self) -> float:
        """Seconds in held postures."""
        return sum(hold.end_s - hold.start_s for hold in self.holds)


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
    """Everything that ``spotter analyze`` found in one video; a notebook shows it as a picture with figures.

    Attributes:
        video: name, path, width, height, fps, duration_s, created (when its recording began), frames,
            analysed_to_s, interrupted, warning.
        exercise: which exercise, and how that is known.
        people: who was analysed.
        spent_s: seconds of work by stage: decoding, detector, landmarks, tracking, motion, coaching.
        heart_rate: of the one who wore the strap, with times as the video's; None where none was recorded.
    """

    video: dict[str, object]
    exercise: ExerciseFound
    people: tuple[Person, ...]
    spent_s: dict[str, float] = field(default_factory=dict)
    heart_rate: HeartRate | None = None

    @property
    def count(self) -> int:
        """Complete repetitions of all people."""
        return sum(person.count for person in self.people)

    def athlete(self, number: int | None = None) -> Person | None:
        """The person of a number; if None, who did most: repetitions, then seconds held, then attempts.

        Returns:
            None where there is no such person, or nobody at all.

        >>> still, steady = Person(1, "side"), Person(2, "side", holds=(Hold(0.0, 30.0),))
        >>> analysis = Analysis({}, ExerciseFound("plank", "given", 1.0), (still, steady))
        >>> analysis.athlete().id, analysis.athlete(1).id, analysis.athlete(3)
        (2, 1, None)
        """
        people = [person for person in self.people if number in (None, person.id)]
        return max(people, key=lambda one: (one.count, one.held_s, len(one.efforts)), default=None)

    @property
    def athletes_heart_rate(self) -> HeartRate | None:
        """The heart rate where it is known whose it is: of the only one who was analysed."""
        return self.heart_rate if len(self.people) == 1 else None

    # Pages and tables are made on a floor above this one, so they are looked up when they are wanted.

    def _repr_html_(self) -> str:
        """What a notebook shows; see ``spotter.report.notebook``.

        >>> analysis = Analysis({"name": "3 < 4.mp4"}, ExerciseFound("squat", "given", 1.0), ())
        >>> "3 &lt; 4.mp4" in analysis._repr_html_()
        True
        """
        return str(import_module("spotter.report.notebook").analysis_html(self))

    def to_arrow(self, table: TableName = "reps") -> pyarrow.Table:
        """What was found as an Arrow table; what is not known is null.

        Args:
            table: ``"reps"`` has a row a repetition, attempt or hold; ``"sets"`` a row a set or hold;
                ``"faults"`` a row a fault with what was measured; ``"not_judged"`` a row a fault that could
                not be judged, and why.

        Raises:
            UsageError: there is no such table.
            MissingExtraError: pyarrow is not installed.

        >>> rep = Rep(1, 0.0, 1.0, 2.0, True, "both", 92.0, Tempo(1.0, 0.0, 1.0), float("nan"), 80.0)
        >>> ada = Person(1, "side", (RepSet(0.0, 2.0, (rep,)),))
        >>> analysis = Analysis({"name": "squat.mp4"}, ExerciseFound("squat", "given", 1.0), (ada,))
        >>> analysis.to_arrow().select(["number", "range_deg", "symmetry"]).to_pylist()
        [{'number': 1, 'range_deg': 92.0, 'symmetry': None}]
        """
        made: pyarrow.Table = import_module("spotter.exchange.tables").arrow_table(self, table=table)
        return made

    def to_pandas(self, table: TableName = "reps") -> pandas.DataFrame:
        """The same as a pandas ``DataFrame``, where what is not known is NaN; see `to_arrow`.

        Raises:
            UsageError: there is no such table.
            MissingExtraError: pyarrow or pandas is not installed.
        """
        made: pandas.DataFrame = import_module("spotter.exchange.tables").to_pandas(self, table=table)
        return made

    def to_polars(self, table: TableName = "reps") -> polars.DataFrame:
        """The same as a polars ``DataFrame``; see `to_arrow`.

        Raises:
            UsageError: there is no such table.
            MissingExtraError: pyarrow or polars is not installed.
        """
        made: polars.DataFrame = import_module("spotter.exchange.tables").to_polars(self, table=table)
        return made
