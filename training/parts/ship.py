"""Writes the part model on board, and the weights that its training can go on from."""

from __future__ import annotations

import argparse
from pathlib import Path

from spotter.media.writing import scratch_beside
from spotter.models.weights import WEIGHTS_NAME
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import SegmenterCard, made_with
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.export import export
from spotter.segmenter.job import usual_score
from spotter.segmenter.model_folder import save_network, write_weights
from spotter.segmenter.network import build
from spotter.segmenter.predict import ON_BOARD
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.torch_detector import TorchDetector
from spotter.segmenter.weights import weights_of

from .recipe import read_recipe

SHIPPED = Path(__file__).with_name(WEIGHTS_NAME)  # of the model on board, in half precision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("trained", type=Path, help="folder that `train` wrote its checkpoint into")
    parser.add_argument("--held", type=Path, required=True, help="held-back pictures to choose the score by")
    parser.add_argument("--judged", type=int, default=100, help="how many of them (default: 100)")
    parser.add_argument("--out", type=Path, default=ON_BOARD, help="the model's folder (default: on board)")


def run(arguments: argparse.Namespace) -> None:
    """Judge the best weights, write the model and what it can be trained on from."""
    settings = read_recipe().training
    network = build(architecture(settings.network), len(CLASSES))
    network.load_state_dict(weights_of(arguments.trained).state)
    network.eval()
    card = described(network, settings, arguments.held, arguments.judged)
    with scratch_beside(arguments.out) as scratch:
        save_network(scratch, network, card)
        made = export(scratch, "onnx", arguments.out, weights="f32", pictures=arguments.held / "images")
    write_weights(SHIPPED, network.half(), card)
    print(f"{made.file}: {made.size / 1e6:.1f} MB; parity holds")


def described(network: MaskRcnn, settings: TrainSettings, held: Path, judged: int) -> SegmenterCard:
    """The model's card, with what was measured on held-back pictures."""
    detector = TorchDetector(network, CLASSES, settings.side, twice=True)
    found = evaluate(detector, read_annotations(held), split="all", limit=judged, resamples=0, worst=0)
    assert found.masks is not None and found.boxes is not None, "rendered pictures have masks"
    figures = {
        "judged": found.n,
        "box_ap": round(found.boxes.average["AP"].value, 4),
        "mask_ap": round(found.masks.average["AP"].value, 4),
        "mask_ap50": round(found.masks.average["AP50"].value, 4),
        "recipe": "training/parts of Spotter's repository",
        "pictures": "rendered bodies (CC0), photos of clothing-co-parsing (Apache-2.0)",
        "began": "with the backbone of BodyPix (Apache-2.0)",
    }
    return SegmenterCard(
        settings.network,
        CLASSES,
        settings.side,
        usual_score(found),
        twice=True,
        training=figures,
        author="The Spotter authors",
        licence="Apache-2.0",
        versions=made_with("torch", "torchvision"),
    )
