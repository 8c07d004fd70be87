"""Progress, comparison and month as pages, pictures and tables: complete, harmless, from nothing to a lot."""

from __future__ import annotations

import csv
import math
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.coach.session import Session
from spotter.history.compare import compare
from spotter.history.history import History
from spotter.history.people import Target
from spotter.history.person_progress import PersonProgress
from spotter.history.trend import trend
from spotter.report.progress.bars import fault_strips, week_chart
from spotter.report.progress.canvas import HUES, mixed
from spotter.report.progress.charts import dot_charts
from spotter.report.progress.compare_page import compare_html
from spotter.report.progress.compare_picture import write_compare_pictures
from spotter.report.progress.dates import day_marks
from spotter.report.progress.lines import comparison_lines, month_lines, progress_lines
from spotter.report.progress.month_page import month_html
from spotter.report.progress.page import progress_html
from spotter.report.progress.picture import WIDTH, exercise_picture, write_pictures
from spotter.report.progress.table import (
    COMPARE_COLUMNS,
    PROGRESS_COLUMNS,
    write_compare_table,
    write_month_table,
    write_progress_table,
)
from spotter.report.progress.told import trend_said
from tests.history.material import full, simple
from tests.history.training import BEGINNING, Form, session_on, sessions
from tests.pages import Page

NOW = BEGINNING + timedelta(days=150)
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}{%x%}"
WORSE = Form(
    range_deg=70, score=65, faults={"knees-cave-in": 0.6, "too-shallow": 0.3}, angle="knee", weight_kg=20
)
BETTER = replace(WORSE, range_deg=98, score=85, faults={}, weight_kg=40)

Keep = Callable[..., History]


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Keep]:
    with History.open(tmp_path / "history.db") as history:

        def add(*made: Session) -> History:
            for one in made:
                assert history.add(one)
            return history

        yield add


def trained(person: str = "Ada") -> list[Session]:
    made = sessions(person, "squat", range(0, 140, 5), (WORSE, BETTER))
    return [*made, *sessions(person, "plank", range(2, 100, 14), Form(held_s=30, faults={"hips-sag": 0.5}))]


def of(history: History, person: str = "Ada", since: date | None = None) -> PersonProgress:
    return history.person_progress(person, since=since, now=NOW)


def sound(text: str) -> Page:
    """A page that is whole, loads nothing and shows no number that is none."""
    page = Page(text)
    for tag, attributes in page.elements:
        for name in ("src", "href"):
            value = attributes.get(name, "")
            assert value.startswith(("data:", "#")) or not value, (tag, value)
    policy = next(one for one in page.all("meta") if "http-equiv" in one)
    assert "default-src 'none'" in policy["content"]
    assert [name for name, _ in page.elements].count("h1") == 1
    drawn = " ".join(value for _, attributes in page.elements for value in attributes.values())
    assert not re.search(r"\b(nan|NaN|inf|None|NaT)\b", f"{page.text} {drawn}")
    assert all(one.get("aria-label") for one in page.all("div") if one.get("role") == "img")
    return page


def test_the_progress_page_says_it_all(keep: Keep) -> None:
    history = keep(*trained())
    history.set_target("Ada", "squat", Target(range_deg=95.0))
    page = sound(progress_html(of(history)))
    for words in (
        "Progress, 2 Mar to 15 Jul 2026", "Squat", "Plank", "Range of motion rising by", "Depth deeper by",
        "The knees cave in rarer by", "No clear change", "aim 95°", "Repetitions a week", "Faults over time",
        "Records", "Weeks in a row", "Longest hold", "Theil and Sen", "kg moved",
    ):  # fmt: skip
        assert words in page.text, words
    charts = [one["aria-label"] for one in page.all("div") if one.get("role") == "img"]
    assert any(label.startswith("Range of motion over 28 sessions: rising by") for label in charts)
    assert any(label.startswith("Tempo over 28 sessions: way out no clear change") for label in charts)
    dots = next(one["d"] for one in page.all("path") if one.get("class") == "session-dots")
    assert dots.count("M") == 28


