"""From annotated pictures to a model's folder: begin, train, judge, and write what came of it."""

from __future__ import annotations

import math
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from spotter.errors import SpotterError, UsageError
from spotter.media.pictures import read_picture
from spotter.models.weights import WEIGHTS_NAME
from spotter.recognizer.curves import write_curves
from spotter.recognizer.pytorch import torch
from spotter.recognizer.training_file import FILE_NAME
from spotter.segmenter.annotation import Annotations
from spotter.segmenter.architecture import architecture
from spotter.segmenter.batches import Batches
from spotter.segmenter.card import DEFAULT_SCORE, SegmenterCard, made_with
from spotter.segmenter.checkpoint import Progress
from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.evaluate import chosen_pictures, evaluate
from spotter.segmenter.judged import Evaluation
from spotter.segmenter.model_folder import save_network
from spotter.segmenter.network import build
from spotter.segmenter.processes import Processes
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.torch_detector import TorchDetector
from spotter.segmenter.train import NOT_JUDGED, Judge, Trainer
from spotter.segmenter.trained import Seen, Silent, Trained, Watch
from spotter.segmenter.weights import start_from, weights_of

_SEEN = 6  # held-back pictures that are shown
_ELSEWHERE = ("network", "side", "judged")  # settings that model.toml has in other places


def train(
    data: Annotations,
    out: Path,
    settings: TrainSettings,
    processes: Processes,
    *,
    weights: Path | None = None,
    resume: bool = False,
    author: str = "",
    licence: str = "",
    watch: Watch | None = None,
) -> Trained | None:
    """Train a network and write the best weights, by AP on the held-back pictures, as a model's folder.

    Args:
        data: annotated pictures; see `spotter.segmenter.dataset.read_annotations`.
        out: the model's folder; it is made, and holds the checkpoint too.
        settings: how. Where ``frozen`` is None it becomes what is usual for the network, or 0 if it begins
            with random weights; where ``close`` is None, what is usual for it if the first class is the
            people and there are others.
        processes: which of how many this is; see `spotter.segmenter.processes.joined`.
        weights: a file of weights, or the folder of a model or of a training, to begin with; random if None.
        resume: go on from the checkpoint in ``out``.
        author, licence: written into the model.
        watch: is told how it goes.

    Returns:
        What came of it; None in all but the first of several processes.

    Raises:
        UsageError: if there is a model or a training in ``out`` and it was not asked to go on, or there is no
            such network.
        ModelError: if the weights do not fit, or there is nothing to go on from.
        TrainingStoppedError: after a signal; the checkpoint is written.
        TrainingError: if the loss is no number any more, or memory is full.
        OutputError: if the folder cannot be written.

    Example::

        with joined() as processes:
            data = read_annotations(Path("coco"))
            train(data, Path("model"), TrainSettings(epochs=3), processes)
    """
    told = watch or Silent()
    settings = _completed(settings, data, weights, processes)
    _require_room(out, resume, processes)
    torch.manual_seed(settings.seed)
    network = build(architecture(settings.network), len(data.classes), settings.frozen)
    began = _begin(network, weights, data.classes)
    told.say(began)
    twice = bool(settings.close)
    detector = TorchDetector(
        network, data.classes, settings.side, processes, precise=settings.precise, twice=twice
    )
    held = _held(data, settings)
    judge = average_precision_on(detector, held, told)
    trainer = Trainer(network, data, settings, out, processes, judge)
    done = trainer.run(resume, told.epoch, lambda step: told.stage("train", step.done, step.total))
    if not processes.first:
        return None
    network.load_state_dict(done.best)
    judged = partial(told.stage, "judge")
    evaluation = evaluate(detector, held, worst=0, progress=judged) if held.val else None
    card = SegmenterCard(
        settings.network,
        data.classes,
        settings.side,
        usual_score(evaluation),
        twice,
        _figures(data, settings, done, evaluation, began),
        author,
        licence,
        made_with("torch", "torchvision"),
    )
    write_curves(out, EpochCurve, done.curve)
    save_network(out, network, card)
    seen = _seen(detector, held, card.score)
    return Trained(out, card, settings, tuple(done.curve), done.best_epoch, data, began, evaluation, seen)


