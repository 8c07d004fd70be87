"""Decides what the report says about a person: the figures, the words and the order of things."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import median

import numpy as np

from spotter.coach.analysis import Analysis, Fault, Person, Rep, Severity
from spotter.coach.exercise import Exercise
from spotter.motion.measures import units
from spotter.report.cards import FaultCard, Photo, fault_cards, rep_photos
from spotter.report.charts import Chart, angle_chart, chart_windows
from spotter.report.collect import Moment, ReportCollector
from spotter.report.curve import Points
from spotter.report.pictures import Picture
from spotter.report.words import (
    VIEW_WORDS,
    amount,
    clock,
    counted,
    fault_title,
    joint_of,
    mean_score,
    number,
    split_summary,
    title_of,
)


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure at the top: the value, what it is, and a remark (may be empty)."""

    value: str
    label: str
    remark: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The charts of one signal: one, or one for each set of a long video."""

    title: str
    charts: tuple[Chart, ...]

    @property
    def kinds(self) -> set[str]:
        """The kinds of spans that there are, for the key."""
        return {span.kind for chart in self.charts for span in chart.spans}

    @property
    def has_band(self) -> bool:
        """Whether an uncertainty is drawn."""
        return any(line.band for chart in self.charts for line in chart.lines)

    @property
    def has_marks(self) -> bool:
        """Whether a fault is marked."""
        return any(chart.marks for chart in self.charts)


@dataclass(frozen=True, slots=True)
class RepRow:
    """One row of the table; ``shares`` are the phases' shares of the repetition in per cent."""

    number: str
    complete: bool
    time: str
    side: str
    tempo: tuple[str, str, str]
    shares: tuple[float, float, float]
    range: str
    symmetry: str
    score: str
    score_share: float
    faults: tuple[tuple[Severity, str], ...]


@dataclass(frozen=True, slots=True)
class RepTable:
    """The repetitions of one set, with the set's heading (empty where there is only one)."""

    heading: str
    has_sides: bool
    rows: tuple[RepRow, ...]


@dataclass(frozen=True, slots=True)
class HoldRow:
    """One held posture: when, how long, and what spoilt it."""

    time: str
    length: str
    faults: tuple[tuple[Severity, str], ...]


@dataclass(frozen=True, slots=True)
class PersonView:
    """All that the page says about one person; ``score`` and ``nothing`` may be empty."""

    id: int
    tiles: tuple[Tile, ...]
    score: str
    nothing: str
    good: tuple[str, ...]
    change: str
    panels: tuple[Panel, ...]
    photos: tuple[Photo, ...]
    faults: tuple[FaultCard, ...]
    tables: tuple[RepTable, ...]
    holds: tuple[HoldRow, ...]
    not_judged: tuple[tuple[str, str], ...]
    trust: tuple[str, ...]


def person_view(
    person: Person,
    exercise: Exercise | None,
    collector: ReportCollector,
    pictures: Mapping[Moment, Picture],
) -> PersonView:
    """Put together what the page says about a person.

    Args:
        person: what they did.
        exercise: what was judged; None where it is not known.
        collector: the curves and the moments.
        pictures: of the collector's moments; those that are missing are left out.
    """
    titles = {rule.name: rule.title for rule in exercise.faults} if exercise else {}
    curves = collector.curves(person.id)
    score = mean_score(person)
    good, change = split_summary(person)
    did_nothing = not person.count and not person.holds
    return PersonView(
        id=person.id,
        tiles=tuple(_tiles(person, exercise)),
        score=f"{score:.0f}" if math.isfinite(score) else "",
        nothing=" ".join(person.summary) if did_nothing else "",
        good=() if did_nothing else good,
        change=change,
        panels=tuple(_panels(curves, person, collector.window_s, titles)),
        photos=tuple(rep_photos(person, collector, pictures)),
        faults=tuple(fault_cards(person, exercise, collector, pictures)),
        tables=tuple(_tables(person, titles)),
        holds=tuple(
            HoldRow(
                f"{clock(hold.start_s)} to {clock(hold.end_s)}",
                amount(hold.end_s - hold.start_s, "s"),
                _fault_names(hold.faults, titles),
            )
            for hold in person.holds
        ),
        not_judged=tuple(
            (fault_title(one.fault, titles), one.why[:1].upper() + one.why[1:]) for one in person.not_judged
        ),
        trust=tuple(_trust(person, curves)),
    )


def moments_of(analysis: Analysis, collector: ReportCollector) -> list[Moment]:
    """Every moment that the page has a picture for."""
    moments = []
    for person in analysis.people:
        found = (collector.best(person.id), collector.worst(person.id), *collector.faults(person.id))
        moments += [moment for moment in found if moment is not None]
    return moments