def test_dots_lie_where_their_values_are(keep: Keep) -> None:
    found = of(keep(*trained())).exercises[0]
    chart = next(one for one in dot_charts(found) if one.title == "Score")
    values = found.measure("score").values  # type: ignore[union-attr]
    assert chart.axes.low < values.min() and chart.axes.high >= values.max() and chart.axes.high <= 100
    page = Page(progress_html(of(keep())))
    path = next(one["d"] for one in page.all("path") if one.get("class") == "session-dots")
    places = [tuple(map(int, one.split())) for one in path.replace("h0", "").split("M")[1:]]
    shown = [chart.axes.high - y / 1000 * (chart.axes.high - chart.axes.low) for _, y in places]
    assert shown == pytest.approx(values, abs=0.06)
    assert [x for x, _ in places] == sorted(x for x, _ in places)


@pytest.mark.parametrize("name", [HOSTILE, "=1+1", "Ω漢字" * 20])
def test_names_are_words_and_nothing_more(keep: Keep, name: str, tmp_path: Path) -> None:
    made = [replace(one, person=name, id=f"x{row}{name}") for row, one in enumerate(trained()[:8])]
    odd = replace(made[0], id="odd", sets=tuple(replace(one, exercise=name) for one in made[0].sets))
    history = keep(*made, odd)
    pages = (
        progress_html(of(history, name)),
        compare_html(compare(made[0], made[1])),
        month_html(history.month("2026-03", now=NOW)),
    )
    for text in pages:
        page = sound(text)
        assert "<script>alert" not in text and name.strip() in page.text.replace("  ", " ")
    for path in write_pictures(tmp_path, of(history, name)):
        assert path.parent == tmp_path and path.stat().st_size > 1000


def test_nothing_at_all_one_session_and_none_since(keep: Keep) -> None:
    history = keep(simple())
    one = sound(progress_html(of(history)))
    assert "Not enough to say" in one.text and "4 days with a session more" in one.text
    none_since = sound(progress_html(of(history, since=date(2030, 1, 1))))
    assert "no session since 2030-01-01" in none_since.text and "Records" in none_since.text
    history.delete("one")
    empty = sound(progress_html(of(history)))
    assert "Nothing to show yet" in empty.text and "no session yet" in empty.text
    nobody = sound(month_html(history.month("2026-03", ["Ada"], now=NOW)))
    assert "No session this month; 0 in February." in nobody.text
    with History.open(Path(history.place).with_name("other.db")) as other:
        assert "Nobody to show yet" in sound(month_html(other.month("2026-03", now=NOW))).text


def test_everything_unknown_is_drawn_as_nothing(keep: Keep, tmp_path: Path) -> None:
    history = keep(full(), replace(full("other"), started=full().started + timedelta(days=3)))
    person = full().person
    sound(progress_html(of(history, person)))
    sound(compare_html(compare(history.get("full"), history.get("other"))))
    sound(month_html(history.month("2026-05", now=NOW)))
    assert len(write_pictures(tmp_path, of(history, person))) == 2


def test_the_future_and_another_view_are_told(keep: Keep) -> None:
    made = trained()[:12]
    odd = [replace(one, id=f"f{row}", sets=_seen(one, "front")) for row, one in enumerate(trained()[12:16])]
    late = replace(made[0], id="late", started=datetime(2107, 1, 1, tzinfo=UTC))
    page = sound(progress_html(of(keep(*made, *odd, late))))
    assert "One session lies in the future (1 Jan 2107) and is left out" in page.text
    assert "12 from an angle, 4 from the front" in page.text and "same place each time" in page.text


def _seen(session: Session, view: str) -> tuple[object, ...]:
    return tuple(replace(one, view=view) for one in session.sets)


