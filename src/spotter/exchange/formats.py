"""The formats that a session can be exported to, each with the function that writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from spotter.errors import UsageError

Writer = Callable[[Any, Path], object]
"""Writes a session, or a person's landmarks, to a path, whole or not at all."""


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        name: as the user gives it.
        module: of the writer, in ``spotter.exchange``; imported when it is first wanted.
        function: the writer's name there.
        about: what it is, in a few words.
        of_landmarks: whether it is made of a person's landmarks where those are kept, one file a person.
    """

    name: str
    module: str
    function: str
    about: str
    of_landmarks: bool = False

    @property
    def suffix(self) -> str:
        """Of its files, with the dot."""
        return f".{self.name}"

    def writer(self) -> Writer:
        """The function that writes it.

        Raises:
            MissingExtraError: its libraries are not installed.
        """
        found: Writer = getattr(import_module(f"spotter.exchange.{self.module}"), self.function)
        return found


FORMATS = {
    one.name: one
    for one in (
        Format("fit", "fit", "write_fit", "strength-training activity of Garmin and many others"),
        Format("tcx", "tcx", "write_tcx", "activity with a lap a set"),
        Format("json", "session_json", "write_session", "everything, to be read again"),
        Format("csv", "session_csv", "write_csv", "a row a repetition"),
        Format("parquet", "tables", "write_parquet", "columns for data science"),
        Format("trc", "trc", "write_trc", "markers for OpenSim", of_landmarks=True),
        Format("mot", "mot", "write_mot", "joint angles for OpenSim", of_landmarks=True),
        Format("c3d", "c3d", "write_c3d", "markers for motion capture", of_landmarks=True),
    )
}
"""By name."""


def find_format(name: str) -> Format:
    """A format by its name.

    Raises:
        UsageError: there is none of that name.

    >>> find_format("fit").suffix
    '.fit'
    >>> find_format("gpx")
    Traceback (most recent call last):
    ...
    spotter.errors.UsageError: --to is 'gpx'; allowed are fit, tcx, json, csv, parquet, trc, mot, c3d
    """
    if name not in FORMATS:
        raise UsageError(f"--to is {name!r}; allowed are {', '.join(FORMATS)}")
    return FORMATS[name]
