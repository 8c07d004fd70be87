"""Which places of photos spoke for an answer, where PyTorch is there to say so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import MissingExtraError, ModelError

Image = NDArray[np.uint8]


class LookedAt:
    """Heat maps of a model, or the reason why there are none.

    Args:
        folder: the model's.

    Attributes:
        why_not: a sentence for the reader; empty where there are heat maps.
    """

    def __init__(self, folder: Path) -> None:
        self.why_not = ""
        self._cam = None
        try:
            from spotter.recognizer.gradcam import GradCam

            self._cam = GradCam(folder)
        except MissingExtraError:
            self.why_not = (
                "Where the network looked is worked out with PyTorch, which is not installed here: "
                "pip install 'spotter-coach[train]' and evaluate again to see it."
            )
        except ModelError as error:
            self.why_not = f"Where the network looked cannot be worked out for this model: {error}."

    def heat(self, squares: Sequence[Image], classes: Sequence[int]) -> list[NDArray[np.float32] | None]:
        """A heat map (side, side), 0 to 1, for each square picture and class; None where there are none."""
        if self._cam is None or not squares:
            return [None] * len(squares)
        return list(self._cam.heat(np.stack(squares), classes))
