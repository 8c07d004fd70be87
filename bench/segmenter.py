"""Pictures a second of the part model on board, beside eager PyTorch's Mask R-CNN with ResNet-50-FPN v2."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.machine import load
from bench.material import Material, Skipped
from bench.table import Cell, Table
from spotter.errors import MissingExtraError, ModelError
from spotter.media.frame import Frame
from spotter.media.reader import open_media
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import NETWORK_FILE, SegmenterCard, write_card
from spotter.segmenter.compose import composed, least_score
from spotter.segmenter.placement import fitted
from spotter.segmenter.predict import Segmenter
from spotter.segmenter.tracked import PersonTracker

_SIZE = (1280, 720)
_EAGER_SIZE = (683, 512)  # width and height
_FRAMES, _QUICK_FRAMES, _EAGER_FRAMES = 48, 6, 3
_RUNS, _QUICK_RUNS = 5, 1
_WANTED, _WANTED_RATIO = 6.0, 5.0
_THREADS = os.cpu_count() or 1

_OURS = "Spotter: the part model, boxes and masks"
_MAPS = "Spotter: the part model, part map"
_RANDOM = "Spotter: the same network, random weights"
_EAGER = "PyTorch: the same network, random weights"
_RESNET = f"PyTorch: ResNet-50-FPN v2 at {_EAGER_SIZE[1]}x{_EAGER_SIZE[0]}"

Way = Callable[[NDArray[np.uint8]], Any]


def run(material: Material, quick: bool) -> list[Table]:
    """Pictures a second of each way, in turn, and where the milliseconds go."""
    busy = load()
    frames = _frames(material, _QUICK_FRAMES if quick else _FRAMES)
    runs = _QUICK_RUNS if quick else _RUNS
    try:
        segmenter = Segmenter.open(threads=_THREADS)
        eager, of_random = _eager(segmenter.card.side)
    except (ModelError, MissingExtraError) as error:
        raise Skipped(str(error)) from error
    ways: dict[str, Way] = {_OURS: segmenter.detect, _MAPS: segmenter.part_map, _RANDOM: of_random, **eager}
    spent = dict.fromkeys(ways, np.inf)
    for _ in range(runs):
        for name, way in ways.items():
            images = frames[:_EAGER_FRAMES] if name in eager else frames
            spent[name] = min(spent[name], _seconds(way, images))
    rows: list[tuple[Cell, ...]] = [
        (name, 1 / seconds, 1000 * seconds, spent[_RESNET] / seconds) for name, seconds in spent.items()
    ]
    reached = 1 / spent[_OURS] >= _WANTED and spent[_RESNET] / spent[_OURS] >= _WANTED_RATIO
    looks = "twice" if segmenter.card.twice else "once"
    found = np.mean([len(segmenter.detect(image)) for image in frames])
    return [
        Table(
            name="segmenter-speed",
            title=f"Instance segmentation: pictures a second on {_THREADS} cores",
            columns=("way", "pictures a second", "ms", "times ResNet-50"),
            rows=tuple(rows),
            notes=(
                f"{material.example.name} at {_SIZE[0]}x{_SIZE[1]}; best median of {runs} runs in turn",
                f"the part model works at {segmenter.card.side} pixels, looks {looks}, and finds "
                f"{found:.0f} things a frame here; with random weights it looks once and finds "
                f"{len(of_random(frames[0]))}, in both ways the same",
                "ResNet-50 has random weights and finds nothing, which spares it the masks",
                f"wanted of boxes and masks: {_WANTED:g} pictures a second, and {_WANTED_RATIO:g} times "
                f"ResNet-50; reached: {'yes' if reached else 'no'}",
                busy,
            ),
        ),
        _stages(segmenter, frames),
    ]


def _frames(material: Material, count: int) -> list[NDArray[np.uint8]]:
    with open_media(material.example_clip()) as source:
        return [
            np.asarray(cv2.resize(frame.image, _SIZE, interpolation=cv2.INTER_AREA), np.uint8)
            for frame in islice(source, count)
        ]


def _eager(side: int) -> tuple[dict[str, Way], Way]:
    """Plain PyTorch with random weights: our network, and torchvision's large one. And ours in OpenVINO.

    Ours looks once here.
    """
    from spotter.segmenter.export_onnx import write_onnx
    from spotter.segmenter.network import build
    from spotter.segmenter.torchvision_ops import import_detection

    detection = import_detection()
    import torch

    torch.set_num_threads(_THREADS)
    torch.manual_seed(0)
    width, height = _EAGER_SIZE
    large = detection.maskrcnn_resnet50_fpn_v2(
        weights=None, weights_backbone=None, min_size=height, max_size=width
    ).eval()
    kind = architecture("parts")
    small = build(kind, len(CLASSES)).eval()

    def resnet(image: NDArray[np.uint8]) -> Any:
        fit = torch.from_numpy(cv2.resize(image, _EAGER_SIZE)).permute(2, 0, 1)
        with torch.no_grad():
            return large([fit.float() / 255])

    def same(image: NDArray[np.uint8]) -> Any:
        square = torch.from_numpy(fitted(image, side)[0]).permute(2, 0, 1)[None]
        with torch.no_grad():
            return small(square.float())

    with tempfile.TemporaryDirectory() as scratch:
        card = SegmenterCard(kind.name, CLASSES, side, score=small.roi_heads.score_thresh)
        write_card(Path(scratch), card)
        write_onnx(small, card, "f32", Path(scratch, NETWORK_FILE))
        of_random = Segmenter.open(scratch, threads=_THREADS).detect
    return {_EAGER: same, _RESNET: resnet}, of_random


def _stages(segmenter: Segmenter, frames: list[NDArray[np.uint8]]) -> Table:
    """The middle milliseconds of each step from a picture to a part map with numbers that stay."""
    card, tracker = segmenter.card, PersonTracker()
    spent: dict[str, list[float]] = {}

    def timed(stage: str, step: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        made = step()
        spent.setdefault(stage, []).append(time.perf_counter() - began)
        return made

    for number, image in enumerate(frames):
        found = timed("network", lambda image=image: segmenter.detect(image, least_score(card.score)))
        made = timed("part map", lambda i=image, f=found: composed(f, card.classes, i, card.score))
        frame = Frame(image, number / 25, number)
        timed("tracking", lambda made=made, frame=frame: tracker.push(made, frame))
    ms = {stage: 1000 * float(np.median(times)) for stage, times in spent.items()}
    rows: list[tuple[Cell, ...]] = [(stage, value) for stage, value in ms.items()]
    rows.append(("whole", sum(ms.values())))
    return Table(
        name="segmenter-stages",
        title="Where the milliseconds from a picture to a part map go",
        columns=("stage", "ms a frame"),
        rows=tuple(rows),
        notes=("the middle of all frames; see the table of pictures a second",),
    )


def _seconds(way: Way, images: list[NDArray[np.uint8]]) -> float:
    """The middle time for a picture, after one to warm up."""
    way(images[0])
    times = []
    for image in images:
        began = time.perf_counter()
        way(image)
        times.append(time.perf_counter() - began)
    return float(np.median(times))
