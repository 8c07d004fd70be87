"""Finds things with a network in PyTorch, as while it is trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.pytorch import torch
from spotter.segmenter.detections import Detections
from spotter.segmenter.processes import Processes
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.second_look import seen_once, seen_twice


class TorchDetector:
    """A network with what is done before and after it.

    Args:
        network: as it is now; it is left as it was found, training or not.
        classes: names of its classes.
        side: of the square that pictures are fitted into, in pixels.
        processes: says what it is computed on; the processor if None.
        precise: compute in float32 even where faster bfloat16 is at hand.
        twice: look closely at everybody who was found.
    """

    def __init__(
        self,
        network: MaskRcnn,
        classes: tuple[str, ...],
        side: int,
        processes: Processes | None = None,
        *,
        precise: bool = False,
        twice: bool = False,
    ) -> None:
        self.classes = classes
        self._network, self._side = network, side
        self._processes = processes or Processes(0, 1, torch.device("cpu"))
        self._precise, self._twice = precise, twice

    def detect(self, image: NDArray[np.uint8], score: float | None = None) -> Detections:
        """What is found in a picture, RGB (height, width, 3).

        Args:
            image: the picture.
            score: only what is surer, 0 to 1; all that the network gives if None.
        """
        was_training = self._network.training
        self._network.eval()
        found = (seen_twice if self._twice else seen_once)(self._look, image, self._side)
        self._network.train(was_training)
        return found if score is None else found.chosen(found.scores > score)

    def _look(self, square: NDArray[np.uint8]) -> Detections:
        pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(self._processes.device, torch.float32)
        with torch.no_grad(), self._processes.computing(self._precise):
            found = self._network(pixels.contiguous(memory_format=torch.channels_last))[0]
        return Detections(
            found["boxes"].float().cpu().numpy(),
            found["labels"].cpu().numpy(),
            found["scores"].float().cpu().numpy(),
            found["masks"][:, 0].float().cpu().numpy(),
            self._side,
            self._side,
        )
