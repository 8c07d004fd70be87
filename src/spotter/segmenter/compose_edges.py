"""Draws a coarse outline to the edges of the picture beneath it."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_CELLS = 60  # along the side of a square as large as the window of the outline: there the filter is reckoned
_RADIUS = 4  # of these cells: two cells of the masks that the network gives
_SMOOTH = 1e-4  # variance of colours, 0 to 1: less is no edge
_EVEN = 1e-4  # variance of what is likely: less is no outline


def drawn_to_edges(likely: NDArray[np.float32], image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The guided filter (He, Sun & Tang 2013, IEEE TPAMI 35), reckoned on a coarser grid (arXiv:1505.00996).

    In each small neighbourhood what is likely is explained by the colours there. So an outline that is off by
    a few pixels goes to where the colours change. The less they explain, the more it stays as it was: where
    a person looks like the wall behind, nothing is blurred.

    Args:
        likely: float32 (h, w), 0 to 1.
        image: RGB uint8 (h, w, 3).

    Returns:
        float32 (h, w), about 0 to 1.

    >>> image = np.zeros((40, 40, 3), np.uint8)
    >>> image[:, 20:] = 200
    >>> blurred = np.tile(np.linspace(-0.5, 1.5, 40, dtype=np.float32).clip(0, 1), (40, 1))
    >>> drawn = drawn_to_edges(blurred, image)
    >>> [round(float(one[20, column]), 1) for one in (blurred, drawn) for column in (19, 20)]
    [0.5, 0.5, 0.4, 0.6]
    """
    height, width = likely.shape
    shrink = max(1.0, float(np.sqrt(height * width)) / _CELLS)
    size = max(1, round(width / shrink)), max(1, round(height / shrink))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) * np.float32(1 / 255)
    coarse = np.asarray(cv2.resize(likely, size, interpolation=cv2.INTER_AREA), np.float32)
    slopes, offset, trust = _explained(small, coarse)
    whole = (width, height)
    explained = cv2.multiply(cv2.resize(slopes, whole), image.astype(np.float32), scale=1 / 255)
    drawn = cv2.transform(explained, np.ones((1, 3), np.float32)) + cv2.resize(offset, whole)
    return np.asarray(likely + cv2.resize(trust, whole) * (drawn - likely), np.float32)


def _explained(
    colours: NDArray[np.float32], likely: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """The linear functions of the colours that come closest to ``likely`` around each cell.

    Returns:
        Slopes (h, w, 3), offset (h, w) and how well they explain it (h, w), as the coefficient of multiple
        correlation, 0 to 1; each averaged over all neighbourhoods that a cell is in.
    """
    red, green, blue = cv2.split(colours)
    products = (red * red, red * green, red * blue, green * green, green * blue, blue * blue)
    with_likely = (red * likely, green * likely, blue * likely, likely * likely)
    mean = _averaged(np.stack([red, green, blue, likely, *products, *with_likely], -1))
    r, g, b, p, *moments = (mean[..., channel] for channel in range(mean.shape[-1]))
    rr, rg, rb = moments[0] - r * r + _SMOOTH, moments[1] - r * g, moments[2] - r * b
    gg, gb, bb = moments[3] - g * g + _SMOOTH, moments[4] - g * b, moments[5] - b * b + _SMOOTH
    rp, gp, bp, pp = moments[6] - r * p, moments[7] - g * p, moments[8] - b * p, moments[9] - p * p
    # the inverse of the symmetric 3 x 3 matrix of covariances, by its cofactors
    c_rr, c_rg, c_rb = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - gg * rb
    c_gg, c_gb, c_bb = rr * bb - rb * rb, rg * rb - rr * gb, rr * gg - rg * rg
    scale = 1 / (rr * c_rr + rg * c_rg + rb * c_rb)
    slope_r = (c_rr * rp + c_rg * gp + c_rb * bp) * scale
    slope_g = (c_rg * rp + c_gg * gp + c_gb * bp) * scale
    slope_b = (c_rb * rp + c_gb * gp + c_bb * bp) * scale
    offset = p - slope_r * r - slope_g * g - slope_b * b
    correlation = np.sqrt(((slope_r * rp + slope_g * gp + slope_b * bp) / (pp + _EVEN)).clip(0, 1))
    smooth = _averaged(np.stack([slope_r, slope_g, slope_b, offset, correlation], -1))
    slopes, offset, trust = smooth[..., :3], smooth[..., 3], smooth[..., 4]
    return np.ascontiguousarray(slopes), np.ascontiguousarray(offset), np.ascontiguousarray(trust)


def _averaged(values: NDArray[np.float32]) -> NDArray[np.float32]:
    side = 2 * _RADIUS + 1
    return np.asarray(cv2.blur(values, (side, side), borderType=cv2.BORDER_REPLICATE), np.float32)
