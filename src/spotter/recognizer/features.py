"""What a frozen network sees in pictures: computed once, and kept so that a stopped run goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.media.writing import output_error, write_text
from spotter.models.folders import data_folder
from spotter.models.session import Session
from spotter.recognizer.predict import as_input

_BATCH = 32
_MOST_BYTES = 2_000_000_000  # kept of all trainings together; the oldest go first

Squares = Callable[[int, int], NDArray[np.uint8]]


class FeatureStore:
    """Features of pictures in the user's data folder, by what they depend on.

    Args:
        folder: where they are kept; the user's data folder if None.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder if folder is not None else data_folder() / "features"

    def compute(
        self,
        network: Path,
        squares: Squares,
        count: int,
        key: Sequence[object],
        progress: Callable[[int, int], None] | None = None,
    ) -> NDArray[np.float32]:
        """Features of ``count`` pictures; those of an earlier run with the same key are not computed again.

        Args:
            network: network.xml of pixels to features.
            squares: gives the pictures from one number to another, uint8 (n, side, side, 3).
            count: of pictures.
            key: everything that the features depend on: the photos, augmentation, seed, backbone.
            progress: is told how many of how many are done.

        Returns:
            An array (count, features).

        Raises:
            OutputError: if the data folder is full; what is there is kept.
        """
        session = Session(network, precision="f32")
        width = session.run(as_input(squares(0, 1)))[0].shape[1]
        name = hashlib.sha256(json.dumps([*key, count, width], default=str).encode()).hexdigest()[:24]
        path, mark = self._folder / f"{name}.f32", self._folder / f"{name}.done"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            done = int(mark.read_text()) if mark.is_file() and path.is_file() else 0
            table = np.memmap(path, np.float32, "r+" if done else "w+", shape=(count, width))
            while done < count:
                end = min(done + _BATCH, count)
                table[done:end] = session.run(as_input(squares(done, end)))[0]
                done = end
                table.flush()
                write_text(mark, str(done))
                if progress is not None:
                    progress(done, count)
            self._prune(path)
        except OSError as error:
            raise output_error(path, error) from error
        return np.array(table)

    def _prune(self, newest: Path) -> None:
        """Delete the oldest features beyond the limit, but not the ones just made."""
        os.utime(newest)
        files = sorted(self._folder.glob("*.f32"), key=lambda file: file.stat().st_mtime, reverse=True)
        total = 0
        for file in files:
            total += file.stat().st_size
            if total > _MOST_BYTES and file != newest:
                file.unlink(missing_ok=True)
                file.with_suffix(".done").unlink(missing_ok=True)
