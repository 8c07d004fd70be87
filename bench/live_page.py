"""Plays rendered clips to the page as its camera: whether it counts what the file gives, and cues in time."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import track

from bench.coached import coach_clip, share
from bench.live_clients import server
from bench.machine import load
from bench.material import Material, RenderedClip
from bench.page_camera import Watched, camera_file, page_before, started_playwright, watch
from bench.rendered import BUILT_IN
from bench.table import Cell, Table
from spotter.coach.schema import shipped_exercises

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

_QUICK_CLIPS = 1
_CLIPS = ("-1", "-3")  # of each exercise one that is well done, and the one with a fault built in


@dataclass(frozen=True, slots=True)
class Result:
    """A clip, what its analysis counts, and what the page made of it."""

    clip: RenderedClip
    counted: int
    watched: Watched

    @property
    def names(self) -> set[str]:
        """Under which names the built-in fault may be found."""
        return BUILT_IN[self.clip.exercise] if self.clip.has_fault else set()

    @property
    def cued_in_time(self) -> int:
        """In how many repetitions the built-in fault's cue was shown before their end."""
        rules = shipped_exercises()[self.clip.exercise].faults
        return self.watched.in_time({rule.cue for rule in rules if rule.name in self.names}, self.names)


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip, and how many are right in all."""
    busy = load()
    clips = [clip for clip in material.rendered_clips() if clip.name.endswith(_CLIPS)]
    if quick:
        clips = sorted(clips, key=lambda clip: len(clip.joints))[:_QUICK_CLIPS]
    with started_playwright() as playwright, tempfile.TemporaryDirectory() as folder, server() as running:
        address = f"http://127.0.0.1:{running.port}"
        results = [
            _result(playwright, clip, address, Path(folder, "camera.mjpeg"))
            for clip in track(clips, description="page", transient=True)
        ]
    return [_every_clip(results, busy), _in_all(results)]


def _result(playwright: Playwright, clip: RenderedClip, address: str, camera: Path) -> Result:
    seconds = camera_file(clip.path, camera)
    with page_before(playwright, camera, address) as page:
        watched = watch(page, address, clip.exercise, seconds)
    return Result(clip, coach_clip(clip.path, clip.exercise).given.count, watched)


def _every_clip(results: Sequence[Result], busy: str) -> Table:
    return Table(
        name="live-page",
        title="Rendered clips before the page's camera, in Chromium",
        columns=(
            *("clip", "true", "file", "page", "summary", "answers a second"),
            *("fault", "found in reps", "cued before their end"),
        ),
        rows=tuple(_row(result) for result in results),
        notes=("file: what the analysis of the file counts; page: what the page showed at its end", busy),
        digits=1,
    )


def _row(result: Result) -> tuple[Cell, ...]:
    clip, watched = result.clip, result.watched
    return (
        clip.name,
        len(clip.turns_s),
        result.counted,
        watched.count,
        watched.kept,
        watched.answers_per_s,
        " or ".join(sorted(result.names)) if clip.has_fault else "none",
        watched.faulty(result.names) if clip.has_fault else None,
        result.cued_in_time if clip.has_fault else None,
    )


def _in_all(results: Sequence[Result]) -> Table:
    faulty = [result for result in results if result.clip.has_fault]
    rows = [
        share(
            "page counts what the file's analysis counts",
            [r.watched.count == r.counted for r in results],
            "all",
        ),
        share(
            "the summary tells what the page showed",
            [r.watched.kept == r.watched.count for r in results],
            "all",
        ),
        share("exercises in which the page counts so in every clip", _by_exercise(results), "8 of 8"),
        share(
            "built-in fault cued before a repetition with it ended",
            [r.cued_in_time > 0 for r in faulty],
            "7 of 8",
        ),
    ]
    return Table(
        name="live-page-in-all",
        title="The page's camera in all",
        columns=("measured", "right", "of", "wanted"),
        rows=tuple(rows),
    )


def _by_exercise(results: Sequence[Result]) -> list[bool]:
    names = dict.fromkeys(result.clip.exercise for result in results)
    return [all(r.watched.count == r.counted for r in results if r.clip.exercise == name) for name in names]
