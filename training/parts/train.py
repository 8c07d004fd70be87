"""Trains the part model on board by the recipe: rendered pictures, and photos with masks by hand."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

from spotter.recognizer.pytorch import torch
from spotter.segmenter.annotation import Annotated, Annotations
from spotter.segmenter.architecture import architecture
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.job import average_precision_on
from spotter.segmenter.network import build
from spotter.segmenter.processes import joined
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.torch_detector import TorchDetector
from spotter.segmenter.train import Trainer
from spotter.segmenter.weights import weights_of

from .log import Log
from .recipe import TrainingRecipe, read_recipe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_data_arguments(parser)
    parser.add_argument("--from", dest="parent", type=Path, help="go on from the best weights of this folder")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT")
    parser.add_argument("--held", type=Path, required=True, help="a folder of held-back pictures")


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """What every stage takes."""
    parser.add_argument("out", type=Path, help="folder of the weights and of the log")
    parser.add_argument("--rendered", type=Path, nargs="+", required=True, help="folders that `render` made")
    parser.add_argument("--photos", type=Path, help="photos/people, with masks by hand")
    parser.add_argument("--photo-parts", type=Path, help="folder that `photos` made of them")
    parser.add_argument("--threads", type=int, default=1, help="of each process (default: 1)")


def run(arguments: argparse.Namespace) -> None:
    """Train as the recipe's table `training` says; with torchrun by several processes."""
    recipe = read_recipe()
    settings = recipe.training
    data, network = begun(arguments, recipe, settings)
    data = replace(data, val=everything(read_annotations(arguments.held))[: settings.judged])
    if arguments.parent is not None:
        network.load_state_dict(weights_of(arguments.parent).state)
    with joined() as processes:
        log = Log(arguments.out, processes)
        detector = TorchDetector(network, data.classes, settings.side, processes, twice=bool(settings.close))
        judge = average_precision_on(detector, data)
        trainer = Trainer(network, data, settings, arguments.out, processes, judge)
        log.say(f"{len(data.train)} pictures, {trainer.total} steps, {asdict(settings)}")
        trainer.run(arguments.resume, log.epoch, log.step)


def begun(
    arguments: argparse.Namespace, recipe: TrainingRecipe, settings: TrainSettings
) -> tuple[Annotations, MaskRcnn]:
    """What every stage begins with: the pictures to learn from, and a network with random weights."""
    torch.set_num_threads(arguments.threads)
    data = gathered(arguments, recipe)
    torch.manual_seed(settings.seed)
    network = build(architecture(settings.network), len(data.classes), settings.frozen)
    arguments.out.mkdir(parents=True, exist_ok=True)
    return data, network


def gathered(arguments: argparse.Namespace, recipe: TrainingRecipe) -> Annotations:
    """All pictures to learn from; photos have their parts where these are known, and count several times."""
    folders = [read_annotations(folder) for folder in arguments.rendered]
    train = [one for data in folders for one in everything(data)]
    if arguments.photos is not None:
        photos = everything(read_annotations(arguments.photos, "clothing-people"))
        photos = tuple(sorted(photos, key=lambda one: one.path.name))[: recipe.first_held]
        if arguments.photo_parts is not None:
            marked = {one.path.name: one for one in everything(read_annotations(arguments.photo_parts))}
            photos = tuple(marked.get(one.path.name, one) for one in photos)
        train += photos * recipe.photo_weight
    notes = tuple(note for data in folders for note in data.notes)
    return replace(folders[0], train=tuple(train), val=(), notes=notes)


def everything(data: Annotations) -> tuple[Annotated, ...]:
    """All pictures, whatever they were meant for."""
    return *data.train, *data.val
