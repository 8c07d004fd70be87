"""Finds things with a network in PyTorch, as while it is trained."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.pytorch import torch
from spotter.segmenter.detections import Detections
from spotter.segmenter.placement import fitted
from spotter.segmenter.processes import Processes
from spotter.segmenter.rcnn import MaskRcnn


class TorchDetector:
    """A network with what is done before and after it.

    Args:
        network: as it is now; it is left as it was found, training or not.
        classes: names of its classes.
        side: of the square that pictures are fitted into, in pixels.
        processes: says what it is computed on; the processor if None.
        precise: compute in float32 even where faster bfloat16 is at hand.
    """

    def __init__(
        self,
        network: MaskRcnn,
        classes: tuple[str, ...],
        side: int,
        processes: Processes | None = None,
        *,
        precise: bool = False,
    ) -> None:
        self.classes = classes
        self._network, self._side = network, side
        self._processes = processes or Processes(0, 1, torch.device("cpu"))
        self._precise = precise

    def detect(self, image: NDArray[np.uint8], score: float | None = None) -> Detections:
        """What is found in a picture, RGB (height, width, 3).

        Args:
            image: the picture.
            score: only what is surer, 0 to 1; all that the network gives if None.
        """
        height, width = image.shape[:2]
        square, scale = fitted(image, self._side)
        pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(self._processes.device, torch.float32)
        was_training = self._network.training
        self._network.eval()
        with torch.no_grad(), self._processes.computing(self._precise):
            found = self._network(pixels.contiguous(memory_format=torch.channels_last))[0]
        self._network.train(was_training)
        boxes = found["boxes"].float().cpu().numpy() / np.float32(scale)
        detections = Detections(
            boxes.clip(0, np.array([width, height, width, height], np.float32)),
            found["labels"].cpu().numpy(),
            found["scores"].float().cpu().numpy(),
            found["masks"][:, 0].float().cpu().numpy(),
            height,
            width,
        )
        return detections if score is None else detections.chosen(detections.scores > score)
