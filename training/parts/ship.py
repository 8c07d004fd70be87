"""Writes the part model on board, and the weights that its training can go on from."""

from __future__ import annotations

import argparse
import math
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

from safetensors.torch import save_file

import spotter
from spotter.media.writing import scratch_beside
from spotter.recognizer.pytorch import torch
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import DEFAULT_SCORE, SegmenterCard
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.export import export
from spotter.segmenter.model_folder import save_network
from spotter.segmenter.network import build
from spotter.segmenter.predict import ON_BOARD
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.torch_detector import TorchDetector

from .train import RECIPE, SHIPPED, best_weights

LICENCE = "Apache-2.0"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("trained", type=Path, help="folder that `train` wrote its checkpoint into")
    parser.add_argument("--held", type=Path, required=True, help="held-back pictures to choose the score by")
    parser.add_argument("--judged", type=int, default=100, help="how many of them (default: 100)")
    parser.add_argument("--out", type=Path, default=ON_BOARD, help="the model's folder (default: on board)")


def run(arguments: argparse.Namespace) -> None:
    """Judge the best weights, write the model and what it can be trained on from."""
    settings: dict[str, Any] = tomllib.loads(RECIPE.read_text("utf-8"))["training"]
    network = build(architecture(settings["network"]), len(CLASSES))
    network.load_state_dict(best_weights(arguments.trained))
    network.eval()
    card = described(network, settings, arguments.held, arguments.judged)
    with scratch_beside(arguments.out) as scratch:
        save_network(scratch, network, card)
        made = export(scratch, "onnx", arguments.out, weights="f32", pictures=arguments.held / "images")
    keep_weights(network, SHIPPED)
    print(f"{made.file}: {made.size / 1e6:.1f} MB; parity {'; '.join(made.parity.failures) or 'holds'}")


def described(network: MaskRcnn, settings: dict[str, Any], held: Path, judged: int) -> SegmenterCard:
    """The model's card, with what was measured on held-back pictures."""
    detector = TorchDetector(network, CLASSES, settings["side"], twice=True)
    found = evaluate(detector, read_annotations(held), split="all", limit=judged, resamples=0, worst=0)
    assert found.masks is not None and found.boxes is not None, "rendered pictures have masks"
    score = DEFAULT_SCORE if math.isnan(found.score) else round(found.score, 2)
    figures = {
        "judged": found.n,
        "box_ap": round(found.boxes.average["AP"].value, 4),
        "mask_ap": round(found.masks.average["AP"].value, 4),
        "mask_ap50": round(found.masks.average["AP50"].value, 4),
        "recipe": "training/parts of Spotter's repository",
        "pictures": "rendered bodies (CC0), photos of clothing-co-parsing (Apache-2.0)",
        "began": "with the backbone of BodyPix (Apache-2.0)",
    }
    versions = {"spotter": spotter.__version__} | {name: version(name) for name in ("torch", "torchvision")}
    return SegmenterCard(
        settings["network"],
        CLASSES,
        settings["side"],
        score,
        True,
        figures,
        "The Spotter authors",
        LICENCE,
        versions,
    )


def keep_weights(network: MaskRcnn, path: Path) -> None:
    """Write all weights in half precision."""
    halved = {
        name: value.detach().to(torch.float16 if value.is_floating_point() else value.dtype).contiguous()
        for name, value in network.state_dict().items()
    }
    with scratch_beside(path) as scratch:
        save_file(halved, scratch)
        scratch.replace(path)
