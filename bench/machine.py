"""Names the machine that a figure was measured on."""

from __future__ import annotations

import os
import platform
from functools import cache
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")
_MEMINFO = Path("/proc/meminfo")
_UNITS = ("amx_bf16", "avx512_bf16", "avx512f", "avx2", "asimd")
"""What decides how fast networks run on a CPU, the fastest first, as Linux calls it."""


@cache
def machine() -> str:
    """The CPU with its best arithmetic unit, its cores, the memory, and Python, in one line."""
    facts = _facts()
    name = facts.get("model name") or platform.processor() or platform.machine()
    if "cpu family" in facts and not any(character.isdigit() for character in name):
        name += f" (family {facts['cpu family']}, model {facts.get('model', '?')})"
    flags = (facts.get("flags") or facts.get("Features") or "").split()
    unit = next((f" with {unit}" for unit in _UNITS if unit in flags), "")
    system = f"{platform.system()}, Python {platform.python_version()}"
    return f"{name}{unit}, {os.cpu_count()} cores{_memory()}, {system}"


def load() -> str:
    """How busy the machine was in the last minute, which spoils timings above 1 or so."""
    return f"load of the machine in the minute before: {os.getloadavg()[0]:.1f}"


def _facts() -> dict[str, str]:
    """What Linux says about the first core; empty elsewhere."""
    if not _CPUINFO.exists():
        return {}
    first = _CPUINFO.read_text(encoding="utf-8").split("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {key.strip(): value.strip() for key, _, value in pairs}


def _memory() -> str:
    if not _MEMINFO.exists():
        return ""
    kilobytes = int(_MEMINFO.read_text(encoding="utf-8").split()[1])
    return f", {kilobytes / 2**20:.0f} GB"
