"""What a command prints on standard output for other programs."""

from __future__ import annotations

import sys


def print_json(document: object, *, allow_nan: bool = True) -> None:
    """Print one JSON document, indented, with letters of all languages as they are where that can be said.

    Args:
        document: what ``json`` can write.
        allow_nan: whether NaN may be written, which not every program can read; else it is a ValueError.

    >>> print_json({"file": "Übung.mp4"})
    {
     "file": "Übung.mp4"
    }
    """
    import json

    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=allow_nan)
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except UnicodeEncodeError:  # half characters of a file's name, or a terminal that knows few letters
        text = json.dumps(document, indent=1, allow_nan=allow_nan)
    print(text)