def _completed(
    settings: TrainSettings, data: Annotations, weights: Path | None, processes: Processes
) -> TrainSettings:
    """The settings with numbers for what was left open."""
    frozen = settings.frozen
    if frozen is None:  # random weights must learn
        frozen = architecture(settings.network).frozen if weights is not None else 0
    close = settings.close
    if close is None:
        parts_of_people = data.classes[:1] == ("person",) and len(data.classes) > 1
        close = architecture(settings.network).close if parts_of_people else 0.0
    an_epoch = len(Batches(data.train, data.mirrored, settings, processes.rank, processes.count))
    return replace(settings, frozen=frozen, close=close, warm_up=max(1, min(settings.warm_up, an_epoch)))


def _require_room(out: Path, resume: bool, processes: Processes) -> None:
    """Overwrite nothing that somebody may still want."""
    taken = (out / FILE_NAME).exists() or (out / WEIGHTS_NAME).exists()
    if processes.any(processes.first and taken and not resume):
        raise UsageError(
            f"{out} holds a model or the checkpoint of a training already; go on with --resume, "
            "or give another folder"
        )


def _begin(network: MaskRcnn, weights: Path | None, classes: tuple[str, ...]) -> str:
    """Put the weights to begin with into a network; what was done, in a sentence."""
    if weights is None:
        return "beginning with random weights, which takes many pictures and epochs; see --weights"
    found = weights_of(weights)
    return start_from(network, found, classes).told(found.path)


def _held(data: Annotations, settings: TrainSettings) -> Annotations:
    """The data with those pictures to judge by that are looked at after each epoch."""
    if not data.val:
        return data
    return replace(data, val=chosen_pictures(data, "val", settings.judged, settings.seed))


def average_precision_on(detector: TorchDetector, held: Annotations, watch: Watch | None = None) -> Judge:
    """A judge of the network that a detector has, on all pictures that are held back, if there are any."""
    progress = partial((watch or Silent()).stage, "judge")

    def judge(_network: MaskRcnn) -> tuple[float, float, float]:
        if not held.val:
            return NOT_JUDGED
        found = evaluate(detector, held, resamples=0, worst=0, progress=progress)
        boxes, masks = (one.average if one else {} for one in (found.boxes, found.masks))
        return (
            boxes["AP"].value if boxes else math.nan,
            masks["AP"].value if masks else math.nan,
            masks["AP50"].value if masks else math.nan,
        )

    return judge


def usual_score(evaluation: Evaluation | None) -> float:
    """From which score on finds are shown: where F1 is best on the held-back pictures."""
    if evaluation is None or math.isnan(evaluation.score):
        return DEFAULT_SCORE
    return round(evaluation.score, 2)


def _figures(
    data: Annotations, settings: TrainSettings, done: Progress, evaluation: Evaluation | None, began: str
) -> dict[str, Any]:
    """What model.toml says of the training; what is not known is left out."""
    best = done.curve[done.best_epoch - 1]
    known: dict[str, Any] = _known(
        {
            "pictures": len(data.train),
            "held_back": len(data.val),
            "judged": evaluation.n if evaluation else 0,
            "best_epoch": done.best_epoch,
            "box_ap": round(best.box_ap, 4),
            "mask_ap": round(best.mask_ap, 4),
            "mask_ap50": round(best.mask_ap50, 4),
            "seconds": round(sum(row.seconds for row in done.curve), 1),
            "began": began,
            **{name: value for name, value in asdict(settings).items() if name not in _ELSEWHERE},
            "data": data.source,
        }
    )
    return known


def _known(value: Any) -> Any:
    """Without None and NaN, of which TOML has the one not at all."""
    if isinstance(value, dict):
        return {name: _known(one) for name, one in value.items() if one is not None and one == one}
    return [_known(one) for one in value] if isinstance(value, list | tuple) else value


def _seen(detector: TorchDetector, held: Annotations, score: float) -> tuple[Seen, ...]:
    """Some of the held-back pictures, spread evenly, with what is found; without those that are gone."""
    seen = []
    count = min(_SEEN, len(held.val))
    for place in np.linspace(0, len(held.val) - 1, count).round().astype(int):
        picture = held.val[place]
        try:
            seen.append(Seen(picture, detector.detect(read_picture(picture.path), score)))
        except SpotterError:
            continue
    return tuple(seen)
