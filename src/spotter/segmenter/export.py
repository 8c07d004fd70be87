"""A trained segmenter as a file for other programs; what runs is checked against the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from spotter.errors import ExportError, SpotterError, UsageError
from spotter.media.writing import scratch_beside
from spotter.models.weights import WEIGHTS_NAME
from spotter.segmenter.card import NETWORK_FILE, SegmenterCard, read_card, write_card
from spotter.segmenter.export_onnx import Weights, write_onnx
from spotter.segmenter.export_pictures import pictures_for
from spotter.segmenter.model_folder import facts, load_network, save_network
from spotter.segmenter.parity import Parity, check_folder
from spotter.segmenter.parity_report import write_parity
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.torch_detector import TorchDetector

Target = Literal["onnx", "safetensors", "h5"]

DEFAULT_WEIGHTS: Final[Weights] = "f16"

_FILES: Final[dict[Target, str]] = {
    "onnx": NETWORK_FILE,
    "safetensors": WEIGHTS_NAME,
    "h5": "weights.h5",
}

Progress = Callable[[str], None]
"""Called with what is being done."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written.

    Attributes:
        file: its path.
        size: bytes.
        parity: of ONNX what came of comparing it with the model.
    """

    file: Path
    size: int
    parity: Parity | None = None


def export(
    folder: Path,
    target: Target,
    out: Path | None = None,
    *,
    weights: Weights | None = None,
    pictures: Path | None = None,
    progress: Progress | None = None,
) -> Exported:
    """Write a trained segmenter in another format.

    ONNX becomes a folder's network.onnx, which runs without PyTorch. It is run in OpenVINO, and what it finds
    is compared with what the model finds; a file that disagrees is not given its name. What came of it is
    written to parity.md and parity.json beside it.

    Args:
        folder: the model's.
        target: ``"onnx"``, ``"safetensors"`` or ``"h5"``.
        out: the folder that the file goes into, with a model.toml; the model's own if None.
        weights: of ONNX how its weights are stored, `DEFAULT_WEIGHTS` if None; the others hold float32.
        pictures: a picture, folder or video to compare on; else held-back pictures of the training.
        progress: is told what is being done.

    Raises:
        ExportError: if the file cannot be made, or disagrees.
        MissingExtraError: if a library is missing.
        ModelError: if the folder holds no model.
        OutputError: if a file cannot be written.
        UsageError: if weights are named for another format than ONNX, or safetensors are to go where they
            are.

    Example::

        export(Path("my-model"), "onnx", pictures=Path("gym.mp4"))
        Segmenter.open("my-model")
    """
    out = folder if out is None else out
    tell = progress or (lambda what: None)
    if weights is not None and target != "onnx":
        raise UsageError(f"--weights is for onnx; {target} holds the weights as they were trained")
    if target == "safetensors" and out.resolve() == folder.resolve():
        raise UsageError(f"{folder} has its {WEIGHTS_NAME} already; name another folder with --out")
    card = read_card(folder)
    tell("reading the model")
    network = load_network(folder)
    path = out / _FILES[target]
    if target == "onnx":
        return _export_onnx(folder, network, card, path, weights or DEFAULT_WEIGHTS, pictures, tell)
    tell(f"writing {path.name}")
    if target == "safetensors":
        save_network(out, network, card)
    else:
        from spotter.segmenter.weights_h5 import write_h5

        write_h5(path, network.state_dict(), facts(card))
        write_card(out, card)
    return Exported(path, path.stat().st_size)


def _export_onnx(
    folder: Path,
    network: MaskRcnn,
    card: SegmenterCard,
    path: Path,
    weights: Weights,
    source: Path | None,
    tell: Progress,
) -> Exported:
    tell("reading pictures")
    pictures = pictures_for(card, source)
    with scratch_beside(path) as made:
        tell(f"writing {path.name}, weights in {weights}")
        try:
            write_onnx(network, card, weights, made)
        except (SpotterError, OSError):
            raise
        except Exception as error:  # the exporter raises whatever it likes
            reason = next(
                (line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__
            )
            raise ExportError(f"{folder} cannot be converted to ONNX: {reason}") from error
        write_card(made.parent, card)
        tell(f"comparing on {len(pictures.squares)} pictures")
        model = TorchDetector(network, card.classes, card.side, precise=True)
        reference = [model.detect(square) for square in pictures.squares]
        least = network.roi_heads.score_thresh
        parity = check_folder(made.parent, weights, pictures, reference, least)
        if not parity.failures:
            if path.parent.resolve() != folder.resolve():
                write_card(path.parent, card)
            os.replace(made, path)
    write_parity(path.parent, folder, parity)
    if parity.failures:
        raise ExportError(f"{path} was not written: " + "; ".join(parity.failures))
    return Exported(path, parity.size, parity)
