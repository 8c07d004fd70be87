"""Writes a model as a plain OpenVINO file, and runs such a file."""

from __future__ import annotations

from pathlib import Path

from spotter.models.ir import open_ir, quantised, save_ir
from spotter.models.weights import NETWORK_NAME, read_network
from spotter.recognizer.export_job import Job, Run, facts, one_by_one
from spotter.recognizer.predict import as_input
from spotter.recognizer.quiet import quiet


def write_openvino(job: Job, path: Path) -> None:
    """Write the model as OpenVINO's ``.xml`` with its ``.bin``; any number of pictures goes in at once.

    f16: weights in half precision. int8: weights and activations, by NNCF.

    Raises:
        MissingExtraError: if int8 is wanted and NNCF is missing.
    """
    with quiet():
        model = read_network(job.folder / NETWORK_NAME)
        model.reshape([-1, 3, job.card.side, job.card.side])
        if job.precision == "int8":
            model = quantised(model, [as_input(square[None]) for square in job.calibration])
        save_ir(model, path, facts(job.card), half=job.precision == "f16")


def open_openvino(path: Path) -> Run:
    """The file in OpenVINO, on one thread of the CPU."""
    with quiet():
        return one_by_one(open_ir(path))
