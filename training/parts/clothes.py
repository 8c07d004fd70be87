"""Draws what people wear, as uniforms of the shader and as how far the cloth stands off the skin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.render.body import LAYERS as LAYERS_OF_CLIPS
from tools.render.body import SHOE, Array, Body

from .bodies import Shape
from .tables import Rng, Row, allowed, any_colour, between, chance, choose, kinds, linear, table
from .textures import clouds_field, texture

HAIR, SKIRT = LAYERS_OF_CLIPS["helper-hair"], 5
LAYERS = {**LAYERS_OF_CLIPS, "helper-skirt": SKIRT}
CLOTH = SKIN = LAYERS_OF_CLIPS["helper-tights"]  # layers up to this one are the body's outside
NEVER, ALWAYS = 9.0, -9.0  # a height that no body reaches, and one below all
PIXELS = 128  # of a texture of cloth

Uniforms = dict[str, Any]  # numbers and tuples of numbers, as OpenGL takes them


@dataclass(frozen=True, slots=True)
class Outfit:
    """What somebody wears: names, the shader's uniforms, and what depends on the body.

    `cloths`: (2, PIXELS, PIXELS, 3), the textures of top and bottom; `puff`: (n,) how far each vertex stands
    off the body in metres; `drawn`: (m,) which triangles are not wholly under or beyond the clothes.
    """

    names: Mapping[str, str]
    uniforms: Uniforms
    cloths: NDArray[np.uint8]
    puff: Array
    drawn: NDArray[np.bool_]

    @property
    def patterns(self) -> tuple[str, str]:
        """The kinds of the two textures."""
        return self.names["top_pattern"], self.names["bottom_pattern"]


def dress(rng: Rng, body: Body, shape: Shape, split: str) -> Outfit:
    """Clothes, hair and headgear for a body."""
    rows = table("clothes")
    names = {key: choose(rng, kinds(rows[key])) for key in ("tops", "bottoms", "feet", "hands")}
    top, bottom, feet = (rows[key][names[key]] for key in ("tops", "bottoms", "feet"))
    patterns = allowed(rows["patterns"], rows["held_back"], split)
    names["top_pattern"], names["bottom_pattern"] = choose(rng, patterns), choose(rng, patterns)
    names["hair"] = choose(rng, table("bodies")["hair"]["styles"])
    heights = _heights(rng, body, top, bottom, feet)
    looks: Uniforms = {
        **heights,
        **_hair(rng, body, names["hair"], "-male-" in shape.anchor),
        "skin": linear(shape.skin),
        "hair": linear(shape.hair),
        "shoe": linear(any_colour(rng)),
        "sock": linear(any_colour(rng, 0.5)),
        "glove": linear(any_colour(rng)),
        "has_gloves": float(names["hands"] == "gloves"),
        "skirt_like_top": float("skirt" in top),
        "cloth_scale": (between(rng, [0.8, 4.0]), between(rng, [0.8, 4.0])),
        "fold_depth": between(rng, [0.1, 1.3]),
    }
    puff = _puff(rng, body, names, looks)
    looks["under"] = 0.012 + 0.5 * float(puff[body.layer == CLOTH].max())
    cloths = np.stack([texture(rng, names[key], PIXELS) for key in ("top_pattern", "bottom_pattern")])
    return Outfit(names, looks, cloths, puff, _drawn(body, looks))


def _heights(rng: Rng, body: Body, top: Row, bottom: Row, feet: Row) -> Uniforms:
    """Where garments begin and end, in metres on the body at rest."""
    hip, ankle = body.joint("upperleg01.L")[1], body.joint("foot.L")[1]
    neck = body.joint("neck01")
    leg = hip - ankle
    skirt = top.get("skirt") or bottom.get("skirt")
    return {
        "neck": (0.0, float(neck[1]) + 0.012, float(neck[2]) + 0.045),
        "opening": between(rng, top["neck"]) if "neck" in top else 0.1,
        "sleeve": between(rng, top["sleeve"]) if "sleeve" in top else 0.0,
        "top_low": float(hip + between(rng, top["low"])) if "low" in top else NEVER,
        "waist": float(hip + between(rng, [0.005, 0.06])),
        "hem": float(ankle + leg * between(rng, bottom["hem"])),
        "skirt_hem": float(hip - leg * between(rng, skirt)) if skirt else NEVER,
        "shoe_top": float(ankle + between(rng, feet["shoe"])) if "shoe" in feet else ALWAYS,
        "sock_top": float(ankle + between(rng, feet["sock"])) if "sock" in feet else ALWAYS,
    }


def _hair(rng: Rng, body: Body, style: str, bearded: bool) -> Uniforms:
    """Where hair grows on the skull, how far it hangs down, a beard, and what is on the head."""
    eye, head = body.joint("eye.L"), body.joint("head")
    looks: Uniforms = {
        "face": tuple(eye.tolist()),
        "nape": (0.0, float(eye[1]), float(head[2])),
        "hair_line": NEVER if style == "bald" else between(rng, [-0.01, 0.03]),
        "hair_end": NEVER,
        "cap_line": NEVER,
        "tail_end": NEVER,
        "glasses": between(rng, [0.5, 1.0]) if chance(rng, 0.1) else 0.0,
        "cap": linear(any_colour(rng)),
        "beard": between(rng, [0.3, 1.0]) if bearded and chance(rng, 0.3) else 0.0,
    }
    if style in ("short", "tail"):
        looks["hair_end"] = float(eye[1]) + between(rng, [-0.07, 0.02])
    if style == "tail":
        looks["tail_end"] = float(eye[1]) - between(rng, [0.12, 0.45])
    if style == "long":
        looks["hair_end"] = float(eye[1]) - between(rng, [0.08, 0.5])
    if style in ("cap", "hood"):
        looks["cap_line"] = float(eye[1]) + (between(rng, [0.03, 0.06]) if style == "cap" else -0.12)
    return looks


def _puff(rng: Rng, body: Body, names: Mapping[str, str], looks: Uniforms) -> Array:
    """How far each vertex of clothes and hair stands off the body, in metres."""
    rows = table("clothes")
    top, bottom = rows["tops"][names["tops"]], rows["bottoms"][names["bottoms"]]
    height = body.vertices[:, 1]
    folds = _noise_at(rng, body.vertices)
    above = height > looks["waist"]
    upper = between(rng, top["puff"]) if "puff" in top else 0.004
    lower = between(rng, bottom["puff"])
    cloth = np.where(above, upper, lower) * (0.4 + 1.2 * folds)
    if "puff" in top:
        cloth = np.where(~above & (height > looks["top_low"]), max(upper, lower + 0.003), cloth)
    cloth = np.where(height < looks["shoe_top"], SHOE, cloth)
    swung = between(rng, [0.0, 0.04]) * folds
    hair = np.full(len(height), between(rng, [0.003, 0.016]))
    if names["hair"] == "cap":
        hair[_peak(body, looks)] += between(rng, [0.03, 0.07])
    picked = [body.layer == CLOTH, body.layer == HAIR, body.layer == SKIRT]
    return np.asarray(np.select(picked, [cloth, hair, 0.006 + swung], 0.0))


def _peak(body: Body, looks: Uniforms) -> NDArray[np.bool_]:
    """The front of a cap's edge, which stands out as its peak."""
    x, y, z = body.vertices.T
    edge = (y > looks["cap_line"] - 0.005) & (y < looks["cap_line"] + 0.02)
    return np.asarray(edge & (z > looks["nape"][2] + 0.05) & (np.abs(x) < 0.07))


