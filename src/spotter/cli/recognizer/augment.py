"""``spotter recognizer augment``: copies of photos written out, and a sheet that shows how they differ."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from spotter.cli.output import print_json

if TYPE_CHECKING:
    from spotter.recognizer.dataset import PhotoSet

SHEET_NAME = "augmentation.png"


def augment_command(
    photos: Annotated[Path, typer.Argument(help="A folder with a folder of photos a class, or a table.")],
    out: Annotated[Path, typer.Option(help="Folder for the copies.")] = Path("augmented"),
    times: Annotated[int, typer.Option(help="Pictures made of each photo, the photo itself included.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same copies.")] = 0,
    side: Annotated[int, typer.Option(help="Side of the square pictures, in pixels.")] = 224,
    sheet: Annotated[
        bool, typer.Option("--sheet", help=f"Write only {SHEET_NAME}, which shows what would be done.")
    ] = False,
    group: Annotated[
        str | None, typer.Option(help="Who is in a photo: a pattern of file names, or a column.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document on standard output, and nothing else.")
    ] = False,
) -> None:
    """Write augmented copies of photos, for other programs or to look at.

    Training does the same on the fly: it needs nothing from here. Photos marked for validation are copied as
    they are.
    """
    from spotter.recognizer.layouts import read_photos

    found = read_photos(photos, group=group)
    document: dict[str, object] = {"sheet": str(_write_sheet(found, out, seed, as_json))}
    if not sheet:
        document |= _write_copies(found, out, times, seed, side, as_json)
    if as_json:
        print_json(document)


def _write_sheet(photos: PhotoSet, out: Path, seed: int, quiet: bool) -> Path:
    import cv2

    from spotter.media.writing import write_bytes
    from spotter.recognizer.augment_sheet import augmentation_sheet

    path = out / SHEET_NAME
    picture = augmentation_sheet(photos, seed=seed)
    write_bytes(path, cv2.imencode(".png", picture[..., ::-1])[1].tobytes())
    if not quiet:
        print(f"what is done to photos: {path}", file=sys.stderr)
    return path


def _write_copies(
    photos: PhotoSet, out: Path, times: int, seed: int, side: int, quiet: bool
) -> dict[str, object]:
    from spotter.recognizer.augment_files import write_augmented
    from spotter.report.terminal import error_console, progress

    console = error_console(quiet)
    with progress(console, "photos", len(photos)) as meter:
        written = write_augmented(
            photos, out, times, seed, side, progress=lambda _done, _total: meter.advance()
        )
    for one in written.left_out:
        console.print(f"left out: {one.why}", markup=False)
    console.print(f"{written.pictures} pictures of {written.photos} photos: {out}", markup=False)
    return {
        "out": str(out),
        "photos": written.photos,
        "pictures": written.pictures,
        "left_out": [{"file": str(one.path), "why": one.why} for one in written.left_out],
    }
