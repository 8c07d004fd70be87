"""What a person can be told to do: sets of an exercise, holds, walking, waving; and the truth about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .body import Body
from .clip import ClipError, Person
from .motions import daily
from .motions.catalogue import EXERCISES, Exercise
from .motions.parts import Params, by, ease
from .rig import Place, Pose, blend
from .timeline import BLEND_S, Timeline

COMPLETE = 0.5  # an attempt without a fault that gets less far than this has turned back early
SETTLE_S = 0.8
SIDES = {"left": 1.0, "right": -1.0, "both": 0.0}


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
    params = [_rep_params(exercise, common, rep, number) for number, rep in enumerate(reps)]
    begins = [exercise.pose(line.body, 0.0, p) for p in params]
    if before:
        line.add(before, _resting(begins[0], begins[0], before), sways=exercise.sways)
    for number, (rep, p) in enumerate(zip(reps, params, strict=True)):
        done = dict(p)
        if p["scale"] == 1.0:
            done["scale"] -= abs(line.rng.normal(0.0, 0.2 * varied))
        seconds = [s * (1 + line.rng.uniform(-varied, varied)) for s in rep.get("tempo", tempo)]
        line.reps.append(_rep_truth(name, rep, common, p, line.seconds, seconds))
        blend_s = 0.0 if number or before else BLEND_S
        motion = _there_and_back(line.body, exercise, done, seconds)
        line.add(sum(seconds), motion, sways=exercise.sways, blend_s=blend_s)
        pause = after if number == len(reps) - 1 else rep.get("rest", rest)
        following = begins[min(number + 1, len(reps) - 1)]
        line.add(pause, _resting(begins[number], following, pause), sways=exercise.sways, blend_s=0.0)


def _rep_truth(
    name: str, rep: dict[str, Any], common: Params, p: Params, start: float, seconds: list[float]
) -> dict[str, Any]:
    """What is true of one repetition; `changed` are the parameters that its faults changed."""
    turn, leave, end = np.round(start + np.cumsum(seconds), 3).tolist()
    faults = _faults(rep)
    return {
        "exercise": name,
        "start": round(start, 3),
        "turn": turn,
        "turn_end": leave,
        "end": end,
        "scale": round(p["scale"], 3),
        "complete": bool(faults) or p["scale"] >= COMPLETE,
        "side": next(side for side, number in SIDES.items() if number == p["side"]),
        "faults": faults,
        "changed": {key: value for key, value in p.items() if key != "side" and common.get(key) != value},
    }


def _faults(rep: dict[str, Any]) -> list[str]:
    return [rep["fault"]] if "fault" in rep else []


def _rep_params(
    exercise: Exercise, common: dict[str, Any], rep: dict[str, Any], number: int
) -> dict[str, Any]:
    """Parameters of one repetition: the clean ones, changed by its fault, changed by its own."""
    params = dict(common)
    for fault in _faults(rep):
        if fault not in exercise.faults:
            raise ClipError(f"fault = {fault!r} is unknown here; choose one of {', '.join(exercise.faults)}.")
        params |= exercise.faults[fault]
    own = {key: value for key, value in rep.items() if key in common}
    return params | own | {"side": _side(exercise, rep.get("side", common.get("side", 0.0)), number)}


def _side(exercise: Exercise, chosen: str | float, number: int) -> float:
    """Which side a repetition works: +1 left, -1 right, 0 both; alternating exercises begin on the left."""
    if chosen in SIDES:
        return SIDES[str(chosen)]
    return 1.0 - 2.0 * (number % 2) if exercise.alternates or chosen == "alternate" else 0.0


def _resting(before: Pose, after: Pose, seconds: float) -> Callable[[float], Pose]:
    """Wait between two repetitions; their start positions differ when a fault changes it."""
    return lambda t: blend(before, after, ease(t / seconds))


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
    held = [exercise.pose(line.body, 1.0, _rep_params(exercise, clean, phase, 0)) for phase in phases]
    line.add(into, lambda t: kneeling, sways=False)
    for phase, before, after in zip(phases, [kneeling, *held], held, strict=False):
        start = line.seconds + SETTLE_S / 2
        line.add(phase["seconds"], _settle(before, after), sways=False, blend_s=0.0)
        end = line.seconds + SETTLE_S / 2
        line.holds.append(
            {"exercise": name, "start": round(start, 3), "end": round(end, 3), "faults": _faults(phase)}
        )
    line.add(out, _settle(held[-1], kneeling), sways=False, blend_s=0.0)


def _settle(before: Pose, after: Pose) -> Callable[[float], Pose]:
    """Move from one held pose to the next within SETTLE_S, breathing and trembling a little."""

    def pose(t: float) -> Pose:
        held = blend(before, after, ease(t / SETTLE_S))
        breath = ease(t) * (0.002 * np.sin(1.9 * t) + 0.0008 * np.sin(11.0 * t))
        return replace(held, pelvis=held.pelvis + by(y=breath))

    return pose


def _simple(
    pose: Callable[[Body, float, Params], Pose], **defaults: Any
) -> Callable[[Timeline, dict[str, Any]], None]:
    def act(line: Timeline, options: dict[str, Any]) -> None:
        seconds = float(options["seconds"])
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
    angle = (float(options["heading"]) - start.heading + 180.0) % 360.0 - 180.0
    if abs(angle) < 3.0:
        return
    seconds = 0.35 + abs(angle) / 150.0
    line.add(
        seconds,
        lambda t: daily.march(line.body, t, {"rate": 2.6, "lift": 14.0}),
        place=lambda t: Place(start.x, start.z, start.heading + angle * ease(t / seconds)),
        blend_s=0.2,
    )


def _bend(line: Timeline, options: dict[str, Any]) -> None:
    """Bend down to the floor and up again."""
    seconds = float(options["seconds"])
    line.add(seconds, lambda t: daily.pick_up(line.body, float(np.sin(np.pi * ease(t / seconds)))))


def _down(line: Timeline, options: dict[str, Any]) -> None:
    """Sit down on the floor; with `lie` go on to lying on the back."""
    seconds, far = float(options["seconds"]), 1.0 if options.get("lie") else daily.SEATED
    line.add(seconds, lambda t: daily.sit_down(line.body, far * ease(t / seconds)), sways=False)


def _up(line: Timeline, options: dict[str, Any]) -> None:
    """Get up from sitting or, with `lie`, from lying."""
    seconds, far = float(options["seconds"]), 1.0 if options.get("lie") else daily.SEATED
    line.add(seconds, lambda t: daily.sit_down(line.body, far * (1 - ease(t / seconds))), sways=False)


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
}
