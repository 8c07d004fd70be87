"""How the camera sees the person: from the front, obliquely, from the side or from behind."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX

FRONT_DEG = 25.0
SIDE_DEG = 60.0

Floats = NDArray[np.floating]


def azimuth(space: Floats) -> NDArray[np.float64]:
    """How far the person is turned from facing the camera, degrees, -180 to 180.

    0 faces the camera, 90 shows the left side of the body, -90 the right side, 180 the back.

    Args:
        space: array (n, 33, 3) in metres, x right, y down, z away from the camera.

    >>> body = np.zeros((1, 33, 3)); body[0, [11, 23], 0] = 0.2; body[0, [12, 24], 0] = -0.2
    >>> abs(azimuth(body).item())
    0.0
    """
    line = sum(
        space[:, INDEX[f"left_{joint}"]] - space[:, INDEX[f"right_{joint}"]] for joint in ("shoulder", "hip")
    )
    line = np.asarray(line, np.float64)
    return np.asarray(np.degrees(np.arctan2(-line[:, 2], line[:, 0])))


def view_names(azimuth_deg: NDArray[np.float64]) -> NDArray[np.str_]:
    """The view's name for each azimuth, array (n,); ``"unknown"`` for NaN.

    >>> view_names(np.array([0.0, -40.0, 95.0, 170.0, np.nan])).tolist()
    ['front', 'oblique', 'side', 'back', 'unknown']
    """
    turned = np.abs(azimuth_deg)
    names = np.full(turned.shape, "unknown", dtype="<U7")
    names[turned <= 180] = "back"
    names[turned < 180 - FRONT_DEG] = "oblique"
    names[turned < 180 - SIDE_DEG] = "side"
    names[turned < SIDE_DEG] = "oblique"
    names[turned < FRONT_DEG] = "front"
    return names


def usual_view(azimuth_deg: Floats) -> str:
    """The view of a whole stretch of time, from its median turn.

    >>> usual_view(np.array([2.0, 5.0, 80.0]))
    'front'
    """
    finite = azimuth_deg[np.isfinite(azimuth_deg)]
    if finite.size == 0:
        return "unknown"
    return str(view_names(np.array([np.median(np.abs(finite))]))[0])
