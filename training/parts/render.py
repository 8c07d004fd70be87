"""Renders pictures into a folder: each whole or not at all, going on where an earlier run stopped."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import MediaNotFoundError, OutputError, SpotterError, UsageError
from spotter.media.writing import write_bytes, write_text
from tools.render.body import Source

from .clothes import LAYERS
from .coco import IMAGES, LABELS, PEOPLE, write_instances
from .photo import compressed, photograph
from .scene import draw_scene
from .stage import Stage
from .tables import SPLITS

RECIPE = "recipe.json"
ASSETS = ("base.obj", "default.mhskel", "default_weights.mhw", "targets")
EVERY = 100  # pictures between two lines
CHUNK = 4  # pictures that a worker takes at once


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a picture depends on beside its number; `size` is its longer side in pixels."""

    split: str
    seed: int
    size: int


@dataclass(frozen=True, slots=True)
class Files:
    """One picture as it is written: JPEG, and its two maps as 8-bit PNG."""

    image: bytes
    labels: bytes
    people: bytes


class Renderer:
    """Makes pictures by their numbers; a picture depends on its recipe and number only."""

    def __init__(self, assets: Path, recipe: Recipe) -> None:
        os.environ.setdefault("LP_NUM_THREADS", "1")  # Mesa's own threads would fight with other workers
        cv2.setNumThreads(1)
        self.source = Source(assets, LAYERS)
        self.stage = Stage(self.source, recipe.size)
        self._recipe = recipe

    def picture(self, number: int) -> Files:
        """The files of one picture."""
        recipe = self._recipe
        rng = np.random.default_rng([recipe.seed, SPLITS.index(recipe.split), number])
        drawn = self.stage.draw(draw_scene(rng, self.source, recipe.split))
        image = compressed(rng, photograph(rng, drawn.image))
        return Files(image, _png(drawn.parts), _png(drawn.people))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("out", type=Path, help="folder; what is there already is kept and not drawn again")
    parser.add_argument("--assets", type=Path, required=True, help="folder with MakeHuman's files")
    parser.add_argument("--count", type=int, default=2000, help="how many pictures (default: 2000)")
    parser.add_argument("--first", type=int, default=0, help="number of the first picture (default: 0)")
    parser.add_argument("--split", choices=SPLITS, default="train", help="whose bodies and scenes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--size", type=int, default=480, help="pixels of the longer side (default: 480)")
    parser.add_argument("--workers", type=int, default=2, help="processes (default: 2)")


def run(arguments: argparse.Namespace) -> None:
    """Render the pictures that are missing, then describe all of the folder as COCO instances."""
    begun, done = time.perf_counter(), 0
    numbers = range(arguments.first, arguments.first + arguments.count)
    recipe = Recipe(arguments.split, arguments.seed, arguments.size)
    for done, _ in enumerate(render(arguments.out, arguments.assets, recipe, numbers, arguments.workers), 1):
        if done % EVERY == 0:
            print(f"{done} pictures, {done / (time.perf_counter() - begun):.1f} a second", flush=True)
    total = write_instances(arguments.out)
    seconds = time.perf_counter() - begun
    print(f"{arguments.out}: {total} pictures, {done} of them new, in {seconds:.0f} s")


def render(
    folder: Path, assets: Path, recipe: Recipe, numbers: Iterable[int], workers: int = 1
) -> Iterator[int]:
    """Write the pictures that are missing, giving each number as it is done.

    Raises:
        MediaNotFoundError: if files of MakeHuman are missing.
        UsageError: if the folder has pictures of another recipe.
        OutputError: if a file could not be written.
        SpotterError: if a worker was killed.
    """
    if missing := [name for name in ASSETS if not (assets / name).exists()]:
        raise MediaNotFoundError(f"no {', '.join(missing)} in {assets}; --assets wants MakeHuman's files")
    _keep(folder, recipe)
    todo = [number for number in numbers if not files_of(folder, number)[0].exists()]
    make = partial(_make, folder, assets, recipe)
    if workers < 2:
        yield from map(make, todo)
        return
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            yield from pool.map(make, todo, chunksize=CHUNK)
    except BrokenProcessPool as error:
        raise SpotterError(
            "a worker was killed, perhaps for want of memory; run the same command again with fewer --workers"
        ) from error


def files_of(folder: Path, number: int) -> tuple[Path, Path, Path]:
    """Where the picture, the labels and the people of a number lie."""
    stem = f"{number:06d}"
    return folder / IMAGES / f"{stem}.jpg", folder / LABELS / f"{stem}.png", folder / PEOPLE / f"{stem}.png"


@cache
def _renderer(assets: Path, recipe: Recipe) -> Renderer:
    """The one of this process, made when the first picture is."""
    return Renderer(assets, recipe)


def _make(folder: Path, assets: Path, recipe: Recipe, number: int) -> int:
    files = _renderer(assets, recipe).picture(number)
    image, labels, people = files_of(folder, number)
    write_bytes(labels, files.labels)
    write_bytes(people, files.people)
    write_bytes(image, files.image)  # last: where the picture is, its maps are
    return number


def _keep(folder: Path, recipe: Recipe) -> None:
    """Write down what the folder's pictures are made by, or see that it is the same."""
    path, mine = folder / RECIPE, asdict(recipe)
    if not path.exists():
        write_text(path, json.dumps(mine) + "\n")
        return
    theirs = json.loads(path.read_text(encoding="utf-8"))
    if theirs != mine:
        raise UsageError(f"{folder} has pictures of {theirs}, not of {mine}; choose another folder")


def _png(numbers: NDArray[np.uint8]) -> bytes:
    done, data = cv2.imencode(".png", numbers, [cv2.IMWRITE_PNG_COMPRESSION, 4])
    if not done:
        raise OutputError("OpenCV could not write a PNG picture")
    return data.tobytes()
