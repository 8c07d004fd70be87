"""The person's own size: how tall the landmarks say they are, so that a known height makes lengths true."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.angles import MIN_VISIBILITY

EYE_HEIGHT = 0.936
"""Height of the eyes as a share of the stature (Drillis and Contini 1966, in Winter 2009, fig. 4.1)."""

_UPRIGHT_QUANTILE = 0.95
_MOST_LEAN_DEG = 30.0  # who lies, bends over or crouches leans more, and is not measured
_EYES, _HEELS = [INDEX["left_eye"], INDEX["right_eye"]], [INDEX["left_heel"], INDEX["right_heel"]]
_CHAIN = [
    [INDEX[f"left_{name}"], INDEX[f"right_{name}"]] for name in ("heel", "knee", "hip", "shoulder", "eye")
]

Floats = NDArray[np.floating]


def measured_stature(space: Floats, visibility: Floats) -> float:
    """Height of the person, standing most upright, in the landmarks' metres; NaN if never seen to stand.

    Somebody stands where the eyes are nearly as far above the heels as the body between them is long.

    Args:
        space: array (n, 33, 3), places in metres, y down.
        visibility: array (n, 33).
    """
    seen = visibility[:, _EYES + _HEELS].min(axis=1) >= MIN_VISIBILITY
    joints = [space[seen][:, pair].mean(axis=1) for pair in _CHAIN]
    length = np.sum([np.linalg.norm(upper - lower, axis=1) for lower, upper in pairwise(joints)], axis=0)
    spans = joints[0][:, 1] - joints[-1][:, 1]
    spans = spans[spans >= length * np.cos(np.radians(_MOST_LEAN_DEG))]
    return float(np.quantile(spans, _UPRIGHT_QUANTILE)) / EYE_HEIGHT if spans.size else float("nan")
