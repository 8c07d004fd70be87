"""From a pose in a trainer's terms (pelvis, spine, where hands and feet are) to the turn of every bone."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .body import SIDES, Array, Body

SIGN = {"L": 1.0, "R": -1.0}  # the left side has positive x
LUMBAR, THORACIC = ("spine05", "spine04", "spine03"), ("spine02", "spine01")
LEG = ("upperleg01", "upperleg02", "lowerleg01", "lowerleg02", "foot")
ARM = ("upperarm01", "upperarm02", "lowerarm01", "lowerarm02", "wrist")
NECK = ("neck01", "neck02", "neck03", "head")
FINGERS = tuple(f"finger{n}-{k}" for n in range(2, 6) for k in range(1, 4))


Turns = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Pose:
    """A posture in the person's own frame: x to the left, y up, z forward; metres and degrees.

    Arrays with a first axis of two are left, right. `wrist` and `elbow` are in the frame of the chest,
    everything else in the frame of the floor.
    """

    pelvis: Array  # (3,) the middle between the hip joints
    tilt: Array  # (3,) of the pelvis: pitch forwards, roll to the right, turn to the left
    spine: Array  # (4,) lumbar flexion, thoracic flexion, bend to the right, twist to the left
    head: Array  # (2,) flexion of the neck, turn to the left
    ankle: Array  # (2, 3) positions
    foot: Array  # (2, 2) heel raised by, toes turned out by
    knee: Array  # (2, 3) the direction in which the knee points
    wrist: Array  # (2, 3) from the shoulder
    elbow: Array  # (2, 3) the direction in which the elbow points
    forearm: Array  # (2, 2) twist (palm forward when positive), wrist extension
    flat: Array  # (2,) 1: the palm lies flat on the floor, fingers forward
    shrug: Array  # (2,) the shoulder blade raised by
    grip: Array  # (2,) fingers closed by


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person stands in the room: x, z in metres, heading in degrees to the left of +z."""

    x: float
    z: float
    heading: float


@dataclass(frozen=True, slots=True)
class Posed:
    """Every bone's turn (bones, 3, 3) and where its head is (bones, 3), in the room's frame."""

    rotation: Array
    position: Array


def blend(a: Pose, b: Pose, share: float) -> Pose:
    """The pose that is `share` (0 to 1) of the way from `a` to `b`."""
    return Pose(
        **{f.name: (1 - share) * getattr(a, f.name) + share * getattr(b, f.name) for f in fields(Pose)}
    )


def mirrored(pose: Pose) -> Pose:
    """The same pose with left and right exchanged."""
    flip = np.array([-1.0, 1.0, 1.0])
    return Pose(
        pelvis=pose.pelvis * flip,
        tilt=pose.tilt * (1, -1, -1),
        spine=pose.spine * (1, 1, -1, -1),
        head=pose.head * (1, -1),
        ankle=pose.ankle[::-1] * flip,
        foot=pose.foot[::-1],
        knee=pose.knee[::-1] * flip,
        wrist=pose.wrist[::-1] * flip,
        elbow=pose.elbow[::-1] * flip,
        forearm=pose.forearm[::-1],
        flat=pose.flat[::-1],
        shrug=pose.shrug[::-1],
        grip=pose.grip[::-1],
    )


def rx(degrees: float) -> Array:
    """Turn about x: what points up goes forward."""
    return about(np.array([1.0, 0.0, 0.0]), degrees)


def ry(degrees: float) -> Array:
    """Turn about y: what points forward goes to the left."""
    return about(np.array([0.0, 1.0, 0.0]), degrees)


def rz(degrees: float) -> Array:
    """Turn about z: what points to the left goes up."""
    return about(np.array([0.0, 0.0, 1.0]), degrees)


def about(axis: Array, degrees: float) -> Array:
    """Rotation matrix about a unit axis (Rodrigues' formula)."""
    x, y, z = axis
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    angle = np.radians(degrees)
    return np.asarray(np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross)


def unit(vector: Array) -> Array:
    """The vector with length 1."""
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def chest(body: Body, pose: Pose) -> tuple[Array, Array]:
    """The chest's turn (3, 3) and the shoulder joints (2, 3) of a pose, in the person's own frame."""
    rotation, position = carry(body, *_trunk(body, pose, np.eye(3), np.zeros(3)))
    shoulders = np.stack([position[body.row[f"upperarm01.{side}"]] for side in SIDES])
    return rotation[body.row["spine01"]], shoulders


