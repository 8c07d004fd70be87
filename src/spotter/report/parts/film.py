"""Writes what is made of one video, frame by frame."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from spotter.body.part_map import PartMap
from spotter.media.frame import Frame
from spotter.media.label_png import label_png
from spotter.media.writer import VideoWriter
from spotter.media.writing import output_error, write_bytes
from spotter.report.parts.background import with_background

if TYPE_CHECKING:
    from spotter.report.parts.results import PartResults


class Film:
    """Takes the frames of one video in order; `PartResults.film` makes it.

    Attributes:
        files: the videos that are written: the overlay, and the people before another background.
        writers: of these files.
    """

    def __init__(self, results: PartResults, name: str, maps: Path | None) -> None:
        self.files: list[Path] = []
        self.writers: list[VideoWriter] = []
        self._results, self._name, self._maps = results, name, maps
        self.remove_maps()  # those of a run before

    def add(self, frame: Frame, part_map: PartMap) -> None:
        """Write a frame.

        Raises:
            OutputError: if the disk is full or fails.
        """
        image, results = frame.image, self._results
        about = {"file_name": self._name, "frame": frame.index, "time_s": round(frame.time_s, 4)}
        if self._maps is not None and frame.index % results.wanted.maps_every == 0:
            path = self._maps / f"{frame.index:06d}.png"
            write_bytes(path, label_png(part_map.labels))
            about["part_map"] = path.relative_to(results.out).as_posix()
        results.coco.add(about, part_map)
        results.areas.add((self._name, f"{frame.time_s:.4f}"), part_map)
        self.writers[0].write(results.overlay(image, part_map), frame.time_s)
        if results.wanted.background is not None:
            self.writers[1].write(with_background(image, part_map, results.wanted.background), frame.time_s)

    def remove_maps(self) -> None:
        """Delete the maps of single frames.

        Raises:
            OutputError: if they may not be deleted.
        """
        if self._maps is None or not self._maps.is_dir():
            return
        try:
            for path in self._maps.glob("[0-9]*.png"):
                if path.stem.isdigit():
                    path.unlink()
        except OSError as error:
            raise output_error(self._maps, error) from error
        with suppress(OSError):
            self._maps.rmdir()  # only if nothing else is in it
