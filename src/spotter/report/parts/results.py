"""The folder that ``spotter segment`` leaves behind, filled picture by picture and frame by frame."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import cv2

from spotter.body.part_map import PartMap
from spotter.errors import MediaFormatError, OutputError
from spotter.media.frame import MediaInfo
from spotter.media.label_png import label_png
from spotter.media.writer import VideoWriter
from spotter.media.writing import write_bytes
from spotter.report.drawing import Image
from spotter.report.parts.areas import AreasCsv
from spotter.report.parts.background import Background, cut_out, with_background
from spotter.report.parts.coco import CocoFile
from spotter.report.parts.film import Film
from spotter.report.parts.legend import draw_legend
from spotter.report.parts.overlay import draw_parts

SEGMENTS, AREAS = "segments.json", "areas.csv"

_QUALITY = 92
_LONGEST_JPEG = 65_500  # pixels a side


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be written beside maps, overlays, `SEGMENTS` and `AREAS`.

    Attributes:
        background: also the people before this background; None for no such file.
        maps_every: of videos the label map of every so many frames; 0 for none.
        legend: whether overlays say which colour is which part.
    """

    background: Background | None = None
    maps_every: int = 0
    legend: bool = False

    def names(self, stem: str, is_picture: bool) -> tuple[str, ...]:
        """The files that are made of a picture or a video, but for single maps of a video's frames.

        >>> Wanted().names("ada", is_picture=True)
        ('ada_parts.png', 'ada_people.png', 'ada_overlay.jpg')
        """
        if not is_picture:
            return f"{stem}_parts.mp4", *((f"{stem}_cutout.mp4",) if self.background else ())
        removed = self.background is not None and self.background.kind == "remove"
        cutout = (f"{stem}_cutout.{'png' if removed else 'jpg'}",) if self.background else ()
        return f"{stem}_parts.png", f"{stem}_people.png", f"{stem}_overlay.jpg", *cutout


class PartResults:
    """Writes the results of a run over pictures and videos; a context manager.

    Every file is there whole or not at all. `SEGMENTS` and `AREAS` get their names at the end, with
    everything that was done until then, even after an error; where nothing was done there are none.

    Args:
        out: the folder; made if it is not there.
        wanted: what is to be written.
        about: what `SEGMENTS` says of the run, such as the engine.

    Attributes:
        out, wanted: as given.
        coco, areas: what grows with every picture and frame.

    Raises:
        OutputError: something cannot be written: a full disk, a folder that may not be written to.
    """

    def __init__(self, out: Path, wanted: Wanted, about: dict[str, Any]) -> None:
        self.out, self.wanted = out, wanted
        self._is_new = not out.exists()
        self._done = 0
        self._is_open = True
        self.areas = AreasCsv(out / AREAS, ("file", "time_s"))
        try:
            made_with = {"version": f"Spotter {version('spotter-coach')}"}
            self.coco = CocoFile(out / SEGMENTS, made_with | about)
        except BaseException:
            self.areas.file.discard()
            raise

    def picture(self, path: Path, stem: str, image: Image, part_map: PartMap) -> list[Path]:
        """Write everything of a picture; the files, `SEGMENTS` and `AREAS` left out.

        Args:
            path: of the picture.
            stem: what the files' names begin with.
            image: RGB.
            part_map: what was found in it.

        Raises:
            OutputError: see the class.
            MediaFormatError: if the picture is longer than a JPEG can be.
        """
        if max(image.shape) > _LONGEST_JPEG:
            raise MediaFormatError(
                f"{path} is {image.shape[1]} by {image.shape[0]} pixels, and its overlay would be a JPEG, "
                f"which has at most {_LONGEST_JPEG} a side; cut it into pieces"
            )
        names = self.wanted.names(stem, is_picture=True)
        files = [self.out / name for name in names]
        write_bytes(files[0], label_png(part_map.labels))
        write_bytes(files[1], label_png(part_map.people))
        write_bytes(files[2], _encoded(self.overlay(image, part_map), ".jpg"))
        if self.wanted.background is not None:
            write_bytes(files[3], _encoded(_cutout(image, part_map, self.wanted.background), files[3].suffix))
        self.coco.add({"file_name": path.name, "part_map": names[0], "people_map": names[1]}, part_map)
        self.areas.add((path.name, ""), part_map)
        self._done += 1
        return files

    @contextmanager
    def film(self, path: Path, stem: str, info: MediaInfo) -> Generator[Film, None, None]:
        """Write what is made of a video; after an error nothing of it is left.

        Args:
            path: of the video.
            stem: what the files' names begin with.
            info: size and frames a second.

        Raises:
            OutputError: see the class.
        """
        film = Film(self, path.name, self.out / f"{stem}_parts" if self.wanted.maps_every else None)
        mark, size = self.coco.mark, self.areas.file.size
        try:
            with ExitStack() as stack:
                for name in self.wanted.names(stem, is_picture=False):
                    film.files.append(self.out / name)
                    writer = VideoWriter(film.files[-1], info.width, info.height, info.fps)
                    film.writers.append(stack.enter_context(writer))
                yield film
        except BaseException:
            self.coco.cut(mark)
            self.areas.file.cut(size)
            film.remove_maps()
            raise
        self._done += 1

    def close(self) -> list[Path]:
        """Finish `SEGMENTS` and `AREAS`; closing twice does no harm.

        Returns:
            These files; none where nothing was done.

        Raises:
            OutputError: see the class.
        """
        files = [self.out / SEGMENTS, self.out / AREAS] if self._done else []
        try:
            if files and self._is_open:
                self.coco.close()
                self.areas.file.close()
        finally:
            self._give_up()
        return files

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OutputError) if error is not None else ExitStack():
            self.close()

    def _give_up(self) -> None:
        self._is_open = False
        self.coco.discard()
        self.areas.file.discard()
        if self._is_new and not self._done:
            with suppress(OSError):
                self.out.rmdir()  # only if nothing was kept in it

    def overlay(self, image: Image, part_map: PartMap) -> Image:
        """A copy of a picture with its parts drawn on it."""
        drawn = image.copy()
        draw_parts(drawn, part_map)
        if self.wanted.legend:
            draw_legend(drawn)
        return drawn


def _cutout(image: Image, part_map: PartMap, background: Background) -> Image:
    """The people before a background; as RGBA where it is removed."""
    removed = background.kind == "remove"
    return cut_out(image, part_map) if removed else with_background(image, part_map, background)


def _encoded(image: Image, suffix: str) -> bytes:
    """A picture, RGB or RGBA, as a file."""
    order = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    options = [cv2.IMWRITE_JPEG_QUALITY, _QUALITY] if suffix == ".jpg" else []
    _, data = cv2.imencode(suffix, cv2.cvtColor(image, order), options)
    return data.tobytes()
