"""Strings a person's acts together: which pose at which time, and the true repetitions and holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .body import Body
from .clip import ClipError, Person
from .motions import daily
from .motions.catalogue import EXERCISES, Exercise
from .motions.parts import Params, ease
from .rig import Place, Pose, blend

BLEND_S = 0.45
COMPLETE = 0.5  # an attempt that gets less far than this share of the full range has turned back
STEP = 0.03  # feet that must move farther than this are lifted


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a person's time: `pose` and `place` take seconds since its start."""

    seconds: float
    pose: Callable[[float], Pose]
    place: Callable[[float], Place]
    blend_s: float = BLEND_S
    sways: bool = True


@dataclass(slots=True)
class Timeline:
    """What one person does: stretches in order, and the truth about them (times in seconds)."""

    body: Body
    place: Place
    rng: np.random.Generator
    stretches: list[Stretch] = field(default_factory=list)
    reps: list[dict[str, Any]] = field(default_factory=list)
    holds: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, seconds: float, pose: Callable[[float], Pose], **options: Any) -> None:
        """Append a stretch; the person stays where they are unless `place` is given."""
        here = self.place
        place = options.pop("place", lambda t: here)
        self.stretches.append(Stretch(seconds, pose, place, **options))
        self.seconds += seconds
        self.place = place(seconds)

    def at(self, time_s: float) -> tuple[Pose, Place]:
        """Pose and place at a time; the last stretch goes on for ever."""
        start = 0.0
        before: Stretch | None = None
        for stretch in self.stretches:
            if time_s < start + stretch.seconds or stretch is self.stretches[-1]:
                break
            start += stretch.seconds
            before = stretch
        t = min(time_s - start, stretch.seconds)
        pose = stretch.pose(t)
        if before is not None and t < stretch.blend_s:
            pose = _cross(before.pose(before.seconds), pose, t / stretch.blend_s)
        if stretch.sways:
            pose = _sway(pose, time_s)
        return pose, stretch.place(t)


def timeline(person: Person, body: Body, seed: int) -> Timeline:
    """Lay out everything a person does."""
    line = Timeline(body, Place(*person.at, person.heading), np.random.default_rng(seed))
    for act in person.acts:
        options = dict(act)
        do = options.pop("do")
        if do in EXERCISES:
            (_hold if do == "plank" else _set)(line, do, options)
        elif do in ACTS:
            ACTS[do](line, options)
        else:
            raise ClipError(f"do = {do!r} is unknown; choose one of {', '.join([*EXERCISES, *ACTS])}.")
    return line


def _set(line: Timeline, name: str, options: dict[str, Any]) -> None:
    """Repetitions of an exercise, with rests between them in its start position."""
    exercise = EXERCISES[name]
    rest, varied = options.pop("rest", 0.4), options.pop("varied", 0.06)
    before, after = options.pop("before", 0.0), options.pop("after", 0.5)
    reps: list[dict[str, Any]] = options.pop("reps")
    tempo = options.pop("tempo", exercise.tempo)
    common = {**exercise.clean, "scale": 1.0, **options}
    sides = [_side(exercise, common, rep, number) for number, rep in enumerate(reps)]
    first = {**common, **({"side": sides[0]} if sides[0] else {})}
    if before:
        line.add(before, _still(line.body, exercise, first), sways=exercise.sways)
    for number, rep in enumerate(reps):
        params, faults = _rep_params(exercise, common, rep)
        params["side"] = sides[number]
        scale = params["scale"]
        if scale == 1.0:
            params["scale"] = 1.0 - abs(line.rng.normal(0.0, 0.3 * varied))
        seconds = [s * (1 + line.rng.uniform(-varied, varied)) for s in rep.get("tempo", tempo)]
        start = line.seconds
        blend_s = 0.0 if number or before else BLEND_S
        motion = _there_and_back(line.body, exercise, params, seconds)
        line.add(sum(seconds), motion, sways=exercise.sways, blend_s=blend_s)
        line.reps.append({
            "exercise": name, "start": round(start, 3), "turn": round(start + seconds[0], 3), "turn_end": round(start + sum(seconds[:2]), 3),
            "end": round(line.seconds, 3), "scale": round(scale, 3), "complete": bool(rep.get("complete", scale >= COMPLETE)),
            "side": {0.0: "both", 1.0: "left", -1.0: "right"}[params["side"]], "faults": faults,
            "changed": {k: v for k, v in params.items() if common.get(k) != v and k not in ("scale", "side")},
        })  # fmt: skip
        pause = after if number == len(reps) - 1 else rep.get("rest", rest)
        following = sides[min(number + 1, len(reps) - 1)]
        line.add(pause, _still(line.body, exercise, {**common, "side": following}), sways=exercise.sways, blend_s=0.0)