def test_the_comparison_page(keep: Keep) -> None:
    made = trained()
    page = sound(compare_html(compare(made[0], made[27])))
    for words in (
        "2 Mar 2026, then 15 Jul 2026", "What differs", "deeper", "within the error of measuring",
        "Knee angle over the repetition", "Repetition over repetition", "Both were filmed from an angle.",
    ):  # fmt: skip
        assert words in page.text, words
    other = replace(made[27], sets=_seen(made[27], "front"))
    assert (
        "The first was filmed from an angle, the second from the front"
        in sound(
            compare_html(compare(made[0], other))  # type: ignore[arg-type]
        ).text
    )
    same_day = compare_html(compare(made[0], replace(made[0], id="b")))
    assert "2 Mar 2026, 18:00" in sound(same_day).text
    planks = [session_on("Ada", "plank", day, Form(held_s=30)) for day in (0, 7)]
    assert "hold 1" in sound(compare_html(compare(*planks))).text


def test_the_month_page(keep: Keep) -> None:
    history = keep(*trained(), *trained("Ben"))
    history.set_target("Ben", "squat", Target(sessions_a_week=3, reps=12))
    page = sound(month_html(history.month("2026-04", now=NOW)))
    for words in ("April 2026", "2 people", "Ada", "Ben", "What to look at", "6 of 13", "Wanted"):
        assert words in page.text, words
    assert "@page { size: A4" in month_html(history.month("2026-04", now=NOW))
    not_over = sound(month_html(history.month("2026-07", now=NOW)))
    assert "up to 30 July 2026" in not_over.text
    strips = [one["aria-label"] for one in page.all("span") if one.get("class") == "day-strip"]
    assert strips[0].startswith("trained on 1, 6, 11, ")


def test_pictures_show_what_the_page_shows(keep: Keep, tmp_path: Path) -> None:
    progress = of(keep(*trained()))
    squat = exercise_picture("Ada", progress.exercises[0])
    assert squat.shape[1:] == (WIDTH, 3) and squat.dtype == np.uint8
    weeks = progress.exercises[0].weeks
    more = replace(progress.exercises[0], weeks=replace(weeks, reps=weeks.reps + 7))
    other = exercise_picture("Ada", more)
    rows, columns = np.nonzero((squat != other).any(axis=2))
    assert columns.min() > WIDTH / 2 and rows.max() - rows.min() < 420  # one card: the sixth, at the right
    taller = (np.abs(other.astype(int) - np.array(mixed(HUES[0], 0.75))).sum(axis=2) < 12)[rows.min() :].sum()
    usual = (np.abs(squat.astype(int) - np.array(mixed(HUES[0], 0.75))).sum(axis=2) < 12)[rows.min() :].sum()
    assert taller > usual > 1_000
    paths = write_pictures(tmp_path, progress)
    assert [path.name for path in paths] == ["progress-squat.png", "progress-plank.png"]
    read = cv2.imread(str(paths[0]))
    assert np.array_equal(read[:, :, ::-1], squat)
    (compared,) = write_compare_pictures(tmp_path, compare(trained()[0], trained()[27]))
    assert compared.name == "compare-squat.png" and cv2.imread(str(compared)).shape[1] == WIDTH


