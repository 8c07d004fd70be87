"""Draws people in a room with OpenGL (EGL; Mesa's software renderer will do)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from .body import SHOE, Array, Body
from .camera import Camera
from .props import Piece, cylinder

EGL: dict[str, Any] = {"backend": "egl"}  # needs no display
SHADERS = Path(__file__).parent / "shaders"
ROOM, CEILING = 4.6, 2.7  # half the width of the room and its height, metres
SHADOW_REACH, SHADOW_PIXELS, SHADOW_BLUR = 4.0, 640, 3.2
Uniforms = dict[str, float | tuple[float, ...]]
SKINS = {"caucasian": "#e3b697", "asian": "#dcb08a", "african": "#7a5238"}


@dataclass(frozen=True, slots=True)
class Clothes:
    """Colours as #rrggbb; trousers end at `hem` (0 ankle, 1 hip), sleeves at `sleeve` (1 elbow, 2 wrist)."""

    top: str = "#3f6fa8"
    bottom: str = "#2b2f38"
    shoe: str = "#4a4d55"
    hair: str = "#3a2a20"
    hem: float = 0.56
    sleeve: float = 0.55
    loose: float = 1.0
    long_hair: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """Colours of the room and where the mat lies: `mat` is x, z, half its width and length in metres."""

    wall: str = "#cfc8bb"
    floor: str = "#b08a62"
    planks: bool = True
    mat_colour: str = "#5f7f86"
    mat: tuple[float, float, float, float] = (0.0, 0.1, 0.55, 0.95)
    mat_turn: float = 0.0
    turn: float = 0.0


class Figure:
    """One dressed body on the graphics card."""

    def __init__(self, stage: Stage, body: Body, clothes: Clothes, ethnicity: str) -> None:
        self.body = body
        self._program = stage.body_program
        self._uniforms = _dress(body, clothes, ethnicity)
        self._puff = _puff(body, clothes)
        static = np.hstack([body.vertices, body.arm[:, None], body.layer[:, None]]).astype("f4")
        context = stage.context
        self._moving = context.buffer(reserve=len(body.vertices) * 24)
        fixed, index = context.buffer(static.tobytes()), context.buffer(body.triangles.tobytes())
        layout = [(self._moving, "3f 3f", "position", "normal"), (fixed, "3f 2f", "rest", "zone")]
        thin = np.isin(body.layer[body.triangles[:, 0]], (1, 2))  # cloth and hair are seen from both sides
        self._skin, self._cloth = (
            context.vertex_array(stage.body_program, layout, context.buffer(body.triangles[chosen].tobytes()))
            for chosen in (~thin, thin)
        )
        self._shadow = context.vertex_array(
            stage.shadow_program, [(self._moving, "3f 12x", "position")], index
        )

    def move(self, rotation: Array, position: Array) -> Array:
        """Pose the body by its bones; gives the vertices (n, 3) as drawn."""
        vertices, normals = self.body.skin(rotation, position)
        vertices = vertices + normals * self._puff[:, None]
        self._moving.write(np.hstack([vertices, normals]).astype("f4").tobytes())
        return vertices

    def draw(self) -> None:
        """Draw with this body's colours."""
        for name, value in self._uniforms.items():
            self._program[name] = value
        context = self._skin.ctx
        context.enable(moderngl.CULL_FACE)
        self._skin.render()
        context.disable(moderngl.CULL_FACE)
        self._cloth.render()

    def cast(self) -> None:
        """Draw the shadow."""
        self._shadow.render()


class Stage:
    """A room, a light and a picture of `size` (width, height)."""

    def __init__(self, size: tuple[int, int], room: Room) -> None:
        self.size = size
        self.context = context = moderngl.create_context(standalone=True, **EGL)
        self.body_program = _program(context, "body", "body")
        self.shadow_program = _program(context, "shadow", "shadow")
        self._prop_program = _program(context, "prop", "prop")
        self._room_program = _program(context, "room", "room")
        self._smooth = context.framebuffer(
            [context.renderbuffer(size, 4, samples=4)], context.depth_renderbuffer(size, samples=4)
        )
        self._plain = context.framebuffer([context.renderbuffer(size, 4)])
        self._shadow = context.texture((SHADOW_PIXELS, SHADOW_PIXELS), 1)
        self._shadow.repeat_x = self._shadow.repeat_y = False
        self._shadow_target = context.framebuffer([self._shadow])
        self._walls = _box(context, self._room_program, room.turn)
        tube = context.buffer(cylinder().astype("f4").tobytes())
        self._tube = context.vertex_array(self._prop_program, [(tube, "3f 3f", "position", "normal")])
        paint: Uniforms = {
            "wall": linear(room.wall),
            "floor_colour": linear(room.floor),
            "mat_colour": linear(room.mat_colour),
            "mat_area": room.mat,
            "mat_turn": room.mat_turn,
            "planks": float(room.planks),
            "shadow_reach": SHADOW_REACH,
        }
        for name, value in paint.items():
            self._room_program[name] = value
        self.shadow_program["shadow_reach"] = SHADOW_REACH
        self.shadow_program["light"] = (0.28, 1.0, 0.2)

    def picture(self, camera: Camera, figures: list[Figure], pieces: list[Piece]) -> NDArray[np.uint8]:
        """Draw the figures and the pieces of equipment: (height, width, 3) RGB."""
        self._cast(figures)
        context = self.context
        self._smooth.use()
        context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
        context.clear(0.0, 0.0, 0.0, 1.0)
        matrix = tuple(camera.matrix(*self.size).T.ravel())
        light = _key_light(camera)
        for program in (self._room_program, self.body_program, self._prop_program):
            program["camera"] = matrix
        for program in (self.body_program, self._prop_program):
            program["eye"], program["light"] = tuple(camera.eye), light
        self._shadow.use(0)
        self._walls.render()
        context.enable_only(moderngl.DEPTH_TEST)
        for piece in pieces:
            self._prop_program["model"] = tuple(piece.model.T.ravel())
            self._prop_program["tint"] = linear(piece.colour)
            self._tube.render()
        for figure in figures:
            figure.draw()
        context.copy_framebuffer(self._plain, self._smooth)
        width, height = self.size
        flat = np.frombuffer(self._plain.read(components=3), np.uint8)
        return np.ascontiguousarray(flat.reshape(height, width, 3)[::-1])

    def _cast(self, figures: list[Figure]) -> None:
        self._shadow_target.use()
        self._shadow_target.clear(0.0)
        self.context.enable_only(moderngl.BLEND)
        self.context.blend_equation = moderngl.MAX, moderngl.MAX
        self.context.blend_func = moderngl.ONE, moderngl.ONE
        for figure in figures:
            figure.cast()
        self.context.blend_equation = moderngl.FUNC_ADD, moderngl.FUNC_ADD
        hard = np.frombuffer(self._shadow.read(), np.uint8).reshape(SHADOW_PIXELS, SHADOW_PIXELS)
        self._shadow.write(cv2.GaussianBlur(hard, (0, 0), SHADOW_BLUR).tobytes())


