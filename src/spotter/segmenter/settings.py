"""How a segmenter is trained."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """What a training depends on besides its pictures.

    Attributes:
        network: name of the architecture.
        side: of the square that pictures are fitted into, in pixels.
        epochs: passes over all pictures.
        batch: pictures a step and process.
        accumulate: steps whose gradients are added up before the weights move: nearly as if the batch were so
            many times larger. Not quite, as normalisation and the means of the losses are over a step's
            pictures, and other proposals are drawn.
        rate: the highest learning rate of AdamW, of the layers that begin with random weights.
        backbone_rate: the share of it that the backbone learns at.
        decay: of AdamW, of weights; biases and normalisation do not decay.
        warm_up: steps in which the learning rate rises.
        cool_down: the share of all steps, the last ones, in which it falls to a hundredth.
        frozen: steps of the backbone that are not trained; what is usual for the network if None.
        augment: whether pictures are changed at random.
        close: in which share of the pictures one person is looked at closely, 0 to 1; above 0 the network
            looks twice, see `spotter.segmenter.second_look`. What is usual for the network if None.
        precise: compute in float32 even where faster bfloat16 is at hand.
        workers: processes that make pictures ready; 0 for none besides the training itself.
        judged: at most so many held-back pictures are judged after each epoch.
        seed: of weights, order, augmentation and sampling.
    """

    network: str = "parts"
    side: int = 256
    epochs: int = 12
    batch: int = 4
    accumulate: int = 1
    rate: float = 1e-3
    backbone_rate: float = 0.25
    decay: float = 0.02
    warm_up: int = 200
    cool_down: float = 0.3
    frozen: int | None = None
    augment: bool = True
    close: float | None = None
    precise: bool = False
    workers: int = 0
    judged: int = 200
    seed: int = 0

    def pace(self, step: int, total: int) -> float:
        """The share of the learning rate at a step: up in a line, level, and down in a line at the end.

        >>> settings = TrainSettings(warm_up=10, cool_down=0.5)
        >>> [round(settings.pace(step, 100), 3) for step in (0, 9, 40, 75, 99)]
        [0.1, 1.0, 1.0, 0.505, 0.03]
        """
        if step < self.warm_up:
            return (step + 1) / self.warm_up
        falling = max(1, round(total * self.cool_down))
        left = min(1.0, max(0, total - step) / falling)
        return 0.01 + 0.99 * left