def _drawn(body: Body, looks: Uniforms) -> NDArray[np.bool_]:
    """Triangles that the shader would not discard as a whole; `spare` as there."""
    y, arm, layer = body.vertices[:, 1], body.arm, body.layer
    neck = np.array(looks["neck"])
    open_at = np.linalg.norm((body.vertices - neck) * (1.0, 0.9, 0.8), axis=1)

    def worn(spare: float, low: float) -> list[NDArray[np.bool_]]:
        shirt = (y > looks["top_low"] + spare) & (arm <= looks["sleeve"] - 3 * spare)
        shirt &= (open_at > looks["opening"] + spare) & (y < neck[1] + 0.03 - spare)
        trousers = (y <= looks["waist"] - spare) & (y > looks["hem"] + spare) & (arm < 0.02)
        return [shirt, trousers, y < looks["shoe_top"] - low, y < looks["sock_top"] - low]

    a, b, c = body.triangles.T

    def whole(rule: NDArray[np.bool_]) -> NDArray[np.bool_]:
        return np.asarray(rule[a] & rule[b] & rule[c])

    under = [whole(rule & (layer == 0)) for rule in worn(looks["under"], 0.01)]
    shirt, trousers, shoe, sock = worn(-0.02, -0.02)
    beyond = ~(shirt | trousers | shoe | sock) & (layer == CLOTH)
    hairless = (y < min(looks["hair_end"], looks["tail_end"], looks["cap_line"]) - 0.01) & (layer == HAIR)
    bare = (y < looks["skirt_hem"] - 0.01) & (layer == SKIRT)
    gone = whole(beyond | hairless | bare)
    for rule in under:
        gone |= rule
    return ~gone


def _noise_at(rng: Rng, points: Array) -> Array:
    """Soft noise from 0 to 1 (n,) over the body's front, different on its back."""
    size = 64
    fields = [clouds_field(rng, size, 5, 2) for _ in range(2)]
    place = [np.clip(points[:, i] * 30 + size // 2, 0, size - 1).astype(int) for i in (0, 2)]
    row = np.clip(points[:, 1] * 30, 0, size - 1).astype(int)
    return np.asarray((fields[0][row, place[0]] + fields[1][row, place[1]]) / 2, float)