def solve(body: Body, pose: Pose, place: Place) -> Posed:
    """Turn a pose into bones: the trunk by its angles, arms and legs by two-bone inverse kinematics."""
    room = ry(place.heading)
    origin = np.array([place.x, 0.0, place.z])
    local, world, root = _trunk(body, pose, room, origin)
    rotation, position = carry(body, local, world, root)
    frame = rotation[body.row["spine01"]]
    for i, side in enumerate(SIDES):
        leg = [f"{name}.{side}" for name in LEG]
        hip, pelvis = position[body.row[leg[0]]], rotation[body.row[f"pelvis.{side}"]]
        world |= _limb(body, leg, hip, origin + room @ pose.ankle[i], room @ pose.knee[i], pelvis)
        _foot(side, pose.foot[i], room, world, local)
        arm = [f"{name}.{side}" for name in ARM]
        shoulder, blade = position[body.row[arm[0]]], rotation[body.row[f"shoulder01.{side}"]]
        world |= _limb(body, arm, shoulder, shoulder + frame @ pose.wrist[i], frame @ pose.elbow[i], blade)
        _hand(body, side, pose, i, room, world, local)
    return Posed(*carry(body, local, world, root))


def _trunk(body: Body, pose: Pose, room: Array, origin: Array) -> tuple[Turns, Turns, Array]:
    """Local and world turns of pelvis, spine, neck and shoulder blades, and where the root bone is."""
    pitch, roll, turn = pose.tilt
    lumbar, thoracic, bend, twist = pose.spine
    pelvis = room @ ry(turn) @ rx(pitch) @ rz(-roll)
    local: Turns = {}
    for name in LUMBAR:
        local[name] = ry(twist / 5) @ rx(lumbar / 3) @ rz(-bend / 5)
    for name in THORACIC:
        local[name] = ry(twist / 5) @ rx(thoracic / 2) @ rz(-bend / 5)
    for name in NECK:
        local[name] = ry(pose.head[1] / 4) @ rx(pose.head[0] / 4)
    for i, side in enumerate(SIDES):
        local[f"clavicle.{side}"] = rz(SIGN[side] * float(pose.shrug[i]))
    hips = (body.joint("upperleg01.L") + body.joint("upperleg01.R")) / 2
    root = origin + room @ pose.pelvis - pelvis @ (hips - body.head[0])
    return local, {body.bones[0]: pelvis}, root


def carry(body: Body, local: Turns, world: Turns, root: Array) -> tuple[Array, Array]:
    """Turn and position of every bone; a bone in `world` keeps that turn, others follow their parent."""
    turn = np.tile(np.eye(3), (len(body.bones), 1, 1))
    given = np.zeros(len(body.bones), bool)
    for name, own in (local | world).items():
        turn[body.row[name]] = own
        given[body.row[name]] = name in world
    return follow(body, turn, given, root)


def follow(body: Body, turn: Array, given: NDArray[np.bool_], root: Array) -> tuple[Array, Array]:
    """Turn (bones, 3, 3) and position (bones, 3) of every bone from its turn against its parent.

    Where `given`, and at the root, `turn` is in the frame of the room already.
    """
    rotation, position = turn.copy(), np.tile(root, (len(body.bones), 1))
    parent = np.array(body.parent)
    for rows in body.levels[1:]:  # level by level, as many bones at once
        up = parent[rows]
        step = body.head[rows] - body.head[up]
        position[rows] = position[up] + np.einsum("nij,nj->ni", rotation[up], step)
        free = rows[~given[rows]]
        rotation[free] = rotation[parent[free]] @ turn[free]
    return rotation, position


