"""Writes the report: one HTML file with everything in it, which loads nothing from anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from markupsafe import Markup

from spotter.coach.analysis import Analysis
from spotter.coach.exercise import Exercise
from spotter.media.writing import write_text
from spotter.report.axes import HEIGHT, WIDTH
from spotter.report.collect import ReportCollector
from spotter.report.heart import heart_view
from spotter.report.part_colours import PART_COLOURS
from spotter.report.pictures import take_pictures
from spotter.report.recognizer.colours import css_colour
from spotter.report.templates import asset, render
from spotter.report.view import moments_of, person_view
from spotter.report.words import clock, counted, number


def write_report(
    path: Path,
    analysis: Analysis,
    exercise: Exercise | None,
    collector: ReportCollector,
    video_path: Path | None,
    versions: Mapping[str, str],
    *,
    with_parts: bool = False,
) -> None:
    """Write report.html.

    Args:
        path: where it goes.
        analysis: what was found.
        exercise: what was judged; None where nothing in the video is an exercise.
        collector: has been given every stretch of the analysis.
        video_path: the video, to cut pictures from; None where it is not there any more (a camera).
        versions: name to version of what made this, Spotter first.
        with_parts: whether body parts were found too; the page says where, and in which colours.

    Raises:
        OutputError: if it cannot be written.
    """
    page = report_html(analysis, exercise, collector, video_path, versions, with_parts=with_parts)
    write_text(path, page)


def report_html(
    analysis: Analysis,
    exercise: Exercise | None,
    collector: ReportCollector,
    video_path: Path | None,
    versions: Mapping[str, str],
    *,
    with_parts: bool = False,
) -> str:
    """The report as text; see `write_report`."""
    video = analysis.video
    moments = moments_of(analysis, collector)
    max_side = max(_whole(video.get("width")), _whole(video.get("height")), 1)
    heart = analysis.heart_rate
    pictures = take_pictures(video_path, moments, max_side) if video_path is not None else {}
    return render(
        "report.html.j2",
        title=_title(analysis, exercise),
        name=str(video.get("name") or "video"),
        how=_how(analysis),
        exercise=exercise,
        people=[person_view(person, exercise, collector, pictures) for person in analysis.people],
        found=analysis.exercise.name is not None,
        heart=None if heart is None else heart_view(heart, analysis.people, collector.window_s),
        facts=_facts(analysis, collector),
        warning=str(video.get("warning") or ""),
        parts=_parts() if with_parts else [],
        versions=list(versions.items()),
        width=WIDTH,
        height=HEIGHT,
        css=Markup(asset("report.css")),
        script=Markup(asset("report.js")),
    )


def _title(analysis: Analysis, exercise: Exercise | None) -> str:
    if exercise is not None:
        return exercise.title
    name = analysis.exercise.name
    return name.replace("-", " ").capitalize() if name else "No exercise found"


def _how(analysis: Analysis) -> str:
    found = analysis.exercise
    if found.name is None:
        return ""
    if found.how == "given":
        return "the exercise was given"
    return f"recognised, {100 * found.confidence:.0f} % sure"


def _parts() -> list[tuple[str, str]]:
    """Names and colours of the body parts, for the key."""
    return [(name.replace("_", " "), css_colour(colour)) for name, colour in PART_COLOURS.items()]


def _facts(analysis: Analysis, collector: ReportCollector) -> list[str]:
    """What is known of the video, in short phrases."""
    video = analysis.video
    facts = []
    width, height = _whole(video.get("width")), _whole(video.get("height"))
    if width and height:
        facts.append(f"{width} by {height} pixels")
    fps = video.get("fps")
    if isinstance(fps, int | float) and math.isfinite(fps):
        facts.append(f"{number(fps, 0 if abs(fps - round(fps)) < 0.05 else 2)} frames a second")
    frames = _whole(video.get("frames"))
    if frames:
        facts.append(f"{counted(frames, 'frame', 'frames')} looked at")
    start, end = collector.window_s
    if end > start:
        facts.append(f"from {clock(start)} to {clock(end)}")
    return facts


def _whole(value: object) -> int:
    return int(value) if isinstance(value, int | float) and math.isfinite(value) else 0
