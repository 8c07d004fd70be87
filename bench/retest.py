"""How far range, depth, tempo and symmetry of the same movement differ between two clips of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.angles import watch
from bench.material import Material, RenderedClip
from bench.table import Cell, Table
from spotter.body.recording import Recording
from spotter.coach.analysis import Rep
from spotter.coach.judge import coach_person
from spotter.coach.schema import shipped_exercises
from spotter.coach.session import Angles
from spotter.history.working import depths
from spotter.motion.angles import measure_angles
from spotter.motion.build import build_motion
from spotter.motion.measures import take_measures
from spotter.motion.motion import Motion
from spotter.motion.view import azimuth, view_names

MEASURES = ("range_deg", "depth_deg", "symmetry", "out_s", "hold_s", "back_s")

_QUICK_CLIPS = 3
_SAME_TURN_S = 0.5
Kind = Literal["same view", "another view"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Errors:
    """What Spotter says of a clip's repetitions, less what is true of them.

    Attributes:
        clip: which.
        each: measure to array (n,), a number a repetition; NaN where it is not known.
    """

    clip: RenderedClip
    each: dict[str, Floats]

    def typical(self, measure: str) -> float:
        """The error of the clip's median repetition; NaN where it is not known."""
        known = self.each[measure][np.isfinite(self.each[measure])]
        return float(np.median(known)) if len(known) else float("nan")


def run(material: Material, quick: bool) -> list[Table]:
    """95 % of the differences that two clips of the same movement show are within these limits."""
    clips = material.rendered_clips()
    if quick:
        clips = sorted(clips, key=lambda clip: len(clip.joints))[:_QUICK_CLIPS]
    return [table_of([errors_of(clip) for clip in track(clips, description="retest", transient=True)])]


def table_of(found: Sequence[Errors]) -> Table:
    """A row a measure."""
    return Table(
        name="retest",
        title="By how much two sessions differ although the movement is the same: 95 % limits",
        columns=("measure", "within a clip", "same view", "pairs", "another view", "pairs of them"),
        rows=tuple(_row(measure, found) for measure in MEASURES),
        notes=(
            "within a clip: between two repetitions, filmed by the same camera in the same place",
            "same view, another view: between the medians of two clips of an exercise, of other bodies too",
            "each is 1.96 times the root mean square of the errors' differences (Bland and Altman 1999)",
        ),
    )


def errors_of(clip: RenderedClip) -> Errors:
    """Coach a clip by what Spotter sees and by its exact joints, and take the differences."""
    recording = watch(clip)
    athlete = recording.largest()
    assert athlete is not None
    seen = build_motion(
        *(athlete.id, recording.time_s, recording.frame, recording.shot),
        *(athlete.xy, athlete.world, athlete.visibility),
    )
    true = _exact(clip, recording)
    measured, exact = (_figures(motion, clip.exercise) for motion in (seen, true))
    same = _same_turns(measured["turn_s"], exact["turn_s"])
    return Errors(clip, {name: measured[name][same[:, 0]] - exact[name][same[:, 1]] for name in MEASURES})


def _same_turns(measured_s: Floats, exact_s: Floats) -> NDArray[np.int64]:
    """Rows of the same repetition in both, array (n, 2)."""
    if not len(measured_s) or not len(exact_s):
        return np.zeros((0, 2), np.int64)
    apart = np.abs(measured_s[:, None] - exact_s)
    nearest = apart.argmin(axis=1)
    found = np.flatnonzero(apart.min(axis=1) <= _SAME_TURN_S)
    return np.stack([found, nearest[found]], axis=1)


def _figures(motion: Motion, exercise: str) -> dict[str, Floats]:
    person = coach_person(motion, shipped_exercises()[exercise])
    reps = tuple(rep for rep in person.reps if rep.complete)
    columns = {name: np.array([_of(rep, name) for rep in reps]) for name in MEASURES if name != "depth_deg"}
    angles = Angles(motion.time_s, motion.values, motion.sd)
    return {
        **columns,
        "turn_s": np.array([rep.turn_s for rep in reps]),
        "depth_deg": depths(reps, exercise, angles),
    }


def _of(rep: Rep, name: str) -> float:
    value: float = getattr(rep.tempo_s, name[:-2]) if name.endswith("_s") else getattr(rep, name)
    return value


def _exact(clip: RenderedClip, recording: Recording) -> Motion:
    """The motion of the joints that were rendered."""
    space, xy = clip.joints[recording.frame], clip.points[recording.frame]
    visibility = np.isfinite(space[:, :, 0]).astype(np.float64)
    angles = measure_angles(space)
    turned = azimuth(space)
    measures = take_measures(space, space[:, :, :2], visibility, angles)
    return Motion(
        person=1,
        time_s=recording.time_s,
        frame=recording.frame,
        shot=recording.shot,
        xy=xy.astype(np.float32),
        visibility=visibility.astype(np.float32),
        space=space.astype(np.float32),
        values={**angles, **measures, "azimuth": turned.astype(np.float32)},
        sd={name: np.ones_like(values) for name, values in angles.items()},
        views=view_names(turned),
    )


def _row(measure: str, found: Sequence[Errors]) -> tuple[Cell, ...]:
    within = [
        first - second for one in found for first, second in combinations(one.each[measure].tolist(), 2)
    ]
    same, another = (list(_between(measure, found, kind)) for kind in ("same view", "another view"))
    return (
        measure, _limit(within), _limit(same), len(same), _limit(another), len(another)
    )  # fmt: skip


def _between(measure: str, found: Sequence[Errors], kind: Kind) -> Iterator[float]:
    for first, second in combinations(found, 2):
        same_view = first.clip.view == second.clip.view
        if first.clip.exercise == second.clip.exercise and same_view == (kind == "same view"):
            difference = first.typical(measure) - second.typical(measure)
            if np.isfinite(difference):
                yield difference


def _limit(differences: Sequence[float]) -> float | None:
    known = np.array([one for one in differences if np.isfinite(one)])
    return float(1.96 * np.sqrt(np.mean(known**2))) if len(known) else None
