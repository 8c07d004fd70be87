"""Opens whatever finds people: our model folders, models by name, and Matterport's files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from spotter.models.card import load_registry
from spotter.segmenter.known_models import known_model
from spotter.segmenter.predict import Segmenter

if TYPE_CHECKING:
    from spotter.segmenter.matterport import MatterportSegmenter


def open_model(model: str | Path | None = None) -> Segmenter | MatterportSegmenter:
    """A segmenter, ready to find things.

    Args:
        model: the folder of a trained model; a name in the registry, such as ``"maskrcnn-coco"``, which is
            fetched if it is not here; an .h5 file of Matterport's Mask R-CNN, such as ``mask_rcnn_coco.h5``;
            the part model that comes with Spotter if None.

    Raises:
        ModelError: one of its children: the model is not there, damaged, or cannot be fetched.
        MissingExtraError: if it needs PyTorch or h5py, which are not installed.

    Example::

        open_model("mask_rcnn_coco.h5").detect(picture)
    """
    if model is None:
        return Segmenter.open()
    path = Path(model)
    if not path.exists() and str(model) in load_registry():
        return Segmenter.open(known_model(str(model)))
    if path.suffix == ".h5":
        from spotter.segmenter.matterport import open_matterport

        return open_matterport(path)
    return Segmenter.open(path)
