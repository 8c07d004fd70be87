"""Draws a whole picture's content: who is there, how they stand, what is around them, light and camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.render.body import Array, Body, Source
from tools.render.props import equipment
from tools.render.rig import unit

from .bodies import Shape, build, draw_shape
from .cameras import View, draw_view
from .clothes import SKIN, Outfit, dress
from .lights import Light, draw_light
from .poses import Stance, draw_stance, moved
from .tables import Rng, allowed, between, chance, choose, kept_out, table
from .textures import texture
from .things import FLOOR, MATERIALS, WALL, WIDTH, Rows, bar, bench, carried, held, names, room, seat, thing

PIXELS = 256  # of a texture of floor, wall or furniture
COARSE = 128  # as which furniture's are made
FLAT_PIXELS = 384
NOBODY = 0.05
COMPANY = {"1": 0.56, "2": 0.28, "3": 0.10, "4": 0.06}  # how many people, if any
ASPECTS = (1.0, 4 / 3, 3 / 4, 3 / 2, 2 / 3, 16 / 9, 9 / 16)  # width over height
CARRIES = 0.15
MOST_THINGS = 5
AHEAD = 0.2  # the share of things between people and the camera

Traits = dict[str, list[str]]
Usable = Callable[[Mapping[str, float], Sequence[str], str], dict[str, float]]  # `allowed` or `kept_out`


@dataclass(frozen=True, slots=True)
class Person:
    """One posed and dressed body: its `vertices`, cloth standing off included, and `normals` (n, 3)."""

    shape: Shape
    body: Body
    outfit: Outfit
    stance: Stance
    vertices: Array
    normals: Array

    @property
    def middle(self) -> Array:
        """The middle of the surface (3,)."""
        return np.asarray(self.vertices.mean(axis=0))


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything in a picture.

    `things`: (n, WIDTH), the room first if there is one; `materials`: (MATERIALS, PIXELS, PIXELS, 3); `flat`:
    a picture behind everything, of which `stretch` shares are seen, or None for a room; `blur`: how far
    floor, walls or the flat picture are out of focus, a share of the picture's longer side. `traits` are the
    names of what was drawn.
    """

    people: tuple[Person, ...]
    things: Rows
    materials: NDArray[np.uint8]
    flat: NDArray[np.uint8] | None
    stretch: tuple[float, float]
    blur: float
    light: Light
    view: View
    aspect: float
    traits: Mapping[str, list[str]]


def draw_scene(rng: Rng, source: Source, split: str) -> Scene:
    """Everything in one picture of a split."""
    aspect = float(rng.choice(ASPECTS))
    count = 0 if chance(rng, NOBODY) else int(choose(rng, COMPANY))
    traits: Traits = {"things": [], "backgrounds": [], "textures": []}
    people = tuple(_person(rng, source, split, spot) for spot in _spots(rng, count))
    view = draw_view(rng, people[0].vertices[::16] if people else _nobody(rng), aspect)
    rows = [part for person in people for part in _with(rng, person, split, traits)]
    rows += _furniture(rng, split, people, view, traits)
    flat = None
    behind = table("backgrounds")
    if chance(rng, behind["flat_share"]):
        flat = _texture(rng, split, FLAT_PIXELS, kept_out, traits["backgrounds"])
    else:
        rows.insert(0, room(rng, rng.uniform((5.0, 2.4, 5.0), (14.0, 5.0, 14.0))))
    traits["bodies"] = [name for person in people for name in (person.shape.anchor, person.shape.other)]
    traits["patterns"] = [pattern for person in people for pattern in person.outfit.patterns]
    return Scene(
        people,
        np.concatenate([np.zeros((0, WIDTH), np.float32), *rows]),
        _materials(rng, split, traits),
        flat,
        (between(rng, [0.5, 1.0]), between(rng, [0.5, 1.0])),
        between(rng, behind["blur"]) if chance(rng, behind["blurred_share"]) else 0.0,
        draw_light(rng),
        view,
        aspect,
        traits,
    )


def _person(rng: Rng, source: Source, split: str, spot: Array) -> Person:
    """Somebody at a spot (x, z), looking anywhere, on the floor or as far over it as the posture says."""
    shape = draw_shape(rng, split)
    body = build(source, shape)
    outfit = dress(rng, body, shape, split)
    stance = draw_stance(rng, body)
    heading = float(rng.uniform(-180, 180)) if chance(rng, 0.55) else float(rng.normal(0, 35))
    posed = moved(stance.posed, heading, np.array([spot[0], 0.0, spot[1]]))
    vertices, normals = body.skin(posed.rotation, posed.position)
    vertices = vertices + normals * outfit.puff[:, None]
    lowest = float(vertices[body.layer <= SKIN, 1].min())
    shift = np.array([0.0, stance.lift_m - lowest, 0.0])
    stance = replace(stance, posed=moved(posed, 0.0, shift))
    return Person(shape, body, outfit, stance, vertices + shift, normals)


