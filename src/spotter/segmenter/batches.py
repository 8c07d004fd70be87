"""Pictures and what is marked in them, as the network takes them: the same for the same seed and step."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.pytorch import torch
from spotter.segmenter.annotation import Annotated
from spotter.segmenter.augment import Augmentation
from spotter.segmenter.examples import Example, example
from spotter.segmenter.rcnn import Target
from spotter.segmenter.settings import TrainSettings

Batch = tuple[torch.Tensor, list[Target]]


class Batches:
    """The steps of an epoch, for one of several processes.

    Args:
        pictures: to learn from.
        mirrored: the number that each class becomes in a mirrored picture.
        settings: how.
        rank, processes: which of how many processes this is; each gets its share of every step.
    """

    def __init__(
        self,
        pictures: Sequence[Annotated],
        mirrored: Sequence[int],
        settings: TrainSettings,
        rank: int = 0,
        processes: int = 1,
    ) -> None:
        self._pictures, self._mirrored, self._settings = pictures, tuple(mirrored), settings
        self._rank, self._processes = rank, processes
        self._augment = Augmentation.usual(settings.close or 0.0) if settings.augment else None

    def __len__(self) -> int:
        """Steps an epoch: a whole number of changes of the weights; filled up from the beginning."""
        settings = self._settings
        a_change = settings.batch * self._processes * settings.accumulate
        return -(-len(self._pictures) // a_change) * settings.accumulate

    def epoch(self, number: int, first: int = 0) -> Iterator[Batch]:
        """The steps of an epoch (counted from 0), from the ``first`` on."""
        chosen = self._order(number)[first:]
        loader = torch.utils.data.DataLoader(
            _Drawn(self._pictures, self._mirrored, self._settings, self._augment, number),
            batch_sampler=[rows.tolist() for rows in chosen],
            num_workers=self._settings.workers,
            collate_fn=collated,
            worker_init_fn=_begin_worker,
        )
        yield from loader

    def _order(self, number: int) -> list[NDArray[np.int64]]:
        """Rows of pictures of each step of this process."""
        order = np.random.default_rng([self._settings.seed, number]).permutation(len(self._pictures))
        a_step = self._settings.batch * self._processes
        filled = np.resize(order, len(self) * a_step).reshape(len(self), self._processes, -1)
        return list(filled[:, self._rank])


class _Drawn(torch.utils.data.Dataset[Example]):
    """One picture of an epoch, changed at random by its own numbers."""

    def __init__(
        self,
        pictures: Sequence[Annotated],
        mirrored: tuple[int, ...],
        settings: TrainSettings,
        augment: Augmentation | None,
        epoch: int,
    ) -> None:
        self._pictures, self._mirrored, self._settings = pictures, mirrored, settings
        self._augment, self._epoch = augment, epoch

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, row: int) -> Example:
        rng = np.random.default_rng([self._settings.seed, self._epoch, row]) if self._augment else None
        return example(self._pictures[row], self._settings.side, self._mirrored, rng, self._augment)


def _begin_worker(_number: int) -> None:
    """Leave it to the training to end this process: a signal goes to all of them, and it saves first."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    cv2.setNumThreads(0)  # OpenCV's threads do not survive a fork


def collated(examples: Sequence[Example]) -> Batch:
    """Examples as one step of the network."""
    pixels = torch.from_numpy(np.stack([one.image for one in examples])).permute(0, 3, 1, 2)
    targets = [
        {
            "boxes": torch.from_numpy(one.boxes),
            "labels": torch.from_numpy(one.labels),
            "masks": torch.from_numpy(one.masks),
            "has_mask": torch.from_numpy(one.has_mask),
            "unsure": torch.from_numpy(one.unsure),
        }
        for one in examples
    ]
    return pixels, targets


def on_device(batch: Batch, device: torch.device) -> Batch:
    """A step where it is computed: pixels as float32, all channels of one beside each other."""
    pixels, targets = batch
    pixels = pixels.to(device, torch.float32).contiguous(memory_format=torch.channels_last)
    return pixels, [{name: value.to(device) for name, value in target.items()} for target in targets]
