"""What a user sets once for all commands, in one TOML file."""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from spotter.errors import UsageError

DropFormat = Literal["fit", "tcx"]

DROP_FORMATS: tuple[DropFormat, ...] = ("fit", "tcx")
"""What a finished session's file may be."""

_FILE = "settings.toml"
_LEAST_CM, _MOST_CM = 50, 260


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings; what is not set is as it is here.

    Attributes:
        person: the name of who trains here; height and drop folder are this person's.
        height_cm: that person's height, 50 to 260.
        keep: whether sessions are added to the history.
        database: a SQLite file or the address of a PostgreSQL database; the user's own one if None.
        drop: a folder that gets a file of each finished session.
        drop_format: the kind of that file.
        heart_rate: address of the strap that is worn.
    """

    person: str = "me"
    height_cm: float | None = None
    keep: bool = True
    database: str | None = None
    drop: Path | None = None
    drop_format: DropFormat = "fit"
    heart_rate: str | None = None


@dataclass(frozen=True, slots=True)
class _Setting:
    """How a setting is written: what is allowed in words, how it is read from TOML and from a command line.

    ``read`` raises ValueError for what is not allowed; ``typed`` gives what it cannot make out as it is.
    """

    allowed: str
    read: Callable[[Any], Any]
    typed: Callable[[str], Any] = str


def _refused() -> ValueError:
    return ValueError("not allowed")


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _refused()
    return value


def _height(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not _LEAST_CM <= value <= _MOST_CM:
        raise _refused()
    return float(value)


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _refused()
    return value


def _folder(value: Any) -> Path:
    try:
        path = Path(_text(value)).expanduser()
    except RuntimeError as error:  # ~nobody
        raise _refused() from error
    if not path.is_absolute():
        raise _refused()
    return path


def _database(value: Any) -> str:
    text = _text(value)
    return text if "://" in text else str(_folder(text))


def _format(value: Any) -> DropFormat:
    for known in DROP_FORMATS:
        if value == known:
            return known
    raise _refused()


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _truth(text: str) -> Any:
    return {"true": True, "false": False}.get(text, text)


def _place(text: str) -> str:
    """A path from here as one from everywhere."""
    return text if not text or "://" in text or text.startswith("~") else str(Path(text).absolute())


_SETTINGS: Mapping[str, _Setting] = {
    "person": _Setting("a name", _text),
    "height_cm": _Setting(f"a number from {_LEAST_CM} to {_MOST_CM}", _height, _number),
    "keep": _Setting("true or false", _switch, _truth),
    "database": _Setting(
        "a SQLite file's whole path, or postgresql+psycopg://USER@HOST/NAME", _database, _place
    ),
    "drop": _Setting("a folder's whole path, or one that begins with ~", _folder, _place),
    "drop_format": _Setting(" or ".join(DROP_FORMATS), _format),
    "heart_rate": _Setting("the address of a strap", _text),
}


def settings_file() -> Path:
    """Where they are kept; the file may not exist yet.

    ``SPOTTER_CONFIG`` if it is set. Otherwise ``settings.toml`` in ``SPOTTER_HOME`` or where the system wants
    it: ``$XDG_CONFIG_HOME/spotter`` or ``~/.config/spotter``, ``~/Library/Application Support/Spotter`` or
    ``%APPDATA%\\Spotter``.
    """
    if named := os.environ.get("SPOTTER_CONFIG"):
        return Path(named).expanduser()
    if home := os.environ.get("SPOTTER_HOME"):
        return Path(home).expanduser() / _FILE
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming") / "Spotter" / _FILE
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "Spotter" / _FILE
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "spotter" / _FILE


def allowed_values() -> Mapping[str, str]:
    """Every setting with what it may be, in words.

    >>> allowed_values()["drop_format"]
    'fit or tcx'
    """
    return {name: setting.allowed for name, setting in _SETTINGS.items()}


def load_settings(path: Path | None = None) -> Settings:
    """Read the settings; without a file all are as `Settings` has them.

    Args:
        path: the file; the user's own if None.

    Raises:
        UsageError: the file cannot be read, is no TOML, or has a setting that there is not or that may not be
            so.

    >>> load_settings(Path("no-such-file.toml")).keep
    True
    """
    return Settings(**given_settings(path))


def given_settings(path: Path | None = None) -> dict[str, Any]:
    """The settings that a file has, as fields of `Settings`; see `load_settings`."""
    path = path or settings_file()
    return {name: _checked(path, name, value) for name, value in _table(path, _content(path)).items()}


def change_setting(name: str, text: str, path: Path | None = None) -> Any:
    """Set one setting, and leave all else in the file as it is, comments too.

    Args:
        name: of the setting.
        text: what it is to be, as a user types it; paths may be from here.
        path: the file; the user's own if None. It is made if it is not there.

    Returns:
        What it is now, as in `Settings`.

    Raises:
        UsageError: there is no such setting, it may not be so, or the file is no TOML.
        OutputError: it cannot be written; it stays as it was then.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "settings.toml")
    ...     change_setting("height_cm", "183", file)
    183.0
    """
    path = path or settings_file()
    value = _SETTINGS[name].typed(text) if name in _SETTINGS else text
    checked = _checked(path, name, value)
    with _changed(path) as document:
        document[name] = value
    return checked


def remove_setting(name: str, path: Path | None = None) -> bool:
    """Take a setting out of the file, so that it is as usual again; also one that there is not.

    Returns:
        Whether it was there.

    Raises:
        UsageError: it is not there and there is no such setting, or the file is no TOML.
        OutputError: it cannot be written; it stays as it was then.
    """
    path = path or settings_file()
    there = name in _table(path, _content(path))
    if not there and name not in _SETTINGS:
        raise _unknown(path, name)
    if there:
        with _changed(path) as document:
            del document[name]
    return there


def without_password(text: str) -> str:
    """The address of a database as it may be shown.

    >>> without_password("postgresql+psycopg://ada:secret@home/spotter")
    'postgresql+psycopg://ada:***@home/spotter'
    """
    scheme, mark, rest = text.partition("://")
    user, at, place = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    return f"{scheme}{mark}{name}{':***' if colon else ''}{at}{place}"


def _checked(path: Path, name: str, value: Any) -> Any:
    if name not in _SETTINGS:
        raise _unknown(path, name)
    setting = _SETTINGS[name]
    try:
        return setting.read(value)
    except ValueError as error:
        shown = without_password(value) if isinstance(value, str) else value
        raise UsageError(f"{path}: {name} is {shown!r}; allowed is {setting.allowed}") from error


def _unknown(path: Path, name: str) -> UsageError:
    return UsageError(f"{path}: there is no setting {name!r}; there are {', '.join(_SETTINGS)}")


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UsageError(
            f"{path}, the file of settings, cannot be read ({reason}); mend it or delete it"
        ) from error


def _table(path: Path, content: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content)
    except ValueError as error:
        raise UsageError(
            f"{path}, the file of settings, is no TOML ({error}); mend it or delete it"
        ) from error


@contextmanager
def _changed(path: Path) -> Iterator[Any]:
    """The file's content, to be changed, then written; only the user may read it: it may hold a password."""
    import tomlkit

    from spotter.media.writing import write_text

    content = _content(path)
    _table(path, content)
    document = tomlkit.parse(content)
    yield document
    before = os.umask(0o077)
    try:
        write_text(path.resolve(), tomlkit.dumps(document))
    finally:
        os.umask(before)
