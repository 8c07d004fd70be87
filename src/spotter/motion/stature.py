"""The person's own size: how tall the landmarks say they are, so that a known height makes lengths true."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX
from spotter.motion.angles import MIN_VISIBILITY

EYE_HEIGHT = 0.936
"""Height of the eyes as a share of the stature (Drillis and Contini 1966, in Winter 2009, fig. 4.1)."""

_UPRIGHT_QUANTILE = 0.95
_EYES, _HEELS = [INDEX["left_eye"], INDEX["right_eye"]], [INDEX["left_heel"], INDEX["right_heel"]]

Floats = NDArray[np.floating]


def measured_stature(picture: Floats, visibility: Floats) -> float:
    """Height of the person, standing most upright, in the landmarks' metres; NaN if never seen whole.

    Args:
        picture: array (n, 33, 2), places in the picture in metres, y down.
        visibility: array (n, 33).
    """
    seen = visibility[:, _EYES + _HEELS].min(axis=1) >= MIN_VISIBILITY
    spans = picture[seen][:, _HEELS, 1].mean(axis=1) - picture[seen][:, _EYES, 1].mean(axis=1)
    spans = spans[np.isfinite(spans)]
    return float(np.quantile(spans, _UPRIGHT_QUANTILE)) / EYE_HEIGHT if spans.size else float("nan")