def linear(colour: str) -> tuple[float, float, float]:
    """Linear light of a colour written as #rrggbb."""
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return r**2.2, g**2.2, b**2.2


def _program(context: moderngl.Context, vertex: str, fragment: str) -> moderngl.Program:
    return context.program(
        vertex_shader=(SHADERS / f"{vertex}.vert").read_text(),
        fragment_shader=(SHADERS / f"{fragment}.frag").read_text(),
    )


def _key_light(camera: Camera) -> tuple[float, float, float]:
    """From above the camera and a little to its left, so that what the camera sees is lit."""
    towards = camera.eye - np.array(camera.aim)
    left = np.cross(towards, (0.0, 1.0, 0.0))
    light = towards / np.linalg.norm(towards) + 0.75 * left / np.linalg.norm(left) + (0.0, 1.15, 0.0)
    x, y, z = light / np.linalg.norm(light)
    return float(x), float(y), float(z)


def _box(context: moderngl.Context, program: moderngl.Program, turn: float) -> moderngl.VertexArray:
    """Floor, ceiling and four walls that are seen from inside only."""
    rows = []
    for normal, right in (
        ((0, 0, 1), (1, 0, 0)),
        ((0, 0, -1), (-1, 0, 0)),
        ((1, 0, 0), (0, 0, -1)),
        ((-1, 0, 0), (0, 0, 1)),
    ):
        n, r = np.array(normal, float), np.array(right, float)
        foot = -n * ROOM
        corners = [
            foot - r * ROOM,
            foot + r * ROOM,
            foot + r * ROOM + (0, CEILING, 0),
            foot - r * ROOM + (0, CEILING, 0),
        ]
        rows += [np.r_[corners[i], n] for i in (0, 1, 2, 0, 2, 3)]
    for y, order in ((0.0, (0, 1, 2, 0, 2, 3)), (CEILING, (0, 2, 1, 0, 3, 2))):
        corners = [np.array([x * ROOM, y, z * ROOM]) for x, z in ((-1, 1), (1, 1), (1, -1), (-1, -1))]
        rows += [np.r_[corners[i], (0, 1 if y == 0 else -1, 0)] for i in order]
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    spin = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    data = np.stack(rows)
    data = np.hstack([data[:, :3] @ spin.T, data[:, 3:] @ spin.T]).astype("f4")
    return context.vertex_array(program, [(context.buffer(data.tobytes()), "3f 3f", "position", "normal")])


def _dress(body: Body, clothes: Clothes, ethnicity: str) -> Uniforms:
    """Colours and the borders of the clothes on the body at rest."""
    hip, ankle = body.joint("upperleg01.L")[1], body.joint("foot.L")[1]
    neck, head, eye = body.joint("neck01"), body.joint("head"), body.joint("eye.L")
    return {
        "skin": linear(SKINS[ethnicity]),
        "top": linear(clothes.top),
        "bottom": linear(clothes.bottom),
        "shoe": linear(clothes.shoe),
        "hair": linear(clothes.hair),
        "neck": (0.0, float(neck[1]) + 0.012, float(neck[2]) + 0.045),
        "face": tuple(eye.tolist()),
        "nape": (0.0, float(eye[1]), float(head[2])),
        "waist": _waist(body),
        "hem": float(ankle + clothes.hem * (hip - ankle)),
        "sleeve": clothes.sleeve,
        "shoe_top": _shoe_top(body),
        "hair_end": float(eye[1]) - (0.16 if clothes.long_hair else -9.0),
    }


def _waist(body: Body) -> float:
    return float(body.joint("upperleg01.L")[1]) + 0.012


def _shoe_top(body: Body) -> float:
    return float(body.joint("foot.L")[1]) + 0.005


def _puff(body: Body, clothes: Clothes) -> Array:
    """How far each vertex of clothes and hair stands off the body, in metres."""
    height = body.vertices[:, 1]
    cloth = clothes.loose * np.where(height > _waist(body), 0.010, 0.005)
    cloth = np.where(height < _shoe_top(body) + 0.02, SHOE, cloth)
    return np.asarray(np.select([body.layer == 1, body.layer == 2], [cloth, 0.004], 0.0))
