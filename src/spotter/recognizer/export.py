"""A trained model as files for phones, browsers and other programs, each checked against the model."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from spotter.errors import ExportError, SpotterError
from spotter.media.writing import scratch_beside
from spotter.recognizer.card import read_card
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.export_formats import FORMATS, files_of
from spotter.recognizer.export_job import Job, Precision, Target, library
from spotter.recognizer.export_pictures import Pictures, pictures_for
from spotter.recognizer.parity import Floats, Parity, check_file
from spotter.recognizer.parity_report import write_parity
from spotter.recognizer.predict import as_input

Progress = Callable[[str, int, int], None]
"""Called with what is being done, and how many of how many files are done."""


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was written and checked.

    Attributes:
        file: its path; of Core ML a package, which is a folder.
        target: its format.
        precision: its numbers'.
        size: bytes, of OpenVINO both files together.
        parity: what came of comparing it with the model.
    """

    file: Path
    target: Target
    precision: Precision
    size: int
    parity: Parity


def export(
    folder: Path,
    target: Target | Literal["all"],
    out: Path,
    *,
    precision: Precision = "f32",
    photos: PhotoSet | None = None,
    progress: Progress | None = None,
) -> list[Exported]:
    """Write a trained model in another format, run what was saved, and compare its answers with the model's.

    The files are called after the model's folder: ``body-parts-f32.onnx``. A file that disagrees with the
    model is not given its name. What came of comparing is written to parity.md and parity.json beside them.

    Args:
        folder: the model's.
        target: the format, or ``"all"``.
        out: the folder that the files go into; it is made if it is not there.
        precision: ``"f32"``; ``"f16"``: half the size; ``"int8"``: a quarter, its ranges taken from photos.
        photos: what it is calibrated and checked with; else the photos that it was trained with if they are
            still there, else made-up patterns.
        progress: is told before each file, and at the end.

    Returns:
        The files, in the order of the formats.

    Raises:
        ExportError: if a file cannot be made, or disagrees; the others are written all the same.
        MissingExtraError: if a library is missing (extra "export").
        ModelError: if the folder holds no model.
        OutputError: if a file cannot be written.

    Example::

        for exported in export(Path("body-parts"), "all", Path("phone"), photos=read_photos(Path("photos"))):
            print(exported.file, exported.parity.difference)
    """
    card = read_card(folder)
    targets: tuple[Target, ...] = tuple(FORMATS) if target == "all" else (target,)
    tell = progress or (lambda what, done, total: None)
    tell("reading pictures", 0, len(targets))
    pictures = pictures_for(card, photos)
    _require_photos(targets, precision, pictures)
    reference = _reference(folder, pictures)
    exported, checked, problems = [], [], []
    for done, one in enumerate(targets):
        job = Job(folder, card, precision, pictures.calibration)
        path = out / f"{job.title}-{precision}{FORMATS[one].suffix}"
        tell(f"writing {path.name}", done, len(targets))
        try:
            parity = _export_one(job, one, path, pictures, reference)
        except ExportError as error:
            problems.append(str(error))
            continue
        checked.append(parity)
        if parity.failures:
            problems.append(f"{path.name} was not written: " + "; ".join(parity.failures))
        else:
            exported.append(Exported(path, one, precision, parity.size, parity))
    write_parity(out, folder, checked)
    tell("done", len(targets), len(targets))
    if problems:
        raise ExportError("\n".join(problems))
    return exported


def _require_photos(targets: tuple[Target, ...], precision: Precision, pictures: Pictures) -> None:
    calibrated = [target for target in targets if FORMATS[target].calibrated]
    if precision == "int8" and calibrated and not pictures.real:
        raise ExportError(
            f"{' and '.join(calibrated)} in int8 takes the ranges of its numbers from real pictures, and the "
            "photos of the training are not there any more; name a folder of photos with --photos"
        )


def _reference(folder: Path, pictures: Pictures) -> Floats:
    """The probabilities of the model's PyTorch layers, (pictures, classes)."""
    torch = library("torch")
    from spotter.recognizer.layers import load_layers

    network = load_layers(folder).eval()
    with torch.no_grad():
        rows = [network(torch.from_numpy(as_input(square[None]))).numpy() for square in pictures.squares]
    return np.concatenate(rows).astype(np.float32)


def _export_one(job: Job, target: Target, path: Path, pictures: Pictures, reference: Floats) -> Parity:
    """Write one file under another name, check it, and give it its name if it agrees."""
    with scratch_beside(path) as made:
        try:
            FORMATS[target].write(job, made)
        except (SpotterError, OSError):
            raise
        except Exception as error:  # converters raise whatever they like
            lines = [line.strip() for line in str(error).splitlines() if line.strip()]
            reason = lines[-1] if lines else type(error).__name__
            raise ExportError(
                f"{job.folder} cannot be converted to {target} in {job.precision}: {reason}"
            ) from error
        parity = check_file(made, target, job.precision, job.card, pictures, reference)
        if not parity.failures:
            for part in files_of(made):
                _replace(part, path.with_name(part.name))
    return parity


def _replace(made: Path, path: Path) -> None:
    """Give a file or folder its name; a folder that has it is put aside first, as it cannot be replaced."""
    if path.is_dir() and not path.is_symlink():
        os.replace(path, made.with_name(f"{path.name}.old"))
    os.replace(made, path)