def _tiles(person: Person, exercise: Exercise | None) -> Iterable[Tile]:
    if exercise is not None and exercise.kind == "hold":
        yield from _hold_tiles(person)
        return
    complete = [rep for rep in person.reps if rep.complete]
    attempts = len(person.reps) - len(complete)
    remarks = [f"in {counted(len(person.sets), 'set', 'sets')}"] if len(person.sets) > 1 else []
    remarks += [f"{counted(attempts, 'attempt', 'attempts')} not counted"] if attempts else []
    yield Tile(str(len(complete)), "repetition" if len(complete) == 1 else "repetitions", ", ".join(remarks))
    if not complete:
        return
    worked_s = sum(one.end_s - one.start_s for one in person.sets)
    each_s = median(rep.end_s - rep.start_s for rep in complete)
    yield Tile(clock(round(worked_s)), "at work", f"{each_s:.1f} s a repetition")
    tempos = [rep.tempo_s for rep in complete]
    phases = [number(median(getattr(tempo, name) for tempo in tempos), 1) for name in ("out", "hold", "back")]
    yield Tile(" · ".join(phases), "seconds out, hold, back", "the middle of all repetitions")
    ranges = [rep.range_deg for rep in complete if math.isfinite(rep.range_deg)]
    if ranges:
        spread = f"from {min(ranges):.0f}° to {max(ranges):.0f}°" if len(ranges) > 1 else ""
        yield Tile(f"{median(ranges):.0f}°", "range of motion", spread)


def _hold_tiles(person: Person) -> Iterable[Tile]:
    lengths = [hold.end_s - hold.start_s for hold in person.holds]
    yield Tile(clock(round(sum(lengths))), "held in all", counted(len(lengths), "hold", "holds"))
    if len(lengths) > 1:
        yield Tile(clock(round(max(lengths))), "the longest hold", "")


def _panels(
    curves: dict[str, Points], person: Person, window_s: tuple[float, float], titles: dict[str, str]
) -> Iterable[Panel]:
    """The counting signal by itself, then each working joint, left and right in one chart."""
    groups: dict[str, dict[str, Points]] = {}
    for name, points in curves.items():
        joint = joint_of(name)
        title = title_of(name) if joint == name else f"Left and right {title_of(joint).lower()}"
        groups.setdefault(title, {})[name] = points
    for title, group in groups.items():
        unit = units().get(next(iter(group)), "")
        made = (
            angle_chart(title, unit, group, person, one, titles) for one in chart_windows(person, window_s)
        )
        charts = tuple(chart for chart in made if chart is not None)
        if charts:
            yield Panel(title, charts)


def _tables(person: Person, titles: dict[str, str]) -> Iterable[RepTable]:
    for set_number, one in enumerate(person.sets, start=1):
        heading = f"Set {set_number}" if len(person.sets) > 1 else ""
        has_sides = any(rep.side != "both" for rep in one.reps)
        yield RepTable(heading, has_sides, tuple(_row(rep, titles) for rep in one.reps))


def _row(rep: Rep, titles: dict[str, str]) -> RepRow:
    phases = (rep.tempo_s.out, rep.tempo_s.hold, rep.tempo_s.back)
    total = max(sum(phases), 1e-6)
    out, hold, back = (number(phase, 1) for phase in phases)
    shares = [round(100 * phase / total, 1) for phase in phases]
    return RepRow(
        number=str(rep.number) if rep.complete else "",
        complete=rep.complete,
        time=f"{clock(rep.start_s)} to {clock(rep.end_s)}",
        side="" if rep.side == "both" else rep.side,
        tempo=(out, hold, back),
        shares=(shares[0], shares[1], shares[2]),
        range=amount(rep.range_deg, "deg"),
        symmetry=f"{100 * rep.symmetry:.0f} %" if math.isfinite(rep.symmetry) else number(math.nan),
        score=number(rep.score),
        score_share=rep.score if math.isfinite(rep.score) else 0.0,
        faults=_fault_names(rep.faults, titles),
    )


def _fault_names(faults: Iterable[Fault], titles: dict[str, str]) -> tuple[tuple[Severity, str], ...]:
    return tuple((fault.severity, fault_title(fault.name, titles)) for fault in faults)


def _trust(person: Person, curves: dict[str, Points]) -> Iterable[str]:
    """How sure all this is, in sentences."""
    if person.view in VIEW_WORDS:
        yield f"The camera saw you {VIEW_WORDS[person.view]}. Only what that view can show was judged."
    for name, points in list(curves.items())[:1]:
        known = points.sd[np.isfinite(points.sd)]
        what = title_of(name).lower()
        if len(known):
            band = ", drawn as the band around the curve" if joint_of(name) == name else ""
            yield f"The {what} is good to about ±{np.median(known):.0f}° (one standard deviation{band})."
        seen = float(np.isfinite(points.value).mean())
        if seen < 0.98:
            yield f"The {what} was seen {100 * seen:.0f} % of the time; the rest are gaps in the curve."
    yield "Angles are measured inside the joint: 180° is a straight limb, smaller is more bent."
    how = (
        "A hold is timed while the posture is right"
        if person.holds
        else "Repetitions are counted by your own range"
    )
    yield f"{how}; faults are judged by fixed limits from the sources named."
