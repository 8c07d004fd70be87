"""A QR code as text for a terminal, dark on light whatever the terminal's own colours are."""

from __future__ import annotations

import segno
from rich.console import Console
from rich.style import Style
from rich.text import Text

QUIET_ZONE = 4
"""Light modules around the code, without which it is not found (ISO/IEC 18004)."""

_CELLS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_INK = Style(color="#000000", bgcolor="#ffffff")


def qr_text(content: str) -> Text:
    """The code in half blocks, two modules one over the other in a character.

    Args:
        content: what the code says, such as an address.
    """
    modules = [[bool(dark) for dark in row] for row in segno.make_qr(content, error="l").matrix]
    wide = len(modules) + 2 * QUIET_ZONE
    light = [[False] * wide] * QUIET_ZONE
    sides = [False] * QUIET_ZONE
    rows = [*light, *([*sides, *row, *sides] for row in modules), *light]
    if len(rows) % 2:
        rows.append([False] * wide)
    lines = [
        "".join(_CELLS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]
    return Text("\n").join(Text(line, _INK) for line in lines)


def can_show(console: Console, code: Text) -> bool:
    """Whether a terminal is wide enough for a code, has colours, and has the half blocks in its encoding."""
    if console.color_system is None or console.width < len(code.plain.partition("\n")[0]):
        return False
    try:
        "".join(_CELLS.values()).encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
