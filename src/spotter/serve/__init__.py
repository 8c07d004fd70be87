"""The local server: the page, the REST interface and the WebSockets of the live coach."""

from __future__ import annotations

from importlib.util import find_spec

from spotter.errors import MissingExtraError

_NEEDED = ("fastapi", "uvicorn", "websockets", "segno", "cryptography")

_missing = [name for name in _NEEDED if find_spec(name) is None]
if _missing:
    raise MissingExtraError(
        f"the server needs {' and '.join(_missing)}, which cannot be found here; "
        "install it with: pip install 'spotter-coach[serve]'"
    )
