"""Counts the repetitions in real clips: told the exercise, and finding it out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.progress import track

from bench.coached import GOOD_S, Coached, coach_clip, share, turn_errors
from bench.material import Clip, Material
from bench.table import Cell, Table
from spotter.coach.schema import shipped_exercises

_QUICK_CLIPS = 3
_HELD_SHARE = 0.9

_SHOWN_BY = {"rounded-back": {"rounded-back", "back-rolls-down"}}
"""A form case's fault to the names under which it may be found."""


@dataclass(frozen=True, slots=True)
class Result:
    """A clip and what Spotter says of it."""

    clip: Clip
    coached: Coached
    errors_s: list[float]

    @property
    def count_error(self) -> int:
        """Counted minus true."""
        return self.coached.given.count - self.clip.reps

    @property
    def right_turns(self) -> int:
        return sum(error <= GOOD_S for error in self.errors_s)

    @property
    def kind(self) -> str:
        """What the clip is there for."""
        if self.clip.exercise is None:
            return "no exercise"
        if self.clip.form is not None:
            return "form"
        if self.clip.exercise not in shipped_exercises():
            return "another exercise"
        return "counted"

    @property
    def nothing_found(self) -> bool:
        return self.coached.found_count == 0 and self.coached.found_holds == 0

    @property
    def form_is_right(self) -> bool:
        """Whether the fault that the clip shows was found; in a good one, whether none was."""
        assert self.clip.form is not None
        found = {fault.name for rep in self.coached.given.reps for fault in rep.faults}
        shown_by = _SHOWN_BY.get(self.clip.form, set())
        return bool(found & shown_by) if shown_by else not found


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip, and how many are right in all."""
    clips = material.real_clips()
    if quick:
        clips = sorted(clips, key=lambda clip: clip.path.stat().st_size)[:_QUICK_CLIPS]
    results = []
    for clip in track(clips, description="counts", transient=True):
        coached = coach_clip(clip.path, clip.exercise)
        results.append(Result(clip, coached, turn_errors(coached.turns_s, clip.turns_s)))
    return [_every_clip(results), _in_all(results)]


def _every_clip(results: Sequence[Result]) -> Table:
    return Table(
        name="counts",
        title="Repetitions in real clips: told the exercise, and finding it out (auto)",
        columns=(
            *("clip", "exercise", "sure", "true", "counted", "attempts", "turns right", "worst turn s"),
            *("auto says", "auto counts"),
        ),
        rows=tuple(_row(result) for result in results),
        notes=(
            "sure: how sure the person was who counted by eye",
            f"turns right: turning points within {GOOD_S} s of the truth, which is itself good to 0.2 s",
        ),
    )


def _row(result: Result) -> tuple[Cell, ...]:
    clip, coached = result.clip, result.coached
    is_ours = result.kind in ("counted", "form")
    turns = f"{result.right_turns} of {len(clip.turns_s)}" if is_ours and clip.turns_s else None
    return (
        clip.name,
        clip.exercise or "none",
        clip.confidence or result.kind,
        clip.reps,
        coached.given.count if is_ours else None,
        coached.attempts if is_ours else None,
        turns,
        max(result.errors_s) if turns else None,
        coached.found.name or "nothing",
        coached.found_count,
    )


def _in_all(results: Sequence[Result]) -> Table:
    ours = [result for result in results if result.kind == "counted"]
    sure = [result for result in ours if result.clip.confidence == "high"]
    others = [result for result in ours if result.clip.confidence != "high"]
    without = [result for result in results if result.kind == "no exercise"]
    another = [result for result in results if result.kind == "another exercise"]
    form = [result for result in results if result.kind == "form"]
    rows = [
        share("count exact, clips counted with high confidence", [_is_exact(r) for r in sure], "all"),
        share("count within one, the other clips", [abs(r.count_error) <= 1 for r in others], "6 of 8"),
        share("count exact, the other clips", [_is_exact(r) for r in others], None),
        share(
            f"turning points within {GOOD_S} s, high confidence",
            [error <= GOOD_S for r in sure for error in r.errors_s],
            "all",
        ),
        share(
            f"turning points within {GOOD_S} s, the other clips",
            [error <= GOOD_S for r in others for error in r.errors_s],
            None,
        ),
        share("right name found", [r.coached.found.name == r.clip.exercise for r in ours], "20 of 24"),
        share("nothing counted where there is no exercise", [r.nothing_found for r in without], "all"),
        share("nothing counted in exercises that are not known", [r.nothing_found for r in another], None),
        share("fault of the form case found, the good one left alone", [r.form_is_right for r in form], None),
    ]
    return Table(
        name="counts-in-all",
        title="Real clips in all",
        columns=("measured", "right", "of", "wanted"),
        rows=tuple(rows),
        notes=("a hold is exact if nothing is counted and nine tenths of it are timed",),
    )


def _is_exact(result: Result) -> bool:
    """A hold has no repetitions; there the time held must be right."""
    if shipped_exercises()[result.clip.exercise or ""].kind != "hold":
        return result.count_error == 0
    held_s = sum(hold.end_s - hold.start_s for hold in result.coached.given.holds)
    return result.count_error == 0 and held_s >= _HELD_SHARE * result.coached.seconds