def _limb(body: Body, bones: list[str], start: Array, end: Array, pole: Array, parent: Array) -> Turns:
    """World turns of a limb's four bones that reach from `start` to `end`, the joint towards `pole`."""
    first, second, third, fourth, last = bones
    rest = [body.joint(name) for name in (first, third, last)]
    upper, lower = rest[1] - rest[0], rest[2] - rest[1]
    a, b = float(np.linalg.norm(upper)), float(np.linalg.norm(lower))
    reach = float(np.clip(np.linalg.norm(end - start), abs(a - b) + 1e-3, a + b - 1e-4))
    axis = unit(end - start)
    pole = unit(pole - axis * (pole @ axis))
    along = (a * a + reach * reach - b * b) / (2 * reach)
    middle = axis * along + pole * np.sqrt(max(a * a - along * along, 0.0))
    hinge, rest_hinge = np.cross(pole, axis), unit(np.cross(upper, lower))
    swing, twist = _swing_and_twist(parent, unit(upper), unit(middle), rest_hinge, hinge)
    # half of the twist above, half below, so that the skin does not wring
    half, whole = (about(unit(middle), share * twist) @ swing for share in (0.5, 1.0))
    beyond = _frame(axis * reach - middle, hinge) @ _frame(lower, rest_hinge).T
    return {first: half, second: whole, third: beyond, fourth: beyond}


def _swing_and_twist(
    parent: Array, rest: Array, now: Array, rest_hinge: Array, hinge: Array
) -> tuple[Array, float]:
    """The shortest turn of a carried bone to `now`, and the twist in degrees that then fits its hinge."""
    carried = parent @ rest
    axis = np.cross(carried, now)
    angle = np.degrees(np.arctan2(np.linalg.norm(axis), carried @ now))
    swing = about(unit(axis), float(angle)) @ parent
    have = swing @ rest_hinge
    twist = np.degrees(np.arctan2(np.cross(have, hinge) @ now, have @ hinge))
    return swing, float(twist)


def _frame(direction: Array, hinge: Array) -> Array:
    """Axes of a bone: its direction, its hinge made square to it, and the third."""
    d = unit(direction)
    h = unit(hinge - d * (hinge @ d))
    return np.stack([d, h, np.cross(d, h)], axis=1)


def _foot(side: str, foot: Array, room: Array, world: Turns, local: Turns) -> None:
    """Add the turn of a foot, and toes that stay on the floor when the heel is up."""
    lift, out = foot
    world[f"foot.{side}"] = room @ ry(SIGN[side] * out) @ rx(lift)
    for toe in range(1, 6):
        local[f"toe{toe}-1.{side}"] = rx(-np.clip(lift, 0.0, 65.0))


def _hand(body: Body, side: str, pose: Pose, i: int, room: Array, world: Turns, local: Turns) -> None:
    """Add the twist of the forearm, the wrist and the fingers."""
    joint = {
        name: body.joint(f"{name}.{side}")
        for name in ("lowerarm01", "wrist", "finger2-1", "finger3-1", "finger5-1")
    }
    forearm = world[f"lowerarm01.{side}"]
    bone = unit(joint["wrist"] - joint["lowerarm01"])
    twist, extension = pose.forearm[i] * (-SIGN[side], 1.0)
    across = SIGN[side] * unit(joint["finger5-1"] - joint["finger2-1"])
    world[f"lowerarm01.{side}"] = forearm @ about(bone, 0.2 * twist)
    world[f"lowerarm02.{side}"] = forearm @ about(bone, 0.65 * twist)
    loose = forearm @ about(bone, twist) @ about(across, -extension)
    if pose.flat[i] > 0:
        ahead = joint["finger3-1"] - joint["wrist"]
        target = _frame(room @ np.array([0.0, 0.0, 1.0]), room @ np.array([-1.0, 0.0, 0.0]))
        flat = target @ _frame(ahead, across).T
        loose = _between(loose, flat, float(pose.flat[i]))
    world[f"wrist.{side}"] = loose
    for name in FINGERS:
        local[f"{name}.{side}"] = about(across, float(pose.grip[i]))
    local[f"finger1-2.{side}"] = local[f"finger1-3.{side}"] = about(across, 0.4 * float(pose.grip[i]))


def _between(a: Array, b: Array, share: float) -> Array:
    """The rotation `share` of the way from `a` to `b`."""
    step = b @ a.T
    angle = np.degrees(np.arccos(np.clip((np.trace(step) - 1) / 2, -1.0, 1.0)))
    axis = np.array([step[2, 1] - step[1, 2], step[0, 2] - step[2, 0], step[1, 0] - step[0, 1]])
    return about(unit(axis), float(angle) * share) @ a
