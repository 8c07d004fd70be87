"""People on the graphics card."""

from __future__ import annotations

import moderngl
import numpy as np

from tools.render.body import Source

from .clothes import CLOTH, HAIR, PIXELS, SKIRT
from .labels import zones
from .scene import Person

VERTEX = "3f 3f 3f 4f"  # position, normal, place on the body at rest, zone
SHADE_VERTEX = "3f 40x"
FLOATS = 13
CLOTHS_UNIT = 0  # where the shader finds the cloths


class Mesh:
    """What all bodies share: where the parts are, and which triangles are seen from both sides."""

    def __init__(self, source: Source) -> None:
        self.zones = zones(source, HAIR)
        self.thin = np.isin(source.layer[source.triangles[:, 0]], (CLOTH, HAIR, SKIRT))
        self.vertices, self.corners = len(source.used), source.triangles.size


class Figure:
    """Room for one dressed body; `load` fills it."""

    def __init__(self, mesh: Mesh, person: moderngl.Program, shade: moderngl.Program) -> None:
        self._mesh, self._program = mesh, person
        self._context = context = person.ctx
        self._vertices = context.buffer(reserve=mesh.vertices * FLOATS * 4)
        self._indices = [context.buffer(reserve=mesh.corners * 4) for _ in range(2)]
        drawn = [(self._vertices, VERTEX, "position", "normal", "rest", "zone")]
        shaded = [(self._vertices, SHADE_VERTEX, "position")]
        self._solid, self._thin = (context.vertex_array(person, drawn, index) for index in self._indices)
        self._shades = [context.vertex_array(shade, shaded, index) for index in self._indices]
        self._cloths = context.texture_array((PIXELS, PIXELS, 2), 3)
        self._counts = [0, 0]

    def load(self, person: Person) -> None:
        """Take a person's surface and cloth."""
        body, mesh = person.body, self._mesh
        zone = np.stack([body.arm, body.layer, mesh.zones.reach, mesh.zones.chain], axis=1)
        columns = (person.vertices, person.normals, body.vertices, zone)
        self._vertices.write(np.hstack(columns).astype("f4").tobytes())
        for i, thin in enumerate((False, True)):
            index = mesh.zones.triangles[person.outfit.drawn & (mesh.thin == thin)]
            self._indices[i].write(index.tobytes())
            self._counts[i] = index.size
        self._cloths.write(person.outfit.cloths.tobytes())
        self._cloths.build_mipmaps()

    def draw(self, person: Person, number: int) -> None:
        """Draw the loaded person, with `number` beside the colours."""
        for name, value in person.outfit.uniforms.items():
            self._program[name] = value
        self._program["person"] = float(number)
        self._cloths.use(CLOTHS_UNIT)
        self._context.enable(moderngl.CULL_FACE)
        self._solid.render(vertices=self._counts[0])
        self._context.disable(moderngl.CULL_FACE)
        self._thin.render(vertices=self._counts[1])

    def cast(self) -> None:
        """Draw what throws the shadow."""
        for shades, count in zip(self._shades, self._counts, strict=True):
            shades.render(vertices=count)
