"""Draws postures: joint angles around many bases, within human limits, and turns them into bones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from tools.render.body import SIDES, Array, Body
from tools.render.motions.catalogue import EXERCISES
from tools.render.motions.parts import BOTH, arms, stand
from tools.render.rig import SIGN, Place, Pose, Posed, about, follow, rx, ry, rz, solve, unit

from .tables import Rng, Row, between, chance, choose, kinds, table

TRUNK = ("pitch", "roll", "flex", "bend", "twist", "nod", "tilt", "turn")
ONE_SIDED = ("roll", "bend", "twist", "tilt", "turn")
LIMBS = (
    "hip", "hip_out", "hip_turn", "knee", "ankle", "arm", "arm_out", "arm_roll", "elbow",
    "forearm", "wrist", "curl", "spread", "shrug",
)  # fmt: skip
ARM = ("arm", "arm_out", "arm_roll", "elbow")
FINGERS = range(1, 6)
DOWN, AHEAD = np.array([0.0, -1.0, 0.0]), np.array([0.0, 0.0, 1.0])
TRIES = 8

CAPSULES = {  # from joint to joint, and how thick in metres where flesh may not pass through flesh
    "chest": ("spine04", "spine01", 0.10),
    "belly": ("root", "spine04", 0.09),
    "skull": ("neck03", "head", 0.08),
    "forearm.L": ("lowerarm01.L", "wrist.L", 0.03),
    "forearm.R": ("lowerarm01.R", "wrist.R", 0.03),
    "hand.L": ("wrist.L", "finger3-1.L", 0.03),
    "hand.R": ("wrist.R", "finger3-1.R", 0.03),
    "thigh.L": ("upperleg02.L", "lowerleg01.L", 0.055),
    "thigh.R": ("upperleg02.R", "lowerleg01.R", 0.055),
    "shank.L": ("lowerleg02.L", "foot.L", 0.035),
    "shank.R": ("lowerleg02.R", "foot.R", 0.035),
}
ARMS = [f"{part}.{side}" for part in ("forearm", "hand") for side in "LR"]
THIGHS = ["thigh.L", "thigh.R"]
APART = [
    *((arm, other) for arm in ARMS for other in ("chest", "belly", "skull", *THIGHS)),
    *((f"{part}.L", f"{part}.R") for part in ("forearm", "hand", "thigh", "shank")),
    *(("thigh.L", "shank.R"), ("thigh.R", "shank.L"), ("thigh.L", "chest"), ("thigh.R", "chest")),
]


@dataclass(frozen=True, slots=True)
class Posture:
    """Joint angles in degrees: `trunk` by name, `limb` by name for left and right; what carries the body."""

    name: str
    trunk: Mapping[str, float]
    limb: Mapping[str, tuple[float, float]]
    lift_m: float = 0.0
    rests: str = ""


@dataclass(frozen=True, slots=True)
class Stance:
    """A body in a posture: every bone, and what comes with it.

    `equipment` is held (a name of `tools.render.props.equipment`); `rests` is "seat", "bench", "bar" or "";
    `lift_m` is how high the lowest point is over the floor.
    """

    name: str
    posed: Posed
    equipment: str = "none"
    rests: str = ""
    lift_m: float = 0.0


def draw_stance(rng: Rng, body: Body) -> Stance:
    """A posture of this body at the origin facing +z; grossly impossible ones are drawn again."""
    for _ in range(TRIES):
        exercising = chance(rng, table("poses")["moves"]["share"])
        stance = (_exercising if exercising else _posing)(rng, body)
        if not passes_through_itself(body, stance.posed):
            break
    return stance


def draw_posture(rng: Rng) -> Posture:
    """Joint angles around one of the bases."""
    rows = table("poses")
    name = choose(rng, kinds(rows["bases"]))
    base: Row = rows["bases"][name]
    limits, everybody = rows["limits"], rows["everybody"]
    held: Row = base if "arm" in base else rows["arms"][choose(rng, kinds(rows["arms"]))]
    trunk = {key: _angle(rng, key, base.get(key), everybody.get(key), limits.get(key)) for key in TRUNK}
    limb = {}
    same_legs, same_arms = chance(rng, base["same"]), chance(rng, held["same"])
    for key in LIMBS:
        row, same = (held, same_arms) if key in ARM else (base, same_legs)
        left, right = (
            _angle(rng, key, row.get(side, {}).get(key, row.get(key)), everybody.get(key), limits.get(key))
            for side in ("left", "right")
        )
        limb[key] = (left, left) if same and "left" not in row else (left, right)
    lift = between(rng, base["lift"]) if "lift" in base else 0.0
    posture = Posture(name, trunk, limb, lift, base.get("rests", ""))
    return exchanged(posture) if chance(rng, 0.5) else posture


def _angle(rng: Rng, key: str, own: object, common: object, limit: object) -> float:
    angle = sum(between(rng, ends) for ends in (own, common) if isinstance(ends, list))
    return float(np.clip(angle, *limit)) if isinstance(limit, list) else float(angle)


def exchanged(posture: Posture) -> Posture:
    """The same posture with left and right exchanged."""
    trunk = {key: -angle if key in ONE_SIDED else angle for key, angle in posture.trunk.items()}
    return replace(posture, trunk=trunk, limb={key: (b, a) for key, (a, b) in posture.limb.items()})


def bones(body: Body, posture: Posture) -> Posed:
    """Every bone of a body in a posture, the hips over the origin."""
    trunk, limb, make = posture.trunk, posture.limb, body.build
    pelvis = rx(trunk["pitch"]) @ rz(-trunk["roll"])
    pole, ankle = [], []
    for i, sign in enumerate(BOTH):
        thigh = pelvis @ rx(-limb["hip"][i]) @ rz(sign * limb["hip_out"][i]) @ ry(sign * limb["hip_turn"][i])
        knee = pelvis @ np.array([sign * make.hip, 0.0, 0.0]) + make.thigh * thigh @ DOWN
        ankle.append(knee + make.shank * thigh @ rx(limb["knee"][i]) @ DOWN)
        pole.append(thigh @ AHEAD)
    pose = replace(
        stand(make, 0.2),
        pelvis=np.zeros(3),
        tilt=np.array([trunk["pitch"], trunk["roll"], 0.0]),
        spine=np.array([trunk["flex"] * 0.6, trunk["flex"] * 0.4, trunk["bend"], trunk["twist"]]),
        head=np.array([trunk["nod"], trunk["turn"]]),
        ankle=np.stack(ankle),
        knee=np.stack(pole),
    )
    forward, out, roll, elbow = (np.array(limb[key]) for key in ARM)
    pose = arms(pose, make, forward, out, elbow, roll, twist=np.array(limb["forearm"]))
    forearm = np.stack([pose.forearm[:, 0], np.array(limb["wrist"])], axis=1)
    posed = solve(body, replace(pose, forearm=forearm, grip=np.zeros(2)), Place(0.0, 0.0, 0.0))
    turns = _head(trunk) | _fingers(body, limb)
    feet = {f"foot.{side}": rx(-limb["ankle"][i]) for i, side in enumerate(SIDES)}
    return turned(body, posed, turns, feet)


def _head(trunk: Mapping[str, float]) -> dict[str, Array]:
    return {name: rz(-trunk["tilt"] / 3) for name in ("neck01", "neck03", "head")}


def _fingers(body: Body, limb: Mapping[str, tuple[float, float]]) -> dict[str, Array]:
    """Fingers curled, each a little on its own, and spread; the thumb less."""
    turns: dict[str, Array] = {}
    for i, side in enumerate(SIDES):
        first, last, wrist = (body.joint(f"{name}.{side}") for name in ("finger2-1", "finger5-1", "wrist"))
        across = SIGN[side] * unit(last - first)
        palm = unit(np.cross(across, (first + last) / 2 - wrist))
        curl, spread = limb["curl"][i], limb["spread"][i]
        for finger in FINGERS:
            share = 0.4 if finger == 1 else 1.0 + 0.08 * (finger - 3)
            fan = about(palm, SIGN[side] * spread * (finger - 3) / 2)
            turns[f"finger{finger}-1.{side}"] = fan @ about(
                across, share * curl * (0.4 if finger == 1 else 1.0)
            )
            for joint in (2, 3):
                turns[f"finger{finger}-{joint}.{side}"] = about(across, share * curl)
    return turns


def turned(body: Body, posed: Posed, extra: Mapping[str, Array], own: Mapping[str, Array]) -> Posed:
    """The bones with `extra` turns on top of theirs; those in `own` have just these against their parent."""
    parent = np.array(body.parent)
    local = posed.rotation[parent].transpose(0, 2, 1) @ posed.rotation
    for name, turn in extra.items():
        local[body.row[name]] = local[body.row[name]] @ turn
    for name, turn in own.items():
        local[body.row[name]] = turn
    local[0] = posed.rotation[0]
    return Posed(*follow(body, local, np.zeros(len(parent), bool), posed.position[0]))


def moved(posed: Posed, heading: float, shift: Array) -> Posed:
    """The bones turned about the upright axis through the origin, then shifted."""
    room = ry(heading)
    return Posed(room @ posed.rotation, posed.position @ room.T + shift)


def _posing(rng: Rng, body: Body) -> Stance:
    posture = draw_posture(rng)
    holds = chance(rng, 0.1) and not posture.rests
    return Stance(
        posture.name,
        bones(body, posture),
        equipment="dumbbells" if holds else "none",
        rests=posture.rests,
        lift_m=posture.lift_m,
    )


def _exercising(rng: Rng, body: Body) -> Stance:
    """A moment of one of the exercises, done well or with a fault."""
    name = str(rng.choice(list(EXERCISES)))
    exercise = EXERCISES[name]
    faults = [{}, {}, *exercise.faults.values()]
    params = {**exercise.clean, "scale": 1.0, **faults[int(rng.integers(len(faults)))]}
    params["side"] = float(rng.choice([1.0, -1.0])) if exercise.alternates else 0.0
    pose = _jittered(rng, exercise.pose(body, float(rng.random()), params))
    posed = solve(body, pose, Place(0.0, 0.0, 0.0))
    held = exercise.equipment if chance(rng, 0.7) else "none"
    return Stance(name, posed, equipment=held)


def _jittered(rng: Rng, pose: Pose) -> Pose:
    degrees = table("poses")["moves"]["jitter"]
    return replace(
        pose, spine=pose.spine + rng.normal(0, degrees, 4), head=pose.head + rng.normal(0, 2 * degrees, 2)
    )


def passes_through_itself(body: Body, posed: Posed) -> bool:
    """Whether arms or legs go through the trunk or one another."""
    ends = {
        name: (posed.position[body.row[start]], posed.position[body.row[end]], radius)
        for name, (start, end, radius) in CAPSULES.items()
    }
    return any(_between(ends[a], ends[b]) < 0.85 * (ends[a][2] + ends[b][2]) for a, b in APART)


def _between(one: tuple[Array, Array, float], two: tuple[Array, Array, float]) -> float:
    """The least distance of points sampled along two segments."""
    steps = np.linspace(0.0, 1.0, 5)[:, None]
    a, b = (start + steps * (end - start) for start, end, _ in (one, two))
    return float(np.sqrt(((a[:, None] - b[None]) ** 2).sum(axis=2).min()))
