"""``spotter doctor``: whether everything that an analysis needs is here and works."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable

import typer

from spotter import __version__
from spotter.errors import SpotterError


def doctor_command() -> None:
    """Check this installation: Python, libraries, models, cameras; says what to do about what is wrong."""
    typer.echo(f"Spotter {__version__}, Python {platform.python_version()}, {platform.platform()}")
    checks: list[tuple[str, Callable[[], str]]] = [
        ("libraries", _libraries),
        ("models", _models),
        ("cameras", _cameras),
    ]
    worst = 0
    for name, check in checks:
        try:
            typer.echo(f"{name:10} {check()}")
        except SpotterError as error:
            typer.echo(f"{name:10} {error}", err=True)
            worst = worst or error.exit_code
    sys.exit(worst)


def _libraries() -> str:
    from importlib.metadata import version

    wanted = ("numpy", "scipy", "opencv-python-headless", "av", "openvino")
    return ", ".join(f"{name} {version(name)}" for name in wanted)


def _models() -> str:
    """Loads the models that an analysis uses and looks at an empty picture with them."""
    import numpy as np

    from spotter.body.engine import PoseEngine
    from spotter.media.frame import Frame

    PoseEngine().push(Frame(np.zeros((64, 64, 3), np.uint8), time_s=0.0, index=0))
    return "the pose models are here and run"


def _cameras() -> str:
    from spotter.media.camera import list_cameras

    found = list_cameras()
    return ", ".join(f"{number}: {name}" for number, name in found.items()) or "none found"
