"""Trains the part model on board by the recipe: rendered pictures, and photos with masks by hand."""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import sys
import time
import tomllib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from spotter.errors import ModelError, SpotterError
from spotter.recognizer.pytorch import torch
from spotter.segmenter.annotation import Annotated, Annotations
from spotter.segmenter.architecture import architecture
from spotter.segmenter.checkpoint import EpochCurve
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.network import build
from spotter.segmenter.processes import Processes, joined
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.torch_detector import TorchDetector
from spotter.segmenter.train import Judge, Step, Trainer

RECIPE = Path(__file__).with_name("recipe.toml")
PIXELS_FILE = "pixels.safetensors"
SHIPPED = Path(__file__).with_name("weights.safetensors")  # of the model on board, in half precision


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_data_arguments(parser)
    parser.add_argument("--from", dest="parent", type=Path, help="go on from the best weights of this folder")
    parser.add_argument("--resume", action="store_true", help="go on from the last checkpoint in OUT")
    parser.add_argument("--stage", default="training", help="table of the recipe")
    parser.add_argument("--held", type=Path, required=True, help="a folder of held-back pictures")
    parser.add_argument("--threads", type=int, default=1)


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """What every stage takes."""
    parser.add_argument("out", type=Path, help="folder of the checkpoint and of the log")
    parser.add_argument("--rendered", type=Path, nargs="+", required=True, help="folders that `render` made")
    parser.add_argument("--photos", type=Path, help="photos/people, with masks by hand")
    parser.add_argument("--photo-parts", type=Path, help="folder that `photos` made of them")


def run(arguments: argparse.Namespace) -> None:
    """Train as the recipe says; with torchrun by several processes."""
    recipe = tomllib.loads(RECIPE.read_text("utf-8"))
    settings = TrainSettings(**recipe[arguments.stage])
    torch.set_num_threads(arguments.threads)
    data = replace(gathered(arguments, recipe["photos"]), val=held_back(arguments.held))
    torch.manual_seed(settings.seed)
    network = build(architecture(settings.network), len(data.classes), settings.frozen)
    if arguments.parent is not None:
        network.load_state_dict(best_weights(arguments.parent))
    arguments.out.mkdir(parents=True, exist_ok=True)
    with joined() as processes:
        log = Log(arguments.out / "log.csv", processes)
        judge = judged_by(data, settings, processes)
        trainer = Trainer(network, data, settings, arguments.out, processes, judge)
        log.say(f"{len(data.train)} pictures, {trainer.total} steps, {asdict(settings)}")
        trainer.run(arguments.resume, log.epoch, log.step)


def gathered(arguments: argparse.Namespace, rule: dict[str, Any]) -> Annotations:
    """All pictures to learn from; photos count several times."""
    folders = [read_annotations(folder) for folder in arguments.rendered]
    photos: list[Annotated] = []
    if arguments.photos is not None:
        found = read_annotations(arguments.photos, "clothing-people")
        every = sorted((*found.train, *found.val), key=lambda one: one.path.name)
        photos = with_parts(every[: rule["first_held"]], arguments.photo_parts) * rule["weight"]
    first = folders[0]
    train = [one for data in folders for one in (*data.train, *data.val)]
    notes = tuple(note for data in folders for note in data.notes)
    return replace(first, train=(*train, *photos), val=(), notes=notes)


def held_back(folder: Path) -> tuple[Annotated, ...]:
    """The pictures that are judged by."""
    held = read_annotations(folder)
    return *held.train, *held.val


def with_parts(photos: list[Annotated], folder: Path | None) -> list[Annotated]:
    """The photos, with their parts where these are known."""
    if folder is None:
        return photos
    found = read_annotations(folder)
    known = {one.path.name: one for one in (*found.train, *found.val)}
    return [known.get(one.path.name, one) for one in photos]


def judged_by(data: Annotations, settings: TrainSettings, processes: Processes) -> Judge:
    """Average precision on the held-back pictures."""
    chosen = replace(data, val=data.val[: settings.judged])

    def judge(network: MaskRcnn) -> tuple[float, float, float]:
        detector = TorchDetector(network, data.classes, settings.side, processes, twice=bool(settings.close))
        found = evaluate(detector, chosen, resamples=0, worst=0)
        boxes, masks = found.boxes, found.masks
        if boxes is None or masks is None:
            return math.nan, math.nan, math.nan
        return boxes.average["AP"].value, masks.average["AP"].value, masks.average["AP50"].value

    return judge


def load_start(network: MaskRcnn, path: Path, recipe: dict[str, Any]) -> None:
    """Begin with the weights of a backbone.

    Raises:
        ModelError: if it is another file than the recipe names.
    """
    found, wanted = hashlib.sha256(path.read_bytes()).hexdigest(), recipe["start"]["sha256"]
    if found != wanted:
        raise ModelError(f"{path} has the SHA-256 {found}, and the recipe begins with {wanted}")
    network.backbone.backbone.load_file(path)  # type: ignore[union-attr, operator]


def best_weights(folder: Path) -> dict[str, torch.Tensor]:
    """The best weights of a stage, whichever it was, or of the model on board."""
    from safetensors.torch import load_file

    for name in (PIXELS_FILE, SHIPPED.name):
        if (folder / name).exists():
            return {
                key: value.float() if value.is_floating_point() else value
                for key, value in load_file(folder / name).items()
            }
    tensors = load_file(folder / "training.safetensors")
    return {name[5:]: value for name, value in tensors.items() if name.startswith("best.")}


class Log:
    """A line every so many steps and every epoch, on the terminal and in a file."""

    def __init__(self, path: Path, processes: Processes, every: int = 25) -> None:
        self._path, self._on, self._every = path, processes.first, every
        self._sums: dict[str, float] = {}
        self._began = time.time()

    def say(self, line: str) -> None:
        if self._on:
            print(line, flush=True)

    def epoch(self, row: EpochCurve) -> None:
        self.say(f"epoch {row.epoch}: {json.dumps({name: round(v, 4) for name, v in asdict(row).items()})}")

    def step(self, step: Step) -> None:
        if not self._on:
            return
        for name, value in step.losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + value / self._every
        if step.done % self._every:
            return
        names = sorted(self._sums)
        if not self._path.exists():
            self._path.write_text(",".join(["step", "seconds", "rate", *names]) + "\n", "utf-8")
        numbers = [step.done, round(time.time() - self._began), f"{step.rate:.3g}"]
        with self._path.open("a", encoding="utf-8") as file:
            file.write(",".join(map(str, [*numbers, *(f"{self._sums[n]:.4f}" for n in names)])) + "\n")
        left = f"{step.left_s / 60:.0f} min left" if math.isfinite(step.left_s) else ""
        said = ", ".join(f"{name} {self._sums[name]:.3f}" for name in names)
        self.say(f"{step.done}/{step.total} {said} {left}")
        self._sums = {}


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m training.parts.train", description=__doc__)
    add_arguments(parser)
    try:
        run(parser.parse_args())
    except SpotterError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


if __name__ == "__main__":
    main()
