"""The timeline: intervals from answers, its files, its page and its picture."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import OutputError
from spotter.recognizer.live import LiveAnswer
from spotter.recognizer.predict import Prediction
from spotter.recognizer.timeline import Timeline, timeline_csv, write_timeline
from spotter.report.recognizer.colours import class_colour
from spotter.report.recognizer.filmstrip import Filmstrip
from spotter.report.recognizer.timeline import Watched, recognised_share, timeline_html, write_page
from spotter.report.recognizer.timeline_picture import timeline_picture, write_picture

CLASSES = ("face", "hand", "lower arm")
LETTERS = {"f": ("face",), "h": ("hand",), "a": ("lower arm",), ".": ("unknown",), "-": ()}


def timeline(answers: Sequence[str], step_s: float = 0.2, times: Sequence[float] | None = None) -> Timeline:
    """A timeline of answers, each of letters: ``"fh"`` is face and hand, ``"."`` unknown."""
    at = [index * step_s for index in range(len(answers))] if times is None else times
    rows = []
    for time_s, letters in zip(at, answers, strict=True):
        labels = tuple(name for letter in letters for name in LETTERS[letter])
        values = tuple(0.9 if name in labels else 0.1 for name in CLASSES)
        rows.append(LiveAnswer(time_s, Prediction(labels, values, CLASSES), 0.002))
    return Timeline.of(rows, CLASSES, step_s)


def found(one: Timeline, **settings: float) -> list[tuple[str, float, float]]:
    return [(x.label, round(x.start_s, 3), round(x.end_s, 3)) for x in one.intervals(**settings)]


@pytest.mark.parametrize(
    ("answers", "intervals"),
    [
        ("ffffffffff", [("face", 0.0, 2.0)]),
        ("fffffhhhhh", [("face", 0.0, 1.0), ("hand", 1.0, 2.0)]),
        ("fffff.....hhhhh", [("face", 0.0, 1.0), ("hand", 2.0, 3.0)]),
        ("ffffahffffff", [("face", 0.0, 2.4)]),
        ("fff.fff.fff", [("face", 0.0, 2.2)]),
        ("..........", []),
        ("....h.....", []),
        (".....fhfhfhafhafhahaf.....", []),
        ("", []),
        ("f", []),
        ("fff", [("face", 0.0, 0.6)]),
    ],
    ids=[
        "one all along", "two", "a gap", "two wrong answers", "lone gaps", "nothing", "a flicker", "chaos",
        "no answer", "one answer", "short",
    ],
)  # fmt: skip
def test_intervals(answers: str, intervals: list[tuple[str, float, float]]) -> None:
    assert found(timeline(answers)) == intervals


def test_confidence_is_the_mean_of_all_answers_inside() -> None:
    (one,) = timeline("fffffffffhfffffffff").intervals()
    assert one.confidence == pytest.approx((18 * 0.9 + 0.1) / 19, abs=1e-6)


def test_without_window_each_answer_counts() -> None:
    one = timeline("ffhf")
    assert found(one, window_s=0.0, shortest_s=0.0) == [
        ("face", 0.0, 0.4), ("hand", 0.4, 0.6), ("face", 0.6, 0.8),
    ]  # fmt: skip
    assert found(one, window_s=0.0, shortest_s=0.4) == [("face", 0.0, 0.4)]


def test_hysteresis_holds_through_a_tie_and_does_not_begin_at_one() -> None:
    coming_and_going = ["f"] * 10 + ["f", "h"] * 10
    assert found(timeline(coming_and_going, step_s=0.1), window_s=0.95)[0][:2] == ("face", 0.0)
    assert found(timeline(coming_and_going, step_s=0.1), window_s=0.95)[0][2] >= 2.4
    assert found(timeline(["."] * 10 + ["f", "h"] * 10 + ["."] * 10, step_s=0.1), window_s=0.95) == []


def test_several_labels_overlap() -> None:
    answers = ["f"] * 5 + ["fh"] * 5 + ["h"] * 5 + ["-"] * 5
    assert found(timeline(answers)) == [("face", 0.0, 2.0), ("hand", 1.0, 3.0)]


@pytest.mark.parametrize("seed", range(8))
def test_of_one_label_intervals_never_overlap_and_lie_inside(seed: int) -> None:
    rng = np.random.default_rng(seed)
    letters = list(rng.choice(list("ffffhhhha."), 300))
    times = np.cumsum(rng.uniform(0.05, 0.4, 300) + 3 * (rng.random(300) < 0.02))
    one = timeline(letters, 0.2, times.tolist())
    spans = [(x.start_s, x.end_s) for x in one.intervals(window_s=float(rng.uniform(0, 3)), shortest_s=0.0)]
    assert spans
    assert all(before[1] <= after[0] + 1e-9 for before, after in pairwise(spans))
    assert all(times[0] <= start < end <= one.ends[-1] for start, end in spans)


def test_a_pause_is_not_filled() -> None:
    times = [0.2 * i for i in range(6)] + [9 + 0.2 * i for i in range(6)]
    assert found(timeline("f" * 12, times=times)) == [("face", 0.0, 1.2), ("face", 9.0, 10.2)]


def test_frames_rarer_than_the_interval_make_no_gaps() -> None:
    assert found(timeline("fffff", 0.2, [0.0, 1.0, 2.0, 3.0, 4.0])) == [("face", 0.0, 5.0)]


def test_files(tmp_path: Path) -> None:
    answers = ["f"] * 5 + ["."] * 3 + ["fh"] * 5 + ["-"] * 3
    one = timeline(answers)
    intervals = one.intervals()
    files = write_timeline(tmp_path / "für mich", one, intervals, {"model": "käse"})
    assert [path.name for path in files] == ["timeline.csv", "intervals.csv", "timeline.json"]
    rows = list(csv.reader(files[0].read_text("utf-8").splitlines()))
    assert rows[0] == ["time_s", "answer", *CLASSES] and len(rows) == 17
    assert rows[9] == ["1.600", "face;hand", "0.9000", "0.9000", "0.1000"]
    assert (rows[6][1], rows[14][1]) == ("unknown", "unknown")
    assert [row["label"] for row in csv.DictReader(files[1].read_text("utf-8").splitlines())] == [
        one.label for one in intervals
    ]
    document = json.loads(files[2].read_text("utf-8"))
    assert (document["schema"], document["model"], document["classes"]) == (1, "käse", list(CLASSES))
    assert document["recognised_s"] == {"face": 2.0, "hand": 1.0, "lower arm": 0}
    assert document["answers"][13] == {"time_s": 2.6, "labels": [], "probabilities": [0.1, 0.1, 0.1]}
    assert document["intervals"][0] == {"label": "face", "start_s": 0.0, "end_s": 1.0, "confidence": 0.9}


def test_names_with_commas_and_quotes_survive_the_csv() -> None:
    classes = ('left, "my" hand', "b")
    rows = [LiveAnswer(0.0, Prediction(classes[:1], (0.8, 0.2), classes), 0.1)]
    lines = timeline_csv(Timeline.of(rows, classes, 0.2)).splitlines()
    assert list(csv.reader(lines)) == [
        ["time_s", "answer", *classes],
        ["0.000", classes[0], "0.8000", "0.2000"],
    ]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        write_timeline(tmp_path / "file", timeline("ff"), (), {})


def watched(answers: Sequence[str], **more: object) -> Watched:
    one, film = timeline(answers), Filmstrip()
    for time_s in one.times.tolist():
        film.add(time_s, np.full((30, 40, 3), 90, np.uint8))
    return Watched("<clip>.mp4", "parts", one, one.intervals(), film, np.full(len(one), 0.002), **more)  # type: ignore[arg-type]


def test_the_page_shows_every_class_and_loads_nothing(tmp_path: Path) -> None:
    write_page(tmp_path / "timeline.html", watched("fffff.....hhhhh", dropped=3, warning="It broke & ended."))
    page = (tmp_path / "timeline.html").read_text("utf-8")
    assert "&lt;clip&gt;.mp4" in page and "<clip>" not in page
    assert "It broke &amp; ended." in page and "left out" in page
    assert page.count('class="seen"') == 2 and page.count('class="lane never"') == 1
    assert "face from 0:00.0 to 0:01.0, 90 % sure" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page) and "url(" not in page
    assert page.count("data:image/jpeg") == 12


def test_long_watches_stay_small() -> None:
    rng = np.random.default_rng(0)
    letters = np.repeat(rng.choice(list("fha."), 1800), 20).tolist()  # two hours
    page = timeline_html(watched(letters))
    assert len(page) < 3_000_000 and "more are in intervals.csv" in page


@pytest.mark.parametrize("answers", ["", "f", "......"], ids=["no answer", "one answer", "nothing known"])
def test_little_makes_a_page_and_a_picture_too(answers: str, tmp_path: Path) -> None:
    one = watched(answers)
    assert "Nothing was recognised" in timeline_html(one)
    write_picture(tmp_path / "timeline.png", one)
    assert (tmp_path / "timeline.png").read_bytes().startswith(b"\x89PNG")


def test_the_picture_is_coloured_where_a_class_was_recognised() -> None:
    image = timeline_picture(watched("fffff.....hhhhh")).astype(int)
    for place, (begin, end) in enumerate([(0.0, 1 / 3), (2 / 3, 1.0)]):
        distance = np.abs(image[:, 290:1552] - class_colour(place).light).sum(axis=2)
        columns = np.flatnonzero((distance < 100).sum(axis=0) > 40)
        assert columns.min() == pytest.approx(1262 * begin, abs=14)
        assert columns.max() == pytest.approx(1262 * end, abs=110)  # the curve falls before the interval ends


def test_the_share_of_time_counts_overlaps_once() -> None:
    one = watched(["f"] * 5 + ["fh"] * 5 + ["h"] * 5 + ["-"] * 5)
    assert recognised_share(one) == pytest.approx(0.75)


def test_a_filmstrip_of_any_length_stays_short_and_even() -> None:
    film = Filmstrip()
    for number in range(20_000):
        film.add(number / 25, np.full((4, 4, 3), number % 256, np.uint8))
    stills = film.pick(0.0, 800.0, 8)
    assert [still.time_s for still in stills] == pytest.approx([50 + 100 * i for i in range(8)], abs=15)
    assert len(film.pick(0.0, 800.0, 1000)) <= 64
