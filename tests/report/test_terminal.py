"""The terminal: the summary, the progress, and silence where it is wanted."""

from __future__ import annotations

import io
import math
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from spotter.coach.analysis import Analysis, Person, RepSet
from spotter.report.terminal import error_console, print_summary, progress
from tests.report import material

TITLES = {rule.name: rule.title for rule in material.SQUAT.faults}


def printed(analysis: Analysis, files: tuple[Path, ...] = (), width: int = 100) -> str:
    out = io.StringIO()
    print_summary(analysis, TITLES, files, Console(file=out, width=width, highlight=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def test_the_summary_says_what_matters() -> None:
    assert (
        printed(material.analysis(material.squats()), (Path("out/squat/report.html"),))
        == """
  squat  squat (recognised, 93 % sure)
  3 repetitions, 1 attempt not counted, score 79

  rep    at  out  hold  back  range  score  to work on
    1  0:01  0.9   0.2   0.9    90°     96
    2  0:03  0.9   0.2   0.9    90°     80  ! Not deep enough
    3  0:05  0.9   0.2   0.9    90°     60  !! The knees cave in
    \N{EN DASH}  0:07  0.9   0.2   0.9    90°      \N{EN DASH}  turned back early, not counted

  + You kept an even pace.

  > Push your knees out: in repetition 3 they came to 0.62.

  report       out/squat/report.html"""
    )


def test_paths_are_never_broken() -> None:
    path = Path("/a/very/long/path") / ("x" * 90) / "report.html"
    assert str(path) in printed(material.analysis(material.squats()), (path,), width=60)


def test_holds_are_told_in_seconds() -> None:
    assert "held 7 s in 2 holds" in printed(material.analysis(material.plank(), name="plank"))


def test_no_exercise_is_said() -> None:
    text = printed(material.analysis(Person(1, "side"), name=None))
    assert text.strip() == "squat  no exercise found, nothing counted"


def test_markup_in_names_stays_words() -> None:
    text = printed(material.analysis(material.squats(), stem="[red]a[/red] [link=x]"))
    assert "[red]a[/red] [link=x]" in text


def test_several_people_and_sets_are_told_apart() -> None:
    person = material.squats()
    person = replace(person, sets=(*person.sets, RepSet(9, 11, (material.rep(1, score=math.nan),))))
    text = printed(material.analysis(person, replace(person, id=2)))
    assert "Person 1: 4 repetitions" in text and "Person 2: 4 repetitions" in text and "Set 2" in text


def test_sides_are_told_where_they_alternate() -> None:
    reps = (replace(material.rep(1), side="left"), replace(material.rep(2), side="right"))
    lines = printed(material.analysis(Person(1, "side", (RepSet(0, 4, reps),)))).splitlines()
    assert lines[4].split()[:2] == ["rep", "side"] and lines[5].split()[:2] == ["1", "left"]


def test_a_long_set_is_shortened() -> None:
    reps = tuple(replace(material.rep(1), number=i) for i in range(1, 101))
    text = printed(material.analysis(Person(1, "side", (RepSet(0, 200, reps),))))
    assert "70 more in the report" in text and len(text.splitlines()) < 45


def test_a_warning_about_the_video_is_passed_on() -> None:
    one = material.analysis(material.squats())
    assert "Note: it breaks off" in printed(replace(one, video={**one.video, "warning": "it breaks off"}))


def test_a_terminal_gets_a_bar() -> None:
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=100)
    with progress(console, "squat.mp4", 10) as meter:
        for _ in range(10):
            meter.advance()
    assert "squat.mp4" in out.getvalue() and "10 of 10 frames" in out.getvalue()


@pytest.mark.parametrize(("frames", "last"), [(60, "30 of 60 frames"), (0, "30 frames")])
def test_a_log_gets_a_line_now_and_then(frames: int, last: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(0, 10_000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(now)))
    out = io.StringIO()
    with progress(Console(file=out, width=100), "[b]squat.mp4", frames) as meter:
        for _ in range(30):
            meter.advance()
    lines = out.getvalue().splitlines()
    assert len(lines) == 3
    assert lines[-1].startswith(f"[b]squat.mp4: {last}, 1 a second")


def test_quiet_is_quiet_and_nothing_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(material.analysis(material.squats()), TITLES, (), error_console(quiet=True))
    assert capsys.readouterr() == ("", "")
    print_summary(material.analysis(material.squats()), TITLES, (), error_console())
    out, err = capsys.readouterr()
    assert out == "" and "3 repetitions" in err
