"""Measures the angles' errors, and whether they are as uncertain as Spotter says, against exact truth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.material import Material, RenderedClip
from bench.table import Cell, Table
from bench.uncertainty import fit_tables, spread_of
from spotter.body.engine import PoseEngine
from spotter.body.keypoints import INDEX
from spotter.body.recording import Recording, Track
from spotter.coach.analyze import MAX_SIDE
from spotter.media.reader import open_media
from spotter.motion.angles import angle_table, measure_angles
from spotter.motion.build import build_motion, lift

VIEWS = ("front", "oblique", "side")
_FOUR_JOINTS = ("knee", "hip", "elbow", "shoulder")
_QUICK_CLIPS = 1
_BANDS = (0.0, 0.1, 0.2, 0.5, 0.9, 1.0)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """One angle over the n frames of one clip.

    Attributes:
        clip, exercise, view: where; the view by the true azimuth.
        joint: the angle's name without its side.
        error: array (n,), Spotter's value minus the truth, degrees; NaN where it gives none.
        in_space, in_picture: the same of the model's plain world landmarks, and of plain landmarks in the
            picture.
        lifted: the same of unsmoothed landmarks as Spotter takes them, also where they are badly seen.
        sd: array (n,), how uncertain Spotter says it is, degrees.
        plane, depth: array (n,), degrees of error for each metre of a landmark's error in the picture's plane
            and across it.
        seen: array (n,), visibility of the angle's worst landmark.
    """

    clip: str
    exercise: str
    view: str
    joint: str
    error: Floats
    in_space: Floats
    in_picture: Floats
    lifted: Floats
    sd: Floats
    plane: Floats
    depth: Floats
    seen: Floats


def run(material: Material, quick: bool) -> list[Table]:
    """Errors by angle, by view and by visibility; calibration; and the uncertainty's constants fitted."""
    clips = material.rendered_clips()
    if quick:
        clips = sorted(clips, key=lambda clip: len(clip.joints))[:_QUICK_CLIPS]
    samples = [
        sample for clip in track(clips, description="angles", transient=True) for sample in _samples(clip)
    ]
    return [_by_angle(samples), _by_view(samples), _by_visibility(samples), *fit_tables(samples)]


def _samples(clip: RenderedClip) -> list[Sample]:
    """Every angle of one clip."""
    recording = watch(clip)
    athlete = recording.largest()
    if athlete is None:
        return []
    motion = build_motion(
        *(athlete.id, recording.time_s, recording.frame, recording.shot),
        *(athlete.xy, athlete.world, athlete.visibility),
    )
    truth = measure_angles(clip.joints[recording.frame])
    flat = np.concatenate([athlete.xy, np.zeros_like(athlete.xy[:, :, :1])], axis=2)
    error = _minus(motion.values, truth)
    in_space = _minus(measure_angles(athlete.world), truth)
    in_picture = _minus(measure_angles(flat), truth)
    lifted = _minus(measure_angles(lift(athlete.xy, athlete.world)), truth)
    plane, depth = spread_of(motion.space)
    return [
        Sample(
            clip=clip.name,
            exercise=clip.exercise,
            view=clip.view,
            joint=angle.name.removeprefix("left_").removeprefix("right_"),
            error=error[angle.name],
            in_space=in_space[angle.name],
            in_picture=in_picture[angle.name],
            lifted=lifted[angle.name],
            sd=np.asarray(motion.sd[angle.name], np.float64),
            plane=plane[angle.name],
            depth=depth[angle.name],
            seen=_visibility(athlete, angle.points),
        )
        for angle in angle_table()
    ]


def watch(clip: RenderedClip) -> Recording:
    """The clip's raw landmarks."""
    engine, recording = PoseEngine(), Recording()
    with open_media(clip.path, max_side=MAX_SIDE) as source:
        for frame in source:
            recording.add(frame, engine.shot, engine.push(frame))
    return recording


def _minus(
    measured: Mapping[str, NDArray[np.float32]], truth: Mapping[str, NDArray[np.float32]]
) -> dict[str, Floats]:
    return {name: np.asarray(measured[name], np.float64) - truth[name] for name in truth}


def _visibility(athlete: Track, points: Sequence[str]) -> Floats:
    """Visibility of the worst of an angle's landmarks; for the middle of two, its better side stands in."""
    each = []
    for name in points:
        sides = (
            [name] if not name.startswith("mid_") else [f"{side}_{name[4:]}" for side in ("left", "right")]
        )
        each.append(np.max([athlete.visibility[:, INDEX[side]] for side in sides], axis=0))
    return np.asarray(np.min(each, axis=0), np.float64)


