"""The heart where it is reported: on the video, on the page and in analysis.json, with its gaps."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from spotter.coach.analysis import Analysis, Hold, Person, RepSet
from spotter.coach.heart import HeartRate
from spotter.coach.session import session_of
from spotter.exchange.session_source import session_from
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.report.collect import ReportCollector
from spotter.report.files import analysis_document
from spotter.report.heart import HeartView, heart_view
from spotter.report.overlay import draw_overlay
from spotter.report.page import report_html
from spotter.report.palette import HEART, SEVERITY
from spotter.report.plates import heart_plate
from spotter.report.results import Results
from spotter.report.terminal import error_console, print_summary
from spotter.report.video import VideoAnnotator
from tests.exchange.sessions import EVENING, same
from tests.pages import Page
from tests.report import material
from tests.report.test_overlay import SIZES, Recorder, grey, has, shown_at

WINDOW_S = (0.0, 300.0)
TWO_SETS = Person(
    1,
    "side",
    (
        RepSet(20.0, 50.0, (replace(material.rep(1), start_s=20.0, turn_s=21.0, end_s=50.0),)),
        RepSet(150.0, 180.0, (replace(material.rep(1), start_s=150.0, turn_s=151.0, end_s=180.0),)),
    ),
    summary=("You kept an even pace.",),
)


def heart_of(*points: tuple[float, float], lost: tuple[float, float] = (-1.0, -1.0)) -> HeartRate:
    time_s = np.arange(points[0][0], points[-1][0] + 1)
    bpm = np.interp(time_s, *zip(*points, strict=True)).astype(np.float32)
    heard = (time_s < lost[0]) | (time_s >= lost[1])
    return HeartRate(time_s[heard], bpm[heard], source="Polar H10")


STAYS_FAST = heart_of(
    (0, 80), (20, 80), (50, 150), (110, 145), (150, 140), (180, 160), (240, 120), (300, 100)
)


def view_of(heart: HeartRate, *people: Person) -> HeartView:
    view = heart_view(heart, people or (TWO_SETS,), WINDOW_S)
    assert view is not None
    return view


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_the_badge_stands_top_right_at_every_size(width: int, height: int) -> None:
    unit = min(width, height) / 360
    one = replace(shown_at(3.0, width, height), pose=None)
    without = draw_overlay(grey(width, height), "Squat", [one], None, 3.0)
    image = draw_overlay(grey(width, height), "Squat", [one], None, 3.0, bpm=142.4)
    changed = (image != without).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[0] == pytest.approx(10 * unit, abs=2) and rows[-1] == pytest.approx(40 * unit, abs=3)
    assert width - columns[-1] == pytest.approx(10 * unit, abs=3)
    assert columns[-1] - columns[0] < 0.35 * min(width, height)
    assert has(image, HEART) and has(image, (255, 255, 255), (slice(0, rows[-1]), slice(columns[0], width)))


def test_no_badge_where_the_heart_is_not_heard() -> None:
    one = shown_at(3.0, 640, 360)
    with_nan = draw_overlay(grey(640, 360), "Squat", [one], None, 3.0, bpm=math.nan)
    assert (with_nan == draw_overlay(grey(640, 360), "Squat", [one], None, 3.0)).all()


def test_the_badge_stands_still_whatever_it_says() -> None:
    assert len({heart_plate(bpm, 1.0).width for bpm in (7, 48, 111, 188)}) == 1
    for severity in SEVERITY.values():
        assert max(abs(a - b) for a, b in zip(HEART, severity, strict=True)) > 60


def test_a_plate_that_would_lie_under_the_badge_goes_below() -> None:
    three = [replace(shown_at(3.0, 400, 600, person), pose=None) for person in (1, 2, 3)]
    image = draw_overlay(grey(400, 600), "Squat", three, None, 3.0, bpm=99)
    assert (image[150, 20] != 128).any() and (image[60, 330:] == 128).all()


def test_the_video_shows_the_heart_of_each_moment_and_nothing_in_a_gap() -> None:
    frames = [Frame(grey(320, 240), i / material.FPS, i) for i in range(160)]
    recorder = Recorder()
    annotator = VideoAnnotator(frames, recorder)  # type: ignore[arg-type]
    heart = HeartRate(np.array([0.0, 1.0, 2.0, 7.0]), np.array([100, 100, 130, 130], np.float32))
    assert annotator.add(material.stretch(material.squats(), end_s=7.95), heart) == 160
    corner = (slice(0, 40), slice(200, 320))
    shown = [has(image, HEART, corner) for image in recorder.images]
    assert shown == [second // 20 not in (4, 5) for second in range(160)]
    assert (recorder.images[25][corner] == recorder.images[35][corner]).all(), "once a second at most"
    assert (recorder.images[25][corner] != recorder.images[45][corner]).any()


def test_an_analysis_says_the_heart_set_by_set() -> None:
    analysis = replace(material.analysis(TWO_SETS), heart_rate=STAYS_FAST)
    document = json.loads(json.dumps(analysis_document(analysis), allow_nan=False))
    assert list(document["heart_rate"]) == ["time_s", "bpm", "rr_time_s", "rr_s", "source"]
    assert (
        document["heart_rate"]["bpm"][:2] == [80.0, 80.0] and document["heart_rate"]["source"] == "Polar H10"
    )
    first, second = [one["heart_rate"] for one in document["people"][0]["sets"]]
    assert first == {
        "mean_bpm": pytest.approx(115, abs=1),
        "highest_bpm": 150.0,
        "end_bpm": 150.0,
        "rest_s": 100.0,
        "later_s": 60,
        "later_bpm": pytest.approx(145, abs=0.2),
        "drop_bpm": pytest.approx(5, abs=0.2),
    }
    assert second["rest_s"] is None and second["drop_bpm"] == pytest.approx(40, abs=2)


def test_whose_heart_it_is_is_not_guessed() -> None:
    analysis = replace(material.analysis(TWO_SETS, replace(TWO_SETS, id=2)), heart_rate=STAYS_FAST)
    document = analysis_document(analysis)
    assert [one["heart_rate"] for who in document["people"] for one in who["sets"]] == [None] * 4
    session = session_of(analysis, EVENING)
    assert session is not None and session.heart_rate is None
    view = view_of(STAYS_FAST, *analysis.people)
    assert view.rows == view.advice == view.chart.spans == () and "whose heart" in view.remark
    assert "no set is named" in Page(page_of(analysis)).text


def page_of(analysis: Analysis) -> str:
    collector = ReportCollector()
    found = analysis.exercise.name is not None
    exercise = material.SQUAT if found else None
    collector.add(material.stretch(*analysis.people, exercise=exercise, end_s=WINDOW_S[1]))
    return report_html(analysis, exercise, collector, None, {"Spotter": "0.1.0"})


def test_the_page_shows_the_curve_the_sets_and_the_advice() -> None:
    page = Page(page_of(replace(material.analysis(TWO_SETS), heart_rate=STAYS_FAST)))
    for words in (
        "Heart rate", "from Polar H10", "At its end", "After 60 s of rest", "0:20 to 0:50", "1:40",
        "Rest a little longer after set 1: a minute later your heart was only 5 beats slower.",
        "A hint to rest, not a diagnosis.", "Cole et al. 1999", "set, with its number",
    ):  # fmt: skip
        assert words in page.text, words
    assert "nan" not in page.text.lower()
    (chart,) = [one for name, one in page.elements if one.get("data-unit") == "bpm"]
    assert float(chart["data-low"]) == 80.0 and float(chart["data-high"]) == 160.0
    about = "Heart rate over time, from 80 to 160 beats a minute, with 2 sets marked."
    assert about in [one.get("aria-label") for one in page.all("div")]


def test_without_a_heart_rate_the_page_says_nothing_of_it() -> None:
    assert "Heart rate" not in Page(page_of(material.analysis(TWO_SETS))).text
    before = replace(STAYS_FAST, time_s=STAYS_FAST.time_s - 1000)
    assert "Heart rate" not in Page(page_of(replace(material.analysis(TWO_SETS), heart_rate=before))).text


def test_where_nothing_was_counted_the_curve_is_still_shown() -> None:
    nothing = replace(material.analysis(Person(1, "side"), name=None), heart_rate=STAYS_FAST)
    page = Page(page_of(nothing))
    assert "Nothing was counted" in page.text and "Heart rate" in page.text
    assert "After 60 s of rest" not in page.text


def test_a_gap_is_told_and_the_line_is_lifted() -> None:
    lost = heart_of((0, 80), (50, 150), (300, 100), lost=(100.0, 130.0))
    view = view_of(lost)
    assert view.remark.startswith("The heart was heard 91 % of the time, not from 1:39 to 2:10")
    assert view.chart.lines[0].path.count("M") == 2
    assert view_of(STAYS_FAST).remark == ""


def test_figures_that_are_not_known_are_dashes() -> None:
    view = view_of(heart_of((0, 80), (180, 150), (300, 90), lost=(15.0, 130.0)))
    first = view.rows[0]
    assert (first.mean, first.highest, first.end, first.drop) == ("\N{EN DASH}",) * 4
    assert view.rows[1].mean != "\N{EN DASH}" and not view.advice


def test_holds_are_named_so() -> None:
    view = view_of(STAYS_FAST, Person(1, "side", holds=(Hold(20.0, 50.0), Hold(150.0, 180.0))))
    assert [row.name for row in view.rows] == ["Hold 1", "Hold 2"]
    assert view.advice[0].startswith("Rest a little longer after hold 1")


PROBE = """
<script>
const heart = document.querySelector(".heart .chart"), area = heart.querySelector(".area");
const box = area.getBoundingClientRect(), seen = document.body.dataset;
const at = (share) => {
  const place = {clientX: box.left + share * box.width, clientY: box.top + 9};
  area.dispatchEvent(new PointerEvent("pointermove", place));
  return heart.querySelector(".reading").textContent;
};
seen.set = at(0.1); seen.gap = at(0.4);
seen.colour = getComputedStyle(heart.querySelector(".line")).stroke;
seen.overflow = document.documentElement.scrollWidth - innerWidth;
</script>
"""


def test_a_browser_reads_the_curve(tmp_path: Path, browse: Callable[[Path], tuple[str, list[str]]]) -> None:
    lost = heart_of((0, 80), (300, 140), lost=(100.0, 140.0))
    path = tmp_path / "report.html"
    path.write_text(page_of(replace(material.analysis(TWO_SETS), heart_rate=lost)) + PROBE, "utf-8")
    elements, console = browse(path)
    assert console == []
    body = next(attributes for name, attributes in Page(elements).elements if name == "body")
    assert body["data-set"] == "0:29.9  ·  86 beats a minute  ·  Set 1"
    assert body["data-gap"].endswith("not heard")
    assert body["data-colour"] == "rgb(176, 42, 82)" and int(body["data-overflow"]) <= 0


def test_a_folder_of_results_has_the_heart_everywhere(clip: Path, tmp_path: Path) -> None:
    """Also where it became known only after the recording, as with a camera."""
    heart = HeartRate(
        np.arange(8.0),
        np.linspace(90, 120, 8).astype(np.float32),
        np.array([1.0, 1.75]),
        np.array([0.75, 0.75], np.float32),
        "Polar H10",
    )
    with Results(tmp_path / "out", clip) as results:
        results.heart_rate = heart
        results.add(material.stretch(material.squats()))
        done = material.analysis(material.squats())
        results.finish(replace(done, video={**done.video, "interrupted": False}))
    assert 'class="card heart"' in (tmp_path / "out" / "report.html").read_text("utf-8")
    with open_media(tmp_path / "out" / "annotated.mp4") as source:
        corners = [frame.image[:40, 200:].astype(int) for frame in source]
    assert all(np.abs(corner - corner[30, 5]).max() > 60 for corner in corners[:-1])
    session = session_from(tmp_path / "out", started=EVENING).session
    assert same(session.heart_rate, heart), "what is exported and kept has it too"


def test_the_terminal_tells_of_the_heart(capsys: pytest.CaptureFixture[str]) -> None:
    lost = heart_of((0, 80), (50, 150), (300, 100), lost=(100.0, 130.0))
    print_summary(replace(material.analysis(TWO_SETS), heart_rate=lost), {}, [], error_console())
    said = " ".join(capsys.readouterr().err.split())
    assert "heart 80 to 150 beats a minute, not heard for 31.0 s, from Polar H10" in said
