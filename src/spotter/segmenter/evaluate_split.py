"""Which pictures were kept out of a model's training: the split is drawn again as it was drawn then."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_DRAWN_BY = ("held_share", "seed", "group")


def drawn_then(training: Mapping[str, Any], data: Path) -> dict[str, Any]:
    """How the pictures of a data set were split when a model was trained with them.

    Args:
        training: what the model's card says of its training, see `spotter.segmenter.card.SegmenterCard`.
        data: the data set's folder or file; it is the same if its name is.

    Returns:
        Arguments for `spotter.segmenter.dataset.read_annotations`; empty if it was not trained with it.

    >>> drawn_then({"data": {"folder": "gym", "held_share": 0.2, "seed": 7, "layout": "coco"}}, Path("gym"))
    {'held_share': 0.2, 'seed': 7}
    """
    source = training.get("data", {})
    for one in source.get("sets", [source]):
        if Path(one.get("folder", "")).resolve().name == data.resolve().name:
            return {name: one[name] for name in _DRAWN_BY if one.get(name) is not None}
    return {}
