"""Counts and judges rendered bodies, of which every repetition and the built-in fault are known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import track

from bench.coached import GOOD_S, Coached, coach_clip, share, turn_errors
from bench.material import Material, RenderedClip
from bench.table import Cell, Table

BUILT_IN = {
    "squat": {"knees-cave-in"},
    "biceps-curl": {"elbows-drift"},
    "shoulder-press": {"not-overhead"},
    "lateral-raise": {"too-low"},
    "lunge": {"too-shallow"},
    "jumping-jack": {"arms-not-overhead"},
    "deadlift": {"back-rolls-down", "rounded-back"},
    "push-up": {"hips-sag"},
}
"""Exercise to the names under which the fault of its third clip may be found."""

_QUICK_CLIPS = 2


@dataclass(frozen=True, slots=True)
class Result:
    """A clip and what Spotter says of it."""

    clip: RenderedClip
    coached: Coached

    @property
    def errors_s(self) -> list[float]:
        return turn_errors(self.coached.turns_s, self.clip.turns_s)

    @property
    def faulty_reps(self) -> int:
        """In how many repetitions the exercise's built-in fault was found."""
        wanted = BUILT_IN[self.clip.exercise]
        return sum(bool(wanted & {fault.name for fault in rep.faults}) for rep in self.coached.given.reps)

    @property
    def other_faults(self) -> Counter[str]:
        """Faults found that were not built in, each with its number of repetitions."""
        names = (fault.name for rep in self.coached.given.reps for fault in rep.faults)
        return Counter(name for name in names if name not in BUILT_IN[self.clip.exercise])


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip, and how many are right in all."""
    clips = material.rendered_clips()
    if quick:
        clips = sorted(clips, key=lambda clip: len(clip.joints))[:_QUICK_CLIPS]
    results = [
        Result(clip, coach_clip(clip.path, clip.exercise))
        for clip in track(clips, description="rendered", transient=True)
    ]
    return [_every_clip(results), _in_all(results)]


def _every_clip(results: Sequence[Result]) -> Table:
    return Table(
        name="rendered",
        title="Repetitions and faults of rendered bodies; a fault is built into each third clip",
        columns=(
            *("clip", "view", "true", "counted", "true attempts", "attempts", "worst turn s", "auto says"),
            *("fault", "found in reps", "other faults"),
        ),
        rows=tuple(_row(result) for result in results),
        notes=("other faults: not built in, each with the number of repetitions that it was said of",),
    )


def _row(result: Result) -> tuple[Cell, ...]:
    clip, coached = result.clip, result.coached
    return (
        clip.name,
        clip.view,
        len(clip.turns_s),
        coached.given.count,
        clip.attempts,
        coached.attempts,
        max(result.errors_s, default=0.0),
        coached.found.name or "nothing",
        " or ".join(sorted(BUILT_IN[clip.exercise])) if clip.has_fault else "none",
        result.faulty_reps,
        ", ".join(f"{name} {times}" for name, times in result.other_faults.most_common()) or None,
    )


def _in_all(results: Sequence[Result]) -> Table:
    faulty = [result for result in results if result.clip.has_fault]
    clean = [result for result in results if not result.clip.has_fault]
    rows = [
        share("count exact", [r.coached.given.count == len(r.clip.turns_s) for r in results], "all"),
        share(
            "attempts that turned back: as many as there are",
            [r.coached.attempts == r.clip.attempts for r in results],
            "all",
        ),
        share(f"turning points within {GOOD_S} s", [e <= GOOD_S for r in results for e in r.errors_s], None),
        share("right name found", [r.coached.found.name == r.clip.exercise for r in results], None),
        share(
            "built-in fault found in at least half of the repetitions",
            [2 * r.faulty_reps >= len(r.clip.turns_s) for r in faulty],
            "7 of 8",
        ),
        share("built-in fault found at all", [r.faulty_reps > 0 for r in faulty], "7 of 8"),
        share("that fault not said of a clip without it", [r.faulty_reps == 0 for r in clean], "all"),
        share("no fault at all said of a clip without one", [_is_clean(r) for r in clean], None),
    ]
    return Table(
        name="rendered-in-all",
        title="Rendered bodies in all",
        columns=("measured", "right", "of", "wanted"),
        rows=tuple(rows),
    )


def _is_clean(result: Result) -> bool:
    return result.faulty_reps == 0 and not result.other_faults
