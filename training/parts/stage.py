"""Draws a scene with OpenGL: the colours, and exactly which part of which person is at each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import moderngl
import numpy as np
from numpy.typing import NDArray

from spotter.errors import MissingExtraError
from tools.render.body import Array, Source

from .cameras import light_matrix
from .figures import CLOTHS_UNIT, Figure, Mesh
from .lights import Light
from .scene import COMPANY, PIXELS, Scene
from .textures import clouds_field
from .things import MATERIALS, ROOM_CORNERS, WIDTH

EGL: dict[str, Any] = {"backend": "egl"}  # needs no display
SHADERS = Path(__file__).parent / "shaders"
FINER = 2  # people and things are drawn so many times finer than the picture, floor and walls are not
SHADE_PIXELS = 768
SHADE_REACH = 2.6  # metres around the first person that have shadows
FOLDS_UNIT, SHADE_UNIT, MATERIALS_UNIT, PICTURE_UNIT = range(CLOTHS_UNIT + 1, CLOTHS_UNIT + 5)
MOST_CORNERS = 60_000

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture (h, w, 3) RGB and the numbers of parts and of people (h, w); 0 is nobody."""

    image: Image
    parts: NDArray[np.uint8]
    people: NDArray[np.uint8]


class Stage:
    """A drawing surface for pictures whose longer side is `size` pixels."""

    def __init__(self, source: Source, size: int) -> None:
        self._size = size
        self._context = context = _opengl()
        light = (SHADERS / "light.glsl").read_text()
        self._person, self._thing = (_program(context, name, light) for name in ("person", "thing"))
        self._flat, self._shade = (_program(context, name) for name in ("flat", "shade"))
        self._units()
        self._behind = _target(context, size, 1)
        self._front = _target(context, size * FINER, 2)
        self._shadow = context.depth_texture((SHADE_PIXELS, SHADE_PIXELS))
        self._shadow.compare_func = "<="
        self._shadow_target = context.framebuffer(depth_attachment=self._shadow)
        mesh = Mesh(source)
        self._figures = [Figure(mesh, self._person, self._shade) for _ in COMPANY]
        self._rows = context.buffer(reserve=MOST_CORNERS * WIDTH * 4)
        drawn = [(self._rows, "3f 3f 2f 3f 2f", "position", "normal", "uv", "tint", "material")]
        self._things = context.vertex_array(self._thing, drawn)
        self._thing_shades = context.vertex_array(self._shade, [(self._rows, "3f 40x", "position")])
        corners = np.array([-1, -1, 1, -1, -1, 1, 1, 1], "f4")
        self._quad = context.vertex_array(self._flat, [(context.buffer(corners.tobytes()), "2f", "corner")])
        self._materials = context.texture_array((PIXELS, PIXELS, MATERIALS), 3)
        folds = np.stack([clouds_field(np.random.default_rng(i), 256, 6, 4) for i in range(3)], axis=2)
        self._folds = _texture(context, (folds * 255).astype(np.uint8))

    def draw(self, scene: Scene) -> Drawn:
        """The picture of a scene and its maps."""
        width, height = picture_size(self._size, scene.aspect)
        self._load(scene)
        to_light = self._cast(scene)
        for program in (self._person, self._thing):
            _write(program, "camera", scene.view.matrix)
            _write(program, "to_light", to_light)
            program["eye"] = tuple(scene.view.eye)
            _shine(program, scene.light)
        behind = self._draw_behind(scene, width, height)
        self._draw_front(scene, width, height)
        return self._together(behind, width, height)

    def _units(self) -> None:
        self._person["cloths"], self._person["folds"] = CLOTHS_UNIT, FOLDS_UNIT
        self._person["shade"] = self._thing["shade"] = SHADE_UNIT
        self._thing["materials"], self._flat["picture"] = MATERIALS_UNIT, PICTURE_UNIT

    def _load(self, scene: Scene) -> None:
        for figure, person in zip(self._figures, scene.people, strict=False):
            figure.load(person)
        self._rows.write(scene.things[:MOST_CORNERS].tobytes())
        self._materials.write(scene.materials.tobytes())
        self._materials.build_mipmaps()
        self._folds.use(FOLDS_UNIT)
        self._shadow.use(SHADE_UNIT)
        self._materials.use(MATERIALS_UNIT)

    def _cast(self, scene: Scene) -> Array:
        """Draw depth as the key light sees it; gives the light's matrix."""
        middle = scene.people[0].middle if scene.people else np.array([0.0, 0.8, 0.0])
        matrix = light_matrix(scene.light.towards, middle, SHADE_REACH)
        self._shadow_target.use()
        self._shadow_target.clear(depth=1.0)
        self._context.enable_only(moderngl.DEPTH_TEST)
        _write(self._shade, "to_light", matrix)
        for figure, _ in zip(self._figures, scene.people, strict=False):
            figure.cast()
        _render_things(self._thing_shades, scene)
        return matrix

    def _draw_behind(self, scene: Scene, width: int, height: int) -> Image:
        """What is behind all people and things: the room or the flat picture."""
        self._behind.use()
        self._behind.viewport = (0, 0, width, height)
        self._behind.clear()
        if scene.flat is None:
            self._context.enable_only(moderngl.DEPTH_TEST | moderngl.CULL_FACE)
            self._things.render(vertices=ROOM_CORNERS)
        else:
            self._context.enable_only(moderngl.NOTHING)
            picture = _texture(self._context, scene.flat)
            picture.use(PICTURE_UNIT)
            self._flat["stretch"] = scene.stretch
            self._quad.render(moderngl.TRIANGLE_STRIP)
            picture.release()
        image = _read(self._behind, 0, width, height, 3)
        blur = scene.blur * self._size
        return np.asarray(cv2.GaussianBlur(image, (0, 0), blur), np.uint8) if blur else image

    def _draw_front(self, scene: Scene, width: int, height: int) -> None:
        self._front.use()
        self._front.viewport = (0, 0, width * FINER, height * FINER)
        self._front.clear()
        self._context.enable_only(moderngl.DEPTH_TEST)
        for number, person in enumerate(scene.people):
            self._figures[number].draw(person, number + 1)
        _render_things(self._things, scene)

    def _together(self, behind: Image, width: int, height: int) -> Drawn:
        fine = width * FINER, height * FINER
        front = cv2.resize(_read(self._front, 0, *fine, 4), (width, height), interpolation=cv2.INTER_AREA)
        uncovered = 255 - front[..., 3:].astype(np.uint16)
        image = front[..., :3] + (behind * uncovered // 255).astype(np.uint8)
        ident = _read(self._front, 1, *fine, 2)
        both = most_common(ident[..., 0] + 16 * ident[..., 1])
        return Drawn(np.asarray(image, np.uint8), both % 16, both // 16)


def _opengl() -> moderngl.Context:
    try:
        return moderngl.create_context(standalone=True, **EGL)
    except Exception as error:  # moderngl's own errors share no class
        raise MissingExtraError(
            f"no OpenGL by EGL ({error}); on Debian: apt-get install libegl1 libgl1-mesa-dri"
        ) from error


def picture_size(size: int, aspect: float) -> tuple[int, int]:
    """Width and height whose longer side is `size`.

    >>> picture_size(480, 3 / 4)
    (360, 480)
    """
    return (size, round(size / aspect)) if aspect >= 1 else (round(size * aspect), size)


def most_common(fine: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Halve a map: of four numbers the one that comes twice or more, else the first.

    >>> most_common(np.array([[1, 2], [2, 3]], np.uint8)).tolist()
    [[2]]
    """
    a, b, c, d = fine[::2, ::2], fine[::2, 1::2], fine[1::2, ::2], fine[1::2, 1::2]
    return np.where((b == c) | (b == d), b, np.where(c == d, c, a))


def _program(context: moderngl.Context, name: str, light: str = "") -> moderngl.Program:
    """A pair of shaders; those that are lit share `light` and have no version line of their own."""
    vertex, fragment = ((SHADERS / f"{name}.{kind}").read_text() for kind in ("vert", "frag"))
    return context.program(
        vertex_shader=vertex, fragment_shader=f"#version 330\n{light}\n{fragment}" if light else fragment
    )


def _target(context: moderngl.Context, size: int, layers: int) -> moderngl.Framebuffer:
    square = (size, size)
    return context.framebuffer(
        [context.texture(square, 4) for _ in range(layers)], context.depth_renderbuffer(square)
    )


def _texture(context: moderngl.Context, image: Image) -> moderngl.Texture:
    height, width, channels = image.shape
    texture = context.texture((width, height), channels, image.tobytes(), alignment=1)
    texture.build_mipmaps()
    return texture


def _read(target: moderngl.Framebuffer, layer: int, width: int, height: int, channels: int) -> Image:
    data = target.read((0, 0, width, height), components=channels, attachment=layer, alignment=1)
    return np.ascontiguousarray(np.frombuffer(data, np.uint8).reshape(height, width, channels)[::-1])


def _render_things(things: moderngl.VertexArray, scene: Scene) -> None:
    """Draw all things but the room."""
    first = ROOM_CORNERS if scene.flat is None else 0
    count = min(len(scene.things), MOST_CORNERS) - first
    if count:
        things.render(vertices=count, first=first)


def _write(program: moderngl.Program, name: str, matrix: Array) -> None:
    program[name] = tuple(matrix.T.ravel())


def _shine(program: moderngl.Program, light: Light) -> None:
    program["light"], program["light_colour"] = tuple(light.towards), tuple(light.colour)
    program["lamp"], program["lamp_colour"] = tuple(light.second), tuple(light.second_colour)
    program["sky"], program["ground"] = tuple(light.sky), tuple(light.ground)
    program["panes"] = light.panes
