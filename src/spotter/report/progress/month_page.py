"""month.html: a month of several people side by side, to be printed on A4."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.history.advice import adherence_words, change_words, look_at, went_well
from spotter.history.compare import Difference
from spotter.history.dates import day_title, month_title
from spotter.history.measures import said
from spotter.history.month import MonthSummary, PersonMonth
from spotter.history.month_exercise import ExerciseMonth
from spotter.media.writing import write_text
from spotter.report.progress.told import Tone, difference_said, value_said
from spotter.report.shell import Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import clock, counted

_FEW = 0.75  # of an aim, below which its bar is shown as a shortfall


@dataclass(frozen=True, slots=True)
class DayCell:
    """A day of the month: its number, and whether there was a session; weekends are set off."""

    number: int
    trained: bool
    weekend: bool
    future: bool


@dataclass(frozen=True, slots=True)
class AimView:
    """An aim: in words, and how full its bar is, in per cent."""

    words: str
    share: float
    short: bool


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A measure now, and what may be said of its change."""

    title: str
    value: str
    words: str
    tone: Tone
    sign: str


@dataclass(frozen=True, slots=True)
class FaultView:
    """A main fault: in what share of the repetitions, and before."""

    title: str
    severity: str
    share: str
    before: str


@dataclass(frozen=True)
class ExerciseMonthView:
    """One exercise of a person."""

    title: str
    meta: str
    aims: tuple[AimView, ...]
    changes: tuple[ChangeView, ...]
    unsure: tuple[str, ...]
    faults: tuple[FaultView, ...]


@dataclass(frozen=True)
class PersonView:
    """One person: a row of the table, and a card."""

    anchor: str
    name: str
    sessions: int
    before: int
    reps: str
    held: str
    volume: str
    aim: str
    days: tuple[DayCell, ...]
    exercises: tuple[ExerciseMonthView, ...]
    well: tuple[str, ...]
    look: tuple[str, ...]
    left_out: int


def write_month(path: Path, summary: MonthSummary) -> None:
    """Write the page.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, month_html(summary))


def month_html(summary: MonthSummary) -> str:
    """The page as text; see `write_month`."""
    people = [_person(one, summary, number) for number, one in enumerate(summary.people)]
    before = month_title(summary.month.before.name).split()[0]
    body = fragment(
        "progress/month.html.j2",
        css=Markup(asset("progress/progress.css") + asset("progress/month.css")),
        people=people,
        before=before,
        with_reps=any(one.reps for one in people),
        with_held=any(one.held for one in people),
        with_volume=any(one.volume for one in people),
        with_aim=any(one.aim for one in people),
        trust=_trust(before),
    )
    sessions = sum(one.sessions for one in summary.people)
    earlier = sum(one.before for one in summary.people)
    names = counted(len(people), "person", "people")
    return page_html(
        month_title(summary.month.name),
        body,
        meta=names if summary.over else f"{names}, up to {day_title(np.datetime64(summary.made.date()))}",
        tiles=[
            Tile(str(sessions), "session" if sessions == 1 else "sessions", f"{earlier} in {before}"),
            Tile(f"{sum(one.sessions > 0 for one in summary.people)} of {len(people)}", "trained", ""),
        ],
    )


def _person(one: PersonMonth, summary: MonthSummary, number: int) -> PersonView:
    reps = sum(each.reps for each in one.exercises)
    held_s = sum(each.held_s for each in one.exercises)
    volumes = [each.volume_kg for each in one.exercises if math.isfinite(each.volume_kg)]
    return PersonView(
        anchor=f"person-{number + 1}",
        name=one.person,
        sessions=one.sessions,
        before=one.before,
        reps=f"{reps:,}" if reps else "",
        held=clock(held_s) if held_s >= 1 else "",
        volume=said(sum(volumes), "kg") if volumes else "",
        aim=_aim(one),
        days=tuple(_days(one, summary)),
        exercises=tuple(_exercise(each) for each in one.exercises),
        well=went_well(one, summary),
        look=look_at(one, summary),
        left_out=one.left_out,
    )


def _aim(one: PersonMonth) -> str:
    """Sessions done of those that were wanted, over all exercises with such an aim."""
    aims = [aim for each in one.exercises for aim in each.adherence if aim.aim == "sessions_a_week"]
    of = sum(aim.of for aim in aims)
    return f"{sum(aim.done for aim in aims)} of {of:.0f}" if of else ""


def _days(one: PersonMonth, summary: MonthSummary) -> Iterator[DayCell]:
    trained = set(one.days.astype(str).tolist())
    today = np.datetime64(summary.made.date())
    day = summary.month.begins
    while day < summary.month.ends:
        weekday = (int(day.astype(int)) + 3) % 7  # 1970 began on a Thursday
        yield DayCell(int(str(day)[-2:]), str(day) in trained, weekday > 4, bool(day > today))
        day = day + np.timedelta64(1, "D")


def _exercise(one: ExerciseMonth) -> ExerciseMonthView:
    done = [counted(len(one.days), "session", "sessions")]
    if one.reps:
        done.append(f"{one.sets} sets, {one.reps:,} repetitions")
    if one.held_s >= 1:
        done.append(f"{clock(one.held_s)} held")
    if one.volume_kg > 0:
        done.append(said(one.volume_kg, "kg"))
    return ExerciseMonthView(
        title=one.title,
        meta=" · ".join(done),
        aims=tuple(
            AimView(adherence_words(aim), min(100.0, round(100 * aim.share, 1)), aim.share < _FEW)
            for aim in one.adherence
            if aim.of
        ),
        changes=tuple(_changes(one)),
        unsure=tuple(
            dict.fromkeys(change_words(change, one.exercise) for change in one.changes if _vague(change))
        ),
        faults=tuple(
            FaultView(
                fault.title,
                fault.severity or "hint",
                said(fault.share, "share"),
                "" if math.isnan(fault.before) else said(fault.before, "share"),
            )
            for fault in one.faults
            if fault.share > 0
        ),
    )


def _changes(one: ExerciseMonth) -> Iterator[ChangeView]:
    for change in one.changes:
        told = difference_said(change, one.exercise)
        value = value_said(change.second, change.measure)
        words = "" if _vague(change) else change_words(change, one.exercise)
        yield ChangeView(change.measure.title, value, words, told.tone, told.sign)


def _vague(change: Difference) -> bool:
    """Whether nothing is said of it; the reason is told once for all."""
    return change.verdict in ("not comparable", "not enough to say")


def _trust(before: str) -> list[str]:
    return [
        f"A change is the median difference between a session of this month and one of {before} (Hodges and "
        "Lehmann), with its 95 % interval in brackets; where that holds 0, no clear change is said. Four "
        "sessions in each month are the least.",
        "Sessions filmed mostly from another side than the month before are not compared.",
        "Records count only repetitions that are complete and were judged.",
        "It is advice about movement, not about health.",
    ]