def _side(exercise: Exercise, common: Params, rep: dict[str, Any], number: int) -> float:
    """Which side a repetition works: +1 left, -1 right, 0 both."""
    names = {"left": 1.0, "right": -1.0, "both": 0.0}
    if "side" in rep:
        return names[rep["side"]]
    chosen = common.get("side", 0.0)
    if isinstance(chosen, str):
        return (1.0 if number % 2 == 0 else -1.0) if chosen == "alternate" else names[chosen]
    return (1.0 if number % 2 == 0 else -1.0) if exercise.alternates else 0.0


def _rep_params(exercise: Exercise, common: dict[str, Any], rep: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Parameters of one repetition and the names of its faults."""
    faults = [rep["fault"]] if "fault" in rep else list(rep.get("faults", []))
    params = dict(common)
    for fault in faults:
        if fault not in exercise.faults:
            raise ClipError(f"fault = {fault!r} is unknown here; choose one of {', '.join(exercise.faults)}.")
        params |= exercise.faults[fault]
    return params | {k: v for k, v in rep.items() if k in common and k != "side"}, faults


def _still(body: Body, exercise: Exercise, params: Params) -> Callable[[float], Pose]:
    return lambda t: exercise.pose(body, 0.0, params)


def _there_and_back(
    body: Body, exercise: Exercise, params: Params, seconds: list[float]
) -> Callable[[float], Pose]:
    out, hold, back = seconds

    def pose(t: float) -> Pose:
        progress = ease(t / out) if t < out + hold else 1 - ease((t - out - hold) / back)
        return exercise.pose(body, progress, params)

    return pose


def _hold(line: Timeline, name: str, options: dict[str, Any]) -> None:
    """A plank: from the knees into the hold, phases with or without a fault, and back onto the knees."""
    exercise = EXERCISES[name]
    phases: list[dict[str, Any]] = options.pop("phases")
    into, out = options.pop("into", 1.5), options.pop("out", 1.2)
    clean = {**exercise.clean, "scale": 1.0, **options}
    kneeling = exercise.pose(line.body, 1.0, {**clean, "knees": 1.0})
    shapes = [_rep_params(exercise, clean, phase) for phase in phases]
    poses = [kneeling, *(exercise.pose(line.body, 1.0, params) for params, _ in shapes), kneeling]
    line.add(into, lambda t: kneeling, sways=False)
    for number, (phase, (_, faults)) in enumerate(zip(phases, shapes, strict=True), 1):
        start = line.seconds
        line.add(phase["seconds"], _settle(line, poses[number - 1], poses[number], start), sways=False, blend_s=0.0)
        line.holds.append({"exercise": name, "start": round(start, 3), "end": round(line.seconds, 3), "faults": faults})
    line.add(out, _settle(line, poses[-2], kneeling, line.seconds), sways=False, blend_s=0.0)


def _settle(line: Timeline, before: Pose, after: Pose, start: float) -> Callable[[float], Pose]:
    """Move from one held pose to the next within 0.8 s, then tremble a little."""

    def pose(t: float) -> Pose:
        held = blend(before, after, ease(t / 0.8))
        breath = 0.002 * np.sin(1.9 * (start + t)) + 0.0008 * np.sin(11.0 * (start + t))
        return replace(held, pelvis=held.pelvis + (0.0, breath, 0.0))

    return pose


def _simple(pose: Callable[[Body, float, Params], Pose], **defaults: Any) -> Callable[[Timeline, dict[str, Any]], None]:
    def act(line: Timeline, options: dict[str, Any]) -> None:
        seconds = float(options.pop("seconds"))
        params = {**defaults, **options}
        line.add(seconds, lambda t: pose(line.body, t, params))

    return act


def _walk(line: Timeline, options: dict[str, Any]) -> None:
    """Turn to where the walk goes, and walk there in a straight line."""
    start, params = line.place, daily.WALK
    x, z = options["to"]
    way = float(np.hypot(x - start.x, z - start.z))
    heading = float(np.degrees(np.arctan2(x - start.x, z - start.z)))
    _turn(line, {"heading": heading})
    speed, ramp = float(options.get("speed", 1.15)), 0.5
    seconds = way / speed + ramp
    facing = line.place.heading

    def gone(t: float) -> float:
        return speed * float(np.clip(t * t / (2 * ramp) if t < ramp else t - ramp / 2, 0.0, None)) - (
            speed * max(t - (seconds - ramp), 0.0) ** 2 / (2 * ramp)
        )

    def place(t: float) -> Place:
        share = min(gone(t) / way, 1.0)
        return Place(start.x + share * (x - start.x), start.z + share * (z - start.z), facing)

    def pose(t: float) -> Pose:
        pace = min(ease(t / ramp), ease((seconds - t) / ramp))
        return daily.walk(line.body, gone(t) + 0.15 * daily.WALK["stride"], pace, params)

    line.add(seconds, pose, place=place, blend_s=0.3)


def _turn(line: Timeline, options: dict[str, Any]) -> None:
    """Turn on the spot with small steps."""
    start = line.place
    by = (float(options["heading"]) - start.heading + 180.0) % 360.0 - 180.0
    if abs(by) < 3.0:
        return
    seconds = 0.35 + abs(by) / 150.0
    steps = {"rate": 2.6, "lift": 14.0}
    line.add(
        seconds, lambda t: daily.march(line.body, t, steps),
        place=lambda t: Place(start.x, start.z, start.heading + by * ease(t / seconds)), blend_s=0.2,
    )  # fmt: skip


def _bend(line: Timeline, options: dict[str, Any]) -> None:
    """Bend down to the floor and up again."""
    seconds = float(options.get("seconds", 2.4))
    line.add(seconds, lambda t: daily.pick_up(line.body, float(np.sin(np.pi * ease(t / seconds))), {"scale": 1.0}))


def _down(line: Timeline, options: dict[str, Any]) -> None:
    """Sit down on the floor; with `lie` go on to lying on the back."""
    seconds, far = float(options.get("seconds", 2.6)), 1.0 if options.get("lie") else 0.7
    line.add(seconds, lambda t: daily.sit_down(line.body, far * ease(t / seconds), {}), sways=False)


def _up(line: Timeline, options: dict[str, Any]) -> None:
    """Get up from sitting, or with `lie` from lying."""
    seconds, far = float(options.get("seconds", 2.6)), 1.0 if options.get("lie") else 0.7
    line.add(seconds, lambda t: daily.sit_down(line.body, far * (1 - ease(t / seconds)), {}), sways=False)


def _ready(line: Timeline, options: dict[str, Any]) -> None:
    """Wait in the start position of an exercise."""
    exercise = EXERCISES[options["exercise"]]
    params = {**exercise.clean, "scale": 1.0, **{k: v for k, v in options.items() if k in exercise.clean}}
    line.add(float(options["seconds"]), _still(line.body, exercise, params), sways=exercise.sways)


ACTS: dict[str, Callable[[Timeline, dict[str, Any]], None]] = {
    "stand": _simple(daily.idle, width=0.28),
    "march": _simple(daily.march, rate=1.9, lift=40.0),
    "wave": _simple(daily.wave, rate=1.4),
    "talk": _simple(daily.talk, rate=0.45),
    "walk": _walk,
    "turn": _turn,
    "pick-up": _bend,
    "sit-down": _down,
    "get-up": _up,
    "ready": _ready,
}


def _cross(before: Pose, after: Pose, share: float) -> Pose:
    """Go from one pose to the next, lifting feet that have to move: first the left, then the right."""
    mixed = blend(before, after, ease(share))
    ankle, foot, knee = mixed.ankle.copy(), mixed.foot.copy(), mixed.knee.copy()
    for i in range(2):
        far = float(np.linalg.norm(after.ankle[i] - before.ankle[i]))
        if far > STEP:
            own = ease(2 * share - i)
            ankle[i] = (1 - own) * before.ankle[i] + own * after.ankle[i]
            ankle[i, 1] += min(0.3 * far, 0.05) * np.sin(np.pi * own)
            foot[i] = (1 - own) * before.foot[i] + own * after.foot[i]
    return replace(mixed, ankle=ankle, foot=foot, knee=knee)


def _sway(pose: Pose, t: float) -> Pose:
    """The small movements of a body that stands still."""
    aside, ahead = 0.005 * np.sin(1.3 * t) + 0.002 * np.sin(3.1 * t), 0.004 * np.sin(0.9 * t + 1.0)
    bend = 0.7 * np.sin(1.1 * t + 0.5)
    return replace(
        pose, pelvis=pose.pelvis + (aside, 0.0, ahead), head=pose.head + (1.2 * np.sin(0.7 * t), 2.0 * np.sin(0.5 * t)),
        spine=pose.spine + (0.4 * np.sin(1.7 * t), 0.0, bend, 0.8 * np.sin(0.8 * t)),
    )  # fmt: skip