def _by_angle(samples: Sequence[Sample]) -> Table:
    groups = [(joint, [s for s in samples if s.joint == joint]) for joint in _joints(samples)]
    groups.append(("knee, hip, elbow, shoulder", [s for s in samples if s.joint in _FOUR_JOINTS]))
    groups += [(f"all, {view}", [s for s in samples if s.view == view]) for view in VIEWS]
    groups.append(("all", list(samples)))
    return Table(
        name="angles",
        title="Error of the angles on rendered bodies, in degrees, and how uncertain Spotter says they are",
        columns=(
            *("angle", "Spotter", "3-D", "2-D", "seen %", "bias"),
            *("sd said", "in 1 sd %", "in 2 sd %", "rms of z"),
        ),
        rows=tuple((name, *_errors(group), *_calibration(group)) for name, group in groups if group),
        notes=(
            "Spotter, 3-D, 2-D: mean absolute error of what Spotter measures, of the model's plain world "
            "landmarks, and of its plain landmarks in the picture, where Spotter gives a value",
            "sd said: median of the standard deviation that comes with each value; of a well-calibrated one, "
            "1 sd holds 68 % of the errors and 2 sd 95 %, and the rms of z = error / sd is 1",
        ),
        digits=1,
    )


def _errors(group: Sequence[Sample]) -> tuple[Cell, ...]:
    given = np.isfinite(_pool(group, lambda s: s.error))
    return (
        *(_mean_error(group, pick) for pick in (_spotter, _in_space, _in_picture)),
        float(100 * given.mean()),
        float(np.nanmean(_pool(group, _spotter))),
    )


def _calibration(group: Sequence[Sample]) -> tuple[Cell, ...]:
    error, sd = _pool(group, _spotter), _pool(group, lambda s: s.sd)
    given = np.isfinite(error) & np.isfinite(sd)
    z = np.abs(error[given] / sd[given])
    shares = (float(100 * (z <= times).mean()) for times in (1, 2))
    return float(np.median(sd[given])), *shares, float(np.sqrt((z**2).mean()))


def _by_view(samples: Sequence[Sample]) -> Table:
    groups = [(joint, [s for s in samples if s.joint == joint]) for joint in _joints(samples)]
    groups.append(("knee, hip, elbow, shoulder", [s for s in samples if s.joint in _FOUR_JOINTS]))
    groups.append(("all", list(samples)))
    picks = {"": _spotter, " 3-D": _in_space, " 2-D": _in_picture}
    return Table(
        name="angles-by-view",
        title="Mean absolute error of the angles by camera view, in degrees",
        columns=("angle", *(f"{view}{name}" for view in VIEWS for name in picks)),
        rows=tuple(
            (
                joint,
                *(
                    _mean_error([s for s in group if s.view == view], pick)
                    for view in VIEWS
                    for pick in picks.values()
                ),
            )
            for joint, group in groups
        ),
        notes=("by the body's true turn: front below 25 degrees, side from 60 degrees on",),
        digits=1,
    )


def _by_visibility(samples: Sequence[Sample]) -> Table:
    seen = _pool(samples, lambda s: s.seen)
    errors = [np.abs(_pool(samples, pick)) for pick in (lambda s: s.lifted, _in_space, _in_picture)]
    rows: list[tuple[Cell, ...]] = []
    for low, high in pairwise(_BANDS):
        here = (seen >= low) & (seen <= high if high == _BANDS[-1] else seen < high)
        means = [float(np.nanmean(error[here])) if here.any() else None for error in errors]
        rows.append((f"{low:g} to {high:g}", float(100 * here.mean()), *means))
    return Table(
        name="angles-by-visibility",
        title="Mean absolute error of the angles by the visibility of their worst landmark, in degrees",
        columns=("visibility", "share %", "Spotter, unsmoothed", "3-D", "2-D"),
        rows=tuple(rows),
        digits=1,
    )


def _joints(samples: Sequence[Sample]) -> list[str]:
    """Every angle once, without its side, in the table's order."""
    return list(dict.fromkeys(sample.joint for sample in samples))


def _spotter(sample: Sample) -> Floats:
    return sample.error


def _in_space(sample: Sample) -> Floats:
    return sample.in_space


def _in_picture(sample: Sample) -> Floats:
    return sample.in_picture


def _pool(samples: Sequence[Sample], pick: Callable[[Sample], Floats]) -> Floats:
    return np.concatenate([pick(sample) for sample in samples])


def _mean_error(samples: Sequence[Sample], pick: Callable[[Sample], Floats]) -> float | None:
    """Mean absolute error where Spotter gives a value; None where there is no such sample."""
    if not samples:
        return None
    errors = np.abs(_pool(samples, pick))[np.isfinite(_pool(samples, _spotter))]
    return float(np.nanmean(errors)) if errors.size else None
