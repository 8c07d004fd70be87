"""Makes a model folder of weights that somebody else trained."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

from spotter.errors import ModelError
from spotter.media.writing import scratch_beside
from spotter.models.card import ModelCard
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import NETWORK_FILE, SegmenterCard, made_with
from spotter.segmenter.export_onnx import write_onnx
from spotter.segmenter.model_folder import save_network
from spotter.segmenter.network import build
from spotter.segmenter.weights import read_weights, start_from

_STORED: Final = "f16"  # how network.onnx stores its weights


def make_folder(path: Path, folder: Path, known: ModelCard) -> None:
    """Write model.toml, weights.safetensors and network.onnx; all of them or nothing.

    Args:
        path: of the weights, all of them, and of classes that are known.
        folder: that is made; one that is there and not whole is replaced.
        known: what the registry says of the weights.

    Raises:
        ModelError: if the weights are not those of the network that the registry names.
        MissingExtraError: if onnx is not installed.
        OutputError: if the folder cannot be written.
    """
    weights = read_weights(path)
    kind = architecture(known.network or "")
    classes = tuple(weights.words.get("classes", ()))
    if not classes:
        raise ModelError(f"{path} does not say what its classes are; a model is made of weights that do")
    network = build(kind, len(classes))
    if fresh := start_from(network, weights, classes).fresh:
        raise ModelError(f"{path} has not all of the network {kind.name!r}: there is no {', '.join(fresh)}")
    network.eval()
    card = SegmenterCard(
        kind.name,
        classes,
        kind.side,
        training={"weights": path.name, "source": known.source},
        licence=known.licence,
        versions=made_with(),
    )
    with scratch_beside(folder) as made:
        made.mkdir()
        write_onnx(network, card, _STORED, made / NETWORK_FILE)
        save_network(made, network, card)
        shutil.rmtree(folder, ignore_errors=True)
        os.replace(made, folder)
