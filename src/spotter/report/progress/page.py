"""progress.html: how a person came along, exercise by exercise; one file, which loads nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from markupsafe import Markup

from spotter.history.exercise_progress import ExerciseProgress
from spotter.history.person_progress import PersonProgress
from spotter.media.writing import write_text
from spotter.report.axes import HEIGHT, WIDTH
from spotter.report.progress.bars import BarChart, Strips, fault_strips, week_chart
from spotter.report.progress.charts import DotChart, dot_charts
from spotter.report.progress.dates import period, short_day
from spotter.report.progress.paths import BarPaths, DotPaths, bar_paths, dot_paths
from spotter.report.progress.told import Said, fault_said, measure_said, record_said, volume_said
from spotter.report.shell import Ring, Tile, page_html
from spotter.report.templates import asset, fragment
from spotter.report.words import VIEW_WORDS, clock, counted

PAGE = "progress.html"


@dataclass(frozen=True, slots=True)
class RecordView:
    """A record as it is written: its value, what it is, and when it was reached."""

    value: str
    title: str
    day: str


@dataclass(frozen=True)
class ExerciseView:
    """An exercise on the page.

    Attributes:
        anchor: where links lead.
        title, meta: heading, and a line below it.
        clear, vague, unsure: what may be said of the trends: changes, none, too little to say.
        records: with their days.
        charts: each with the paths that are drawn.
        weeks: what was done in each; None where nothing was.
        strips: the faults over time; None where none was found.
        notes: what the reader should know of these sessions.
    """

    anchor: str
    title: str
    meta: str
    clear: tuple[Said, ...]
    vague: tuple[Said, ...]
    unsure: tuple[Said, ...]
    records: tuple[RecordView, ...]
    charts: tuple[tuple[DotChart, DotPaths], ...]
    weeks: tuple[BarChart, BarPaths] | None
    strips: Strips | None
    notes: tuple[str, ...]


def write_progress(path: Path, progress: PersonProgress) -> None:
    """Write the page.

    Raises:
        OutputError: it cannot be written.
    """
    write_text(path, progress_html(progress))


def progress_html(progress: PersonProgress) -> str:
    """The page as text; see `write_progress`."""
    views = [exercise_view(one) for one in progress.exercises]
    body = fragment(
        "progress/progress.html.j2",
        css=Markup(asset("progress/progress.css")),
        exercises=views,
        height=HEIGHT,
        width=WIDTH,
        trust=_trust(),
        finite=math.isfinite,
    )
    share = _weeks_trained(progress)
    return page_html(
        progress.person,
        body,
        meta=f"Progress, {_period(progress)}",
        ring=None if math.isnan(share) else Ring(share, f"{100 * share:.0f} %", "of weeks"),
        tiles=_tiles(progress),
        notice=_notice(progress),
        script=asset("progress/progress.js"),
    )


def exercise_view(one: ExerciseProgress) -> ExerciseView:
    """Put together what the page says of an exercise."""
    days = one.sessions.days.astype(np.float64)
    shown_weeks = float(days[-1] - days[0]) / 7 if len(days) else 0.0
    sentences = [measure_said(each, one.exercise, shown_weeks) for each in one.measures]
    sentences += [fault_said(each, shown_weeks) for each in one.faults]
    if len(one.sessions):
        name, unit = ("held_s", "s") if one.is_hold else ("reps", "count")
        title = "Seconds held a week" if one.is_hold else "Repetitions a week"
        sentences.append(volume_said(title, one.weeks.trends[name], unit))  # type: ignore[arg-type]
    charts = dot_charts(one)
    weeks = week_chart(one)
    return ExerciseView(
        anchor=one.exercise,
        title=one.title,
        meta=_meta(one),
        clear=tuple(said for said in sentences if said.sign in ("↗", "↘")),
        vague=tuple(said for said in sentences if said.sign == "→"),
        unsure=tuple(said for said in sentences if said.tone == "unsure"),
        records=tuple(RecordView(record_said(each), each.title, short_day(each.day)) for each in one.records),
        charts=tuple((chart, dot_paths(chart)) for chart in charts),
        weeks=None if weeks is None else (weeks, bar_paths(weeks)),
        strips=fault_strips(one),
        notes=tuple(_notes(one)),
    )


def _meta(one: ExerciseProgress) -> str:
    columns = one.sessions.columns
    words = [counted(len(one.sessions), "session", "sessions")]
    if len(one.sessions):
        words.append(period(one.sessions.days))
    if reps := int(columns["reps"].sum()):
        words.append(f"{reps:,} repetitions" if reps > 1 else "1 repetition")
    if (held_s := float(columns["held_s"].sum())) >= 1:
        words.append(f"{clock(held_s)} held")
    if (volume_kg := float(np.nansum(columns["volume_kg"]))) > 0:
        words.append(f"{volume_kg:,.0f} kg moved")
    return " · ".join(words)


def _notes(one: ExerciseProgress) -> Sequence[str]:
    """What makes sessions hard to compare."""
    notes = []
    seen = [(VIEW_WORDS[view], count) for view, count in one.views if view in VIEW_WORDS]
    if len(seen) > 1:
        words = ", ".join(f"{count} {view}" for view, count in seen)
        notes.append(
            f"The camera saw these sessions from different sides ({words}): angles, depth and score of one "
            "side are not those of another. Put it in the same place each time."
        )
    if sum(not names for names in one.sessions.not_judged) not in (0, len(one.sessions)):
        notes.append("Not every session could be judged for the same faults, so scores differ for that too.")
    attempts = int(one.sessions.columns["attempts"].sum())
    if attempts:
        notes.append(f"{counted(attempts, 'attempt', 'attempts')} turned back early and did not count.")
    return notes


def _tiles(progress: PersonProgress) -> list[Tile]:
    ids = {id for one in progress.exercises for id in one.sessions.ids}
    reps = sum(int(one.sessions.columns["reps"].sum()) for one in progress.exercises)
    names = counted(len(progress.exercises), "exercise", "exercises")
    tiles = [Tile(str(len(ids)), "session" if len(ids) == 1 else "sessions", names)]
    if reps:
        tiles.append(Tile(f"{reps:,}", "repetition" if reps == 1 else "repetitions", ""))
    running, longest = progress.running_streak.weeks, progress.longest_streak.weeks
    if longest > 1:
        word = "week" if running == 1 else "weeks"
        tiles.append(Tile(str(running), f"{word} in a row", f"at most {longest} so far"))
    return tiles


def _weeks_trained(progress: PersonProgress) -> float:
    """Share of the weeks with a session; NaN where there are none."""
    begins = [one.weeks.begins[one.weeks.sessions > 0] for one in progress.exercises if len(one.weeks)]
    if not begins:
        return math.nan
    mondays = np.unique(np.concatenate(begins))
    return len(mondays) / (float((mondays[-1] - mondays[0]) / np.timedelta64(7, "D")) + 1)


def _period(progress: PersonProgress) -> str:
    days = [one.sessions.days for one in progress.exercises if len(one.sessions)]
    if days:
        return period(np.concatenate(days))
    return f"no session since {progress.since}" if progress.since is not None else "no session yet"


def _notice(progress: PersonProgress) -> str:
    if not progress.left_out:
        return ""
    days = ", ".join(short_day(one.day) for one in progress.left_out[:3])
    if len(progress.left_out) == 1:
        return f"One session lies in the future ({days}) and is left out: the clock was wrong then."
    return (
        f"{len(progress.left_out)} sessions lie in the future ({days}) and are left out: the clock was wrong."
    )


def _trust() -> list[str]:
    return [
        "A dot is a session: the median of its complete repetitions for range and depth, their mean for "
        "score, tempo and symmetry. The light dot above it is its best repetition.",
        "The line is the median of the slopes between all pairs of days (Theil and Sen). A change is told "
        "where 0 lies outside its 95 % interval; the band shows how steep the line could be. Of twenty "
        "lines of which nothing changes, one is told to change.",
        "Five days with a session, over two weeks or more, are the least from which anything is said.",
        "Sessions also differ by where the camera stood; a line over many of them sees through that. "
        "Records count only repetitions that are complete and were judged.",
    ]
