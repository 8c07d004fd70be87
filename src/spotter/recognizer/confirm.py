"""A second opinion on crops: the model of a hand says whether there is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.body.roi import Roi
from spotter.models.session import Session
from spotter.models.store import ModelStore
from spotter.recognizer.parts import Place, confirmations


class Confirmer:
    """Asks the model of a part, where there is one, whether a place shows that part.

    Landmarks of a body tell where a hand should be; that it is a hand, and not the dumb-bell in it or a thigh
    in front of it, is seen by a model that was trained on hands.

    Args:
        store: where the models come from.
    """

    def __init__(self, store: ModelStore) -> None:
        self._by = confirmations()
        self._sessions = {
            part: Session(store.path(by.model), outputs=[by.output]) for part, by in self._by.items()
        }

    def probability(self, image: NDArray[np.uint8], place: Place) -> float:
        """How likely the part is there, 0 to 1; 1 for parts that no model knows.

        Args:
            image: the frame, RGB (height, width, 3).
            place: where the part should be.
        """
        if place.part not in self._by:
            return 1.0
        by, half = self._by[place.part], place.size / 2
        crop = Roi(place.left + half, place.top + half, place.size, place.turn).crop(image, by.side)
        answer = self._sessions[place.part].run(
            np.multiply(crop, np.float32(1 / 255), dtype=np.float32)[None]
        )
        return float(answer[0].reshape(-1)[0])
