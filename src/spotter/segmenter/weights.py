"""Weights of networks from files of several kinds, and starting a training from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from spotter.errors import ModelError, UsageError
from spotter.models.weights import WEIGHTS_NAME
from spotter.recognizer.pytorch import nn, torch
from spotter.recognizer.training_file import FILE_NAME, read_training
from spotter.segmenter.checkpoint import State
from spotter.segmenter.weights_h5 import read_h5
from spotter.segmenter.weights_safetensors import read_safetensors
from spotter.segmenter.weights_torchvision import read_checkpoint

_READERS: Final[dict[str, Callable[[Path], tuple[State, dict[str, Any]]]]] = {
    ".safetensors": read_safetensors,
    ".h5": read_h5,
    ".pth": read_checkpoint,
    ".pt": read_checkpoint,
}

_LAST: Final = (
    "roi_heads.box_predictor",
    "pixel_head.levels",
    "roi_heads.mask_predictor.mask_fcn_logits",
    "roi_heads.mask_predictor.logits",
)
"""The layers that have an output for each class."""

_BODIES: Final = ("backbone.body", "backbone.backbone")
"""What features come from before the pyramid, in torchvision's networks and in the small one."""

_COUNTER = "num_batches_tracked"  # of batch normalisation: plays no part, and older files lack it


@dataclass(frozen=True, slots=True)
class Weights:
    """The weights of a network.

    Attributes:
        path: the file that they were read from.
        state: tensors by the names that they have in our networks.
        words: what the file says of the network, such as its ``classes``.
    """

    path: Path
    state: State
    words: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a network took over from a file; parts are named as in ``rpn.head``.

    Attributes:
        taken: parts whose weights come from the file.
        fresh: parts that begin with random weights.
        unused: parts of the file that the network has not.
    """

    taken: tuple[str, ...]
    fresh: tuple[str, ...]
    unused: tuple[str, ...]

    def told(self, path: Path) -> str:
        """In a sentence.

        >>> Taken(("backbone.body",), ("rpn.head",), ("fc",)).told(Path("a.pth"))
        'from a.pth: backbone.body; beginning anew: rpn.head; not needed: fc'
        """
        rows = ((f"from {path}", self.taken), ("beginning anew", self.fresh), ("not needed", self.unused))
        return "; ".join(f"{what}: {', '.join(parts)}" for what, parts in rows if parts)


def read_weights(path: Path) -> Weights:
    """Weights from a file: .safetensors or .h5 of Spotter, or a checkpoint of PyTorch (.pth, .pt).

    Raises:
        UsageError: if the file's name has another ending.
        ModelError: if it is missing or damaged, or holds something else.
        MissingExtraError: if it is an .h5 file and h5py is not installed.
    """
    if path.suffix not in _READERS:
        raise UsageError(f"{path} does not end with {', '.join(_READERS)}; weights are read from such files")
    return Weights(path, *_READERS[path.suffix](path))


def weights_of(path: Path) -> Weights:
    """The weights of a file, of a model's folder, or the best ones of a training that has not ended.

    Raises:
        UsageError, MissingExtraError: as `read_weights`.
        ModelError: as `read_weights`; or the folder is neither of a model nor of a training.
    """
    if not path.is_dir():
        return read_weights(path)
    if (path / WEIGHTS_NAME).is_file():
        return read_weights(path / WEIGHTS_NAME)
    if not (path / FILE_NAME).is_file():
        raise ModelError(
            f"{path} has neither {WEIGHTS_NAME} nor {FILE_NAME}; give the folder of a model, or a file"
        )
    stored = read_training(path / FILE_NAME)
    return Weights(path / FILE_NAME, stored.best or stored.now, dict(stored.words.get("key", {})))


def start_from(network: nn.Module, weights: Weights, classes: Sequence[str]) -> Taken:
    """Put weights into a network that is to be trained, perhaps for other classes.

    A part of the network, such as ``rpn.head``, is taken as a whole or not at all. The layers with an output
    for each class are taken where the file is of the same classes, and otherwise begin anew; a part that the
    file lacks begins anew, too (a classifier's file has a backbone only). The backbone must be there.

    Args:
        network: what to put them into.
        weights: of a network of the same architecture, or of its backbone.
        classes: that the network is to know.

    Raises:
        ModelError: if a part is of another architecture; the message names the first tensor that differs.
            Nothing was put into the network then.
    """
    wanted, given = _parts(network.state_dict()), _parts(weights.state)
    body = next(part for part in _BODIES if part in wanted)
    if body not in given:
        found = ", ".join(sorted(given)[:4]) or "nothing"
        raise ModelError(f"{weights.path} has no {body}, which this network begins with; it has {found}")
    same = list(weights.words.get("classes", classes)) == list(classes)
    chosen: State = {}
    taken, fresh = [], []
    for part, here in wanted.items():
        there = given.get(part, {})
        last = part in _LAST and (not same or _difference(here, there) is not None)
        if last or not there:
            fresh.append(part)
            continue
        if difference := _difference(here, there):
            raise ModelError(f"{weights.path} is of another architecture than this network: {difference}")
        chosen |= there
        taken.append(part)
    network.load_state_dict(chosen, strict=False)
    return Taken(tuple(taken), tuple(fresh), tuple(sorted(set(given) - set(wanted))))


def _parts(state: State) -> dict[str, State]:
    """Tensors by the part of the network that they belong to."""
    parts: dict[str, State] = {}
    for name, value in state.items():
        last = (part for part in _LAST if name.startswith(f"{part}."))
        part = next(last, ".".join(name.split(".")[:-1][:2]) or name)
        parts.setdefault(part, {})[name] = value
    return parts


def _difference(here: State, there: State) -> str | None:
    """What first differs between a part of the network and the same part of a file; None if they fit."""
    for name, value in here.items():
        if name.endswith(_COUNTER):
            continue
        if name not in there:
            return f"the file has no {name}, {_shape(value)}"
        if there[name].shape != value.shape:
            return f"{name} is {_shape(there[name])} in the file, and {_shape(value)} here"
    for name, value in there.items():
        if name not in here and not name.endswith(_COUNTER):
            return f"the file has {name}, {_shape(value)}, which this network has not"
    return None


def _shape(value: torch.Tensor) -> str:
    return " x ".join(map(str, value.shape)) or "one number"