def _spots(rng: Rng, count: int) -> list[Array]:
    """Places (x, z) on the floor, not quite on top of one another; the first is the origin."""
    spots = [np.zeros(2)]
    while len(spots) < count:
        angle, far = rng.uniform(0, 2 * np.pi), between(rng, [0.45, 2.6])
        spot = spots[int(rng.integers(len(spots)))] + far * np.array([np.cos(angle), np.sin(angle)])
        if min(float(np.linalg.norm(spot - other)) for other in spots) > 0.4:
            spots.append(spot)
    return spots[:count]


def _nobody(rng: Rng) -> Array:
    """Points (n, 3) that the camera looks at where there is nobody."""
    return rng.uniform((-0.5, 0.0, -0.5), (0.5, 1.8, 0.5), (50, 3))


def _with(rng: Rng, person: Person, split: str, traits: Traits) -> list[Rows]:
    """What a person holds, sits or lies on, or hangs from."""
    body, posed, stance = person.body, person.stance.posed, person.stance
    rows = [held(piece) for piece in equipment(stance.equipment, body, posed)]
    hands = [body.row[f"finger3-2.{side}"] for side in "LR"]
    if stance.rests == "bar":
        rows.append(bar(rng, posed.position[hands]))
    elif stance.rests:
        middle, heading = _support(person)
        if middle[1] > 0.12:
            rows.append({"seat": seat, "bench": bench}[stance.rests](rng, middle, heading))
    if stance.equipment == "none" and chance(rng, CARRIES):
        hand = int(rng.choice(hands))
        name, part = carried(rng, split, posed.position[hand], posed.rotation[hand])
        rows.append(part)
        traits["things"].append(name)
    return rows


def _support(person: Person) -> tuple[Array, float]:
    """Where sitting hips or a lying back rest (3,), and the heading of what carries them."""
    body, posed = person.body, person.stance.posed
    bones = ["upperleg01.L", "upperleg01.R"] if person.stance.rests == "seat" else ["spine05", "spine01"]
    at = posed.position[[body.row[bone] for bone in bones]].mean(axis=0)
    near = (np.abs(person.vertices - at)[:, (0, 2)] < 0.16).all(axis=1) & (body.layer <= SKIN)
    top = float(person.vertices[near, 1].min()) + 0.012
    ahead = posed.rotation[0][:, 2 if person.stance.rests == "seat" else 1]
    return np.array([at[0], top, at[2]]), float(np.degrees(np.arctan2(ahead[0], ahead[2])))


def _furniture(rng: Rng, split: str, people: tuple[Person, ...], view: View, traits: Traits) -> list[Rows]:
    """Things around the people, some of them between a person and the camera."""
    middles = [person.middle for person in people] or [np.array([0.0, 0.9, 0.0])]
    level = np.array([1.0, 0.0, 1.0])
    towards = unit((view.eye - middles[0]) * level + (1e-6, 0.0, 0.0))
    aside = np.array([towards[2], 0.0, -towards[0]])
    reach = float(np.linalg.norm((view.eye - middles[0]) * level))
    rows = []
    for _ in range(int(rng.integers(0, MOST_THINGS + 1))):
        name, ahead = choose(rng, names(split)), chance(rng, AHEAD)
        along = reach * between(rng, [0.3, 0.75]) if ahead else -between(rng, [0.3, 3.5])
        at = (
            middles[0] + towards * along + aside * between(rng, [-0.6, 0.6] if ahead else [-2.2, 2.2])
        ) * level
        if ahead or min(float(np.linalg.norm((middle - at) * level)) for middle in middles) > 0.55:
            rows.append(thing(rng, name, at, float(rng.uniform(0, 360)), between(rng, [0.7, 1.3])))
            traits["things"].append(name)
    return rows


def _materials(rng: Rng, split: str, traits: Traits) -> NDArray[np.uint8]:
    """The picture's set of textures, those of floor and walls finer."""
    found = []
    for number in range(MATERIALS):
        if number in (FLOOR, WALL):
            image = _texture(rng, split, PIXELS, kept_out, traits["backgrounds"])
        else:
            image = _texture(rng, split, COARSE, allowed, traits["textures"])
        found.append(cv2.resize(image, (PIXELS, PIXELS), interpolation=cv2.INTER_LINEAR))
    return np.stack(found).astype(np.uint8)


def _texture(rng: Rng, split: str, size: int, usable: Usable, drawn: list[str]) -> NDArray[np.uint8]:
    """A texture of those that a split may use; its name is added to what was drawn."""
    rows = table("backgrounds")
    drawn.append(choose(rng, usable(rows["textures"], rows["held_back"], split)))
    return texture(rng, drawn[-1], size)