def test_tables_hold_the_numbers(keep: Keep, tmp_path: Path) -> None:
    progress = of(keep(*trained()))
    write_progress_table(tmp_path / "progress.csv", progress)
    with (tmp_path / "progress.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == PROGRESS_COLUMNS and len(rows) == 28 + 7
    score = progress.exercises[0].measure("score")
    assert score is not None
    assert [float(row["score"]) for row in rows[:28]] == pytest.approx(score.values, abs=1e-3)
    assert rows[0]["faults"].startswith(("knees-cave-in 0.", "too-shallow 0.")) and rows[30]["score"] == ""
    comparison = compare(trained()[0], trained()[27])
    write_compare_table(tmp_path / "compare.csv", comparison)
    with (tmp_path / "compare.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COMPARE_COLUMNS
    assert len(rows) == trained()[0].count + trained()[27].count
    write_month_table(tmp_path / "month.csv", keep().month("2026-04", now=NOW))
    with (tmp_path / "month.csv").open(newline="") as file:
        assert {row["measure"] for row in csv.DictReader(file)} >= {"range_deg", "score", "held_s"}


def test_lines_for_the_terminal(keep: Keep) -> None:
    history = keep(*trained())
    lines = list(progress_lines(of(history)))
    assert lines[0].startswith("Ada") and any("Range of motion" in one and "rising" in one for one in lines)
    assert "Squat: no session since 2030-01-01" in list(progress_lines(of(history, since=date(2030, 1, 1))))
    assert any("deeper" in one for one in comparison_lines(compare(trained()[0], trained()[27])))
    assert any(one.startswith("  ! ") for one in month_lines(history.month("2026-04", now=NOW)))
    for line in (*lines, *month_lines(history.month("2026-04", now=NOW))):
        line.encode("cp1252")  # a terminal on Windows can print it


def test_words_of_trends() -> None:
    days = np.arange(0, 70, 7.0)
    rising = trend(days, 80 + 2 * days / 7)
    assert trend_said("Score", rising, "points", "more", ("rising", "falling"), 9).tone == "good"
    assert trend_said("Faults", rising, "share", "less", ("rising", "falling"), 9).tone == "bad"
    neutral = trend_said("Way out", rising, "s", "", ("rising", "falling"), 9)
    assert (neutral.tone, neutral.words, neutral.total) == (
        "plain",
        "rising by 2.0 s a week",
        "+18 s in 9 weeks",
    )
    short = trend_said("Score", trend(np.arange(6.0), np.arange(6.0)), "points", "more", ("a", "b"), 1)
    assert (short.tone, short.remark) == ("unsure", "9 days longer")


@pytest.mark.parametrize("days", [1, 3, 40, 200, 800, 4_000, 20_000])
def test_any_length_of_time_has_some_marks_and_not_too_many(days: int) -> None:
    first = np.datetime64("2019-11-13")
    marks = day_marks(first, first + np.timedelta64(days, "D"), 6)
    assert 1 <= len(marks) <= 8 and all(first <= day <= first + np.timedelta64(days, "D") for day, _ in marks)
    assert len({label for _, label in marks}) == len(marks) or days > 365


def test_many_years_are_drawn_at_once(keep: Keep) -> None:
    progress = of(keep(*trained()))
    one = progress.exercises[0]
    many = 3_000
    rng = np.random.default_rng(1)
    days = np.datetime64("2018-01-01") + np.sort(rng.integers(0, 3_000, many)).astype("timedelta64[D]")
    sessions_ = replace(
        one.sessions,
        ids=tuple(map(str, range(many))),
        days=days,
        started=days.astype("datetime64[us]"),
        offset_s=np.zeros(many, np.int64),
        columns={name: np.resize(values, many) for name, values in one.sessions.columns.items()},
        views=("side",) * many,
        faults=tuple(np.resize(np.array(one.sessions.faults, object), many)),
        not_judged=((),) * many,
        set_reps=("[10]",) * many,
    )
    from spotter.history.exercise_progress import exercise_progress

    whole = replace(
        progress, exercises=(exercise_progress(sessions_, None, None, np.datetime64("2026-07-01")),)
    )
    began = time.process_time()
    text = progress_html(whole)
    assert time.process_time() - began < 1.0
    assert len(text) < 1_500_000
    page = sound(text)
    assert "Repetitions a month" in page.text and 'class="many"' in text
    chart, strips = week_chart(whole.exercises[0]), fault_strips(whole.exercises[0])
    assert chart is not None and len(chart.heights) < 110 and not math.isnan(chart.axes.high)
    assert strips is not None and len(strips.strips[0].cells) <= 26
