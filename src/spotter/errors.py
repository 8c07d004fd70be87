"""Every error that Spotter raises on purpose, each with the exit code that the command ends with."""

from __future__ import annotations


class SpotterError(Exception):
    """Parent of all errors that Spotter raises on purpose.

    The message says what came, what was wanted and what to do. ``exit_code`` is what the command ends with.

    >>> MediaNotFoundError("no such file: a.mp4").exit_code
    3
    """

    exit_code = 1


class UsageError(SpotterError):
    """An option or argument has a value that it cannot have."""

    exit_code = 2


class MediaNotFoundError(SpotterError):
    """The video, picture, folder or camera is not there, or a folder holds nothing to analyse."""

    exit_code = 3


class MediaUnreadableError(SpotterError):
    """The file is there, but it may not be read: permissions."""

    exit_code = 4


class MediaFormatError(SpotterError):
    """The file is not a video or picture, is empty, is damaged, or has no picture track."""

    exit_code = 5


class NoPersonError(SpotterError):
    """The pictures were read, but no person was found in any of them."""

    exit_code = 6


class ModelError(SpotterError):
    """A model file is missing, damaged or of the wrong kind."""

    exit_code = 7


class ModelChecksumError(ModelError):
    """A model file's SHA-256 is not the one in the registry."""

    exit_code = 8


class ModelDownloadError(ModelError):
    """A model file could not be fetched: no network, offline mode, or a broken transfer."""

    exit_code = 9


class ExerciseError(SpotterError):
    """An exercise's TOML file breaks the schema, or no exercise has that name."""

    exit_code = 10


class OutputError(SpotterError):
    """A result could not be written: full disk, read-only folder, missing permission."""

    exit_code = 11


class DatasetError(SpotterError):
    """Photos that cannot be trained or judged with: an empty class, one class only, labels missing."""

    exit_code = 12


class ExportError(SpotterError):
    """A model could not be converted, or the converted file gives other answers than the model."""

    exit_code = 13


class MissingExtraError(SpotterError):
    """What was asked for needs libraries that an extra of the package brings, and they are not installed."""

    exit_code = 14


class TrainingError(SpotterError):
    """Training cannot go on: the loss is no number, or memory is full. The last checkpoint is kept."""

    exit_code = 15


class HistoryError(SpotterError):
    """The database of sessions cannot be opened, read or written, or is of a newer version."""

    exit_code = 16


class SessionNotFoundError(HistoryError):
    """The history has no session with that id, or several whose ids begin like that."""


class ExchangeError(SpotterError):
    """A file of another program is damaged, or cannot be written in the wanted format."""

    exit_code = 17


class DeviceError(SpotterError):
    """A wearable cannot be found or reached, or sends what it should not."""

    exit_code = 18


class ServeError(SpotterError):
    """The server cannot run, cannot be reached, or refuses what it was asked.

    Attributes:
        code: how the server's interface calls the reason, such as ``"not_found"``; empty if it does not say.
    """

    exit_code = 19

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class TrainingStoppedError(SpotterError):
    """Training was stopped by a signal; its checkpoint is written, and it can go on from there."""

    exit_code = 130


EXIT_INTERRUPTED = 130
"""Exit code after Ctrl-C; what was computed until then has been written."""
