"""``spotter recognizer predict``: what pictures show."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spotter.cli.output import print_json
from spotter.errors import MediaNotFoundError, SpotterError

if TYPE_CHECKING:
    from spotter.recognizer.predict import Prediction


def predict_command(
    model: Annotated[Path, typer.Argument(help="The model's folder.")],
    paths: Annotated[list[Path], typer.Argument(help="Pictures, or folders of them.")],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON list on standard output, and nothing else.")
    ] = False,
) -> None:
    """Say what pictures show.

    A picture that cannot be read is told, and the others go on; the exit code is that of the first failure.
    """
    from spotter.recognizer.predict import Recognizer

    recognizer = Recognizer.load(model)
    found = [one for path in paths for one in _pictures(path)]
    width = max((len(str(path)) for _, path in found), default=0)
    documents: list[dict[str, Any]] = []
    code = 0
    for failure, path in found:
        try:
            if failure is not None:
                raise failure
            prediction = recognizer.predict(path)
        except SpotterError as error:
            code = code or error.exit_code
            documents.append({"path": str(path), "error": str(error)})
            print(f"spotter: {error}", file=sys.stderr)
            continue
        documents.append({"path": str(path), **_document(prediction)})
        if not as_json:
            typer.echo(f"{path!s:{width}}  {_line(prediction)}")
    if as_json:
        print_json(documents)
    raise typer.Exit(code)


def _pictures(path: Path) -> Iterator[tuple[SpotterError | None, Path]]:
    """The picture at a path, or those in a folder and its folders; a failure where there is none."""
    from spotter.media.files import PICTURE_EXTENSIONS, natural_key, require_existing

    try:
        require_existing(path)
    except SpotterError as error:
        yield error, path
        return
    if not path.is_dir():
        yield None, path
        return
    pictures = [
        Path(folder, name)
        for folder, _, names in os.walk(path)
        for name in names
        if Path(name).suffix.lower() in PICTURE_EXTENSIONS and not name.startswith(".")
    ]
    if not pictures:
        yield MediaNotFoundError(f"{path} holds no pictures; give a folder that does, or a picture"), path
    for picture in sorted(pictures, key=lambda one: (str(one.parent), natural_key(one))):
        yield None, picture


def _document(prediction: Prediction) -> dict[str, Any]:
    return {
        "label": prediction.label,
        "labels": list(prediction.labels),
        "confidence": round(prediction.confidence, 6),
        "probabilities": {
            name: round(value, 6)
            for name, value in zip(prediction.classes, prediction.probabilities, strict=True)
        },
    }


def _line(prediction: Prediction) -> str:
    """The answer, then the likeliest classes with their probabilities."""
    likeliest = sorted(
        zip(prediction.probabilities, prediction.classes, strict=True), key=lambda one: (-one[0], one[1])
    )[:3]
    width = max(len(name) for name in (*prediction.classes, "unknown"))
    shares = ", ".join(f"{name} {100 * value:.0f} %" for value, name in likeliest)
    return f"{prediction.label:{width}}  {shares}"
