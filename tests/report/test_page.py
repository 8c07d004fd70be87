"""The report: one file, complete, harmless whatever the names are, and silent in a browser."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.coach.analysis import Analysis, Fault, Person, Rep, RepSet
from spotter.coach.exercise import Exercise
from spotter.report.collect import ReportCollector
from spotter.report.page import report_html, write_report
from tests.pages import Page
from tests.report import material

VERSIONS = {"Spotter": "0.1.0", "BlazePose": "full"}
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}{%x%}\u202eΩ漢.mp4"


def render(
    *people: Person,
    exercise: Exercise | None = material.SQUAT,
    video: Path | None = None,
    analysis: Analysis | None = None,
) -> str:
    collector = ReportCollector()
    collector.add(material.stretch(*people, exercise=exercise))
    name = exercise.name if exercise else None
    return report_html(
        analysis or material.analysis(*people, name=name), exercise, collector, video, VERSIONS
    )


EVERYTHING = (
    "Squat", "recognised, 93 % sure", "repetitions 3", "1 attempt not counted", "You kept an even pace.",
    "The one thing to change", "Push your knees out: in repetition 3 they came to 0.62.",
    "Best repetition", "Weakest repetition", "Not deep enough", "In 1 of 3 repetitions: number 2",
    "at most 110°", "121°", "Schoenfeld 2010", "at least 0.80", "Noyes et al. 2005",
    "Turned back early, not counted", "The legs bend unevenly",
    "The camera sees you from the side; from the front it shows.", "good to about ±6°",
    "The camera saw you from the side.", "Spotter 0.1.0, BlazePose full", "20 frames a second",
)  # fmt: skip


def test_everything_is_on_the_page(clip: Path) -> None:
    page = Page(render(material.squats(), video=clip))
    for words in EVERYTHING:
        assert words in page.text, words
    assert page.all("html")[0]["lang"] == "en"
    assert [name for name, _ in page.elements].count("h1") == 1
    assert page.all("title") and "squat" in page.text


def test_pictures_are_inside_and_have_words(clip: Path) -> None:
    page = Page(render(material.squats(), video=clip))
    pictures = page.all("img")
    assert len(pictures) == 4
    for picture in pictures:
        kind, data = picture["src"].split(",", 1)
        assert kind == "data:image/jpeg;base64"
        image = cv2.imdecode(np.frombuffer(base64.b64decode(data), np.uint8), cv2.IMREAD_COLOR)
        assert image.shape[:2] == (int(picture["height"]), int(picture["width"]))
        assert len(picture["alt"]) > 20
    assert pictures[0]["alt"] == (
        "Best repetition at its turning point: Repetition 1, 0:01, score 96, left knee angle 80°"
    )


def test_nothing_is_loaded_from_anywhere(clip: Path) -> None:
    text = render(material.squats(), video=clip)
    page = Page(text)
    for _, attributes in page.elements:
        for name in ("src", "srcset", "data", "action", "poster", "xlink:href"):
            assert attributes.get(name, "data:").startswith("data:")
    assert [one["href"] for one in page.all("link")] == ["data:,"]
    assert "default-src 'none'" in text
    assert not re.search(r"url\((?!data:)|@import", text)
    outside = {one["href"] for one in page.all("a") if not one["href"].startswith("#")}
    assert set(re.findall(r"https?://[^\s\"<]+", text)) <= outside


def test_hostile_names_stay_words() -> None:
    fault = Fault("<img src=x onerror=alert(2)>", "danger", 1.0, 3.0, 2.0, "<b>deg", "<svg onload=alert(3)>")
    person = Person(
        1,
        "<view>",
        (RepSet(0, 2, (material.rep(1, [fault]),)),),
        summary=("</style><script>alert(4)</script>", "'\"&"),
    )
    one = replace(
        material.analysis(person),
        video={"name": HOSTILE, "warning": "</p><script>alert(5)</script>", "fps": math.nan, "width": "wide"},
    )
    page = Page(render(person, analysis=one))
    assert len(page.all("script")) == 1
    assert not page.all("img")
    assert not any(name.startswith("on") for _, attributes in page.elements for name in attributes)
    assert HOSTILE in page.text
    assert "{{7*7}}" in page.text
    assert "<svg onload=alert(3)>" in page.text


def test_each_person_has_a_section() -> None:
    page = Page(render(material.squats(1), material.squats(2)))
    assert [one["href"] for one in page.all("a")] == ["#person-1", "#person-2"]
    assert [one["id"] for one in page.all("section") if "id" in one] == ["person-1", "person-2"]


def test_holds_are_told_as_time(clip: Path) -> None:
    page = Page(render(material.plank(), exercise=material.PLANK, video=clip))
    for words in (
        "0:07",
        "held in all",
        "the longest hold",
        "Longest hold",
        "Every hold",
        "The hips sag",
        "1 time while holding",
        "4.0 s",
    ):
        assert words in page.text, words
    assert "score" not in page.text and "Every repetition" not in page.text


def test_nothing_wrong_asks_for_no_change() -> None:
    person = Person(
        1, "side", (RepSet(0, 2, (material.rep(1),)),), summary=("You did 1 squat, and it was clean.",)
    )
    page = Page(render(person))
    assert "How it went" in page.text and "change" not in page.text and "What to work on" not in page.text


def test_no_exercise_is_said_honestly() -> None:
    page = Page(render(Person(1, "side"), exercise=None))
    assert "No exercise found" in page.text and "it counted nothing" in page.text
    assert "found one person in it" in page.text
    assert "found nobody in it" in Page(render(exercise=None)).text


def test_no_repetitions_are_said_honestly() -> None:
    page = Page(render(Person(1, "oblique", summary=("No complete squat was seen.",))))
    assert "No complete squat was seen." in page.text and "How it went" not in page.text
    assert "No repetition found" in page.text and material.SQUAT.about in page.text
    assert "Every repetition" not in page.text and "score" not in page.text


def test_a_given_exercise_without_anybody() -> None:
    assert "Nobody was seen" in Page(render()).text


def test_what_is_not_known_is_a_dash() -> None:
    nan = math.nan
    rep = Rep(1, 0, 1, 2, True, "left", nan, replace(material.rep(1).tempo_s, out=nan), nan, nan, ())
    text = render(Person(1, "unknown", (RepSet(0, 2, (rep,)),)))
    page = Page(text)
    assert "nan" not in page.text.lower()
    assert "\N{EN DASH}" in page.text and "Side" in page.text


def test_a_video_that_is_gone_leaves_the_pictures_out(tmp_path: Path) -> None:
    page = Page(render(material.squats(), video=tmp_path / "gone.mp4"))
    assert not page.all("img") and "Every repetition" in page.text


def test_tables_name_their_columns() -> None:
    page = Page(render(material.squats()))
    headers = page.all("th")
    assert [one["scope"] for one in headers] == ["col"] * 7 + ["row"] * 4


def test_the_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    write_report(path, material.analysis(), None, ReportCollector(), None, VERSIONS)
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
    Page(path.read_text("utf-8"))


def palettes() -> dict[str, dict[str, str]]:
    """The page's colours in light, dark and print."""
    css = files("spotter.report").joinpath("template", "report.css").read_text("utf-8")
    light, dark, printed = (
        dict(re.findall(r"--([\w-]+): (#\w+);", one)) for one in re.findall(r":root \{([^}]*)", css)
    )
    return {"light": light, "dark": light | dark, "print": light | printed}


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("palette", ["light", "dark", "print"])
@pytest.mark.parametrize(
    ("front", "back"),
    [
        ("ink", "card"), ("ink", "ground"), ("muted", "card"), ("muted", "ground"), ("accent", "card"),
        ("accent", "accent-soft"), ("ink", "warning-soft"), ("hint", "card"), ("warning", "card"),
        ("danger", "card"), ("on-fill", "hint-fill"), ("on-fill", "warning-fill"), ("card", "accent"),
    ],
)  # fmt: skip
def test_words_can_be_read(palette: str, front: str, back: str) -> None:
    """At least 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    colours = palettes()[palette]
    low, high = sorted(luminance(colours[name]) for name in (front, back))
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("front", "back"), [("hero-ink", "hero-2"), ("hero-muted", "hero-2"), ("hero-accent", "hero-2")]
)
@pytest.mark.parametrize("palette", ["light", "dark"])
def test_the_head_can_be_read(palette: str, front: str, back: str) -> None:
    colours = palettes()[palette]
    low, high = sorted(luminance(colours[name]) for name in (front, back))
    assert (high + 0.05) / (low + 0.05) >= 4.5


PROBE = """
<script>
const chart = document.querySelector(".chart"), area = chart.querySelector(".area");
const box = area.getBoundingClientRect(), seen = document.body.dataset;
const place = {clientX: box.left + 0.625 * box.width, clientY: box.top + 9};
area.dispatchEvent(new PointerEvent("pointermove", place));
seen.reading = chart.querySelector(".reading").textContent;
document.querySelectorAll("[role=tab]")[1].click();
seen.shown = [...document.querySelectorAll(".panel")].map((one) => getComputedStyle(one).display).join();
seen.overflow = document.documentElement.scrollWidth - innerWidth;
</script>
"""


def test_a_browser_opens_it_without_a_complaint(
    clip: Path, tmp_path: Path, browse: Callable[[Path], tuple[str, list[str]]]
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(material.squats(), video=clip) + PROBE, "utf-8")
    elements, console = browse(path)
    assert console == []
    body = next(attributes for name, attributes in Page(elements).elements if name == "body")
    assert body["data-reading"] == "0:05.0  ·  81°  ·  Repetition 3"
    assert body["data-shown"] == "none,block"
    assert int(body["data-overflow"]) <= 0


def test_the_browser_does_tell_of_errors(
    tmp_path: Path, browse: Callable[[Path], tuple[str, list[str]]]
) -> None:
    path = tmp_path / "broken.html"
    path.write_text("<script>nothing.here()</script>", "utf-8")
    assert browse(path)[1]
