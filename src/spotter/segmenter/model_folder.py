"""A trained segmenter as a folder: model.toml, its weights, and perhaps network.onnx to run it by."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from spotter.errors import ModelError, UsageError
from spotter.media.writing import write_bytes
from spotter.models.weights import WEIGHTS_NAME
from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import SegmenterCard, read_card, write_card
from spotter.segmenter.network import build
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.weights_safetensors import read_safetensors

_COUNTER = "num_batches_tracked"  # of batch normalisation: plays no part, and older files lack it


def save_network(folder: Path, network: nn.Module, card: SegmenterCard) -> None:
    """Write weights.safetensors with all of a network's tensors, and last of all model.toml.

    Raises:
        OutputError: if they cannot be written.
    """
    write_weights(folder / WEIGHTS_NAME, network, card)
    write_card(folder, card)  # a folder with a card is a whole model


def write_weights(path: Path, network: nn.Module, card: SegmenterCard) -> None:
    """Write a network's tensors as safetensors, with the names of network and classes in the header.

    Raises:
        OutputError: if the file cannot be written.
    """
    from safetensors.torch import save

    tensors = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in network.state_dict().items()
    }
    words = {"format": "pt"} | {name: json.dumps(value) for name, value in facts(card).items()}
    write_bytes(path, save(tensors, words))


def facts(card: SegmenterCard) -> dict[str, object]:
    """What every file of weights says of its network.

    >>> facts(SegmenterCard("parts", ("person",), 384))
    {'network': 'parts', 'classes': ['person'], 'side': 384}
    """
    return {"network": card.network, "classes": list(card.classes), "side": card.side}


def load_network(folder: Path) -> MaskRcnn:
    """The network of a model's folder, in the mode for prediction.

    Raises:
        ModelError: if there is no model, a file is missing or damaged, or the weights are of another
            architecture or of other classes than model.toml says; the first tensor that differs is named.
    """
    card = read_card(folder)
    try:
        kind = architecture(card.network)
    except UsageError as error:
        raise ModelError(f"{folder} is of a network that this Spotter does not have: {error}") from error
    path = folder / WEIGHTS_NAME
    state, words = read_safetensors(path)
    for name, wanted in (("network", card.network), ("classes", list(card.classes))):
        if name in words and words[name] != wanted:
            raise ModelError(
                f"{path} says {name} {_shortened(words[name])}, and model.toml beside it "
                f"{_shortened(wanted)}: they belong to different models; copy both from the same folder"
            )
    network = build(kind, len(card.classes))
    _require_fit(path, state, network.state_dict(), card)
    network.load_state_dict(state, strict=False)  # but for counters, everything is there
    return network.eval()


def _require_fit(
    path: Path, given: Mapping[str, torch.Tensor], wanted: Mapping[str, torch.Tensor], card: SegmenterCard
) -> None:
    """Raise a ModelError if tensors are missing, are too many, or have other shapes."""
    network = f"the network {card.network!r} for {len(card.classes)} classes"
    advice = "it is of another architecture or of other classes; take the model.toml that was written with it"
    for name, tensor in wanted.items():
        if name not in given and not name.endswith(_COUNTER):
            raise ModelError(f"{path} has no tensor {name} {_shape(tensor)}, which {network} has: {advice}")
        if name in given and given[name].shape != tensor.shape:
            raise ModelError(
                f"{path}: the tensor {name} is {_shape(given[name])}, and {network} has it as "
                f"{_shape(tensor)}: {advice}"
            )
    for name, tensor in given.items():
        if name not in wanted:
            raise ModelError(
                f"{path} has a tensor {name} {_shape(tensor)}, which {network} has not: {advice}"
            )


def _shape(tensor: torch.Tensor) -> str:
    return "(" + ", ".join(map(str, tensor.shape)) + ")"


def _shortened(value: object) -> str:
    words = json.dumps(value)
    return words if len(words) < 80 else words[:76] + " ..."
