"""The house rules that a program can check: who imports whom, how long files are, how fast it starts."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent
SOURCE = REPOSITORY / "src"
PACKAGE = SOURCE / "spotter"

FLOORS = [
    {"errors"},
    {"media"},
    {"models"},
    {"body"},
    {"recognizer", "segmenter"},
    {"motion"},
    {"coach"},
    {"report", "exchange", "history"},
    {"spotter"},  # the modules that lie in no folder, but for errors.py
    {"cli", "serve"},
    {"__main__"},
]
"""The folders of src/spotter from the bottom to the top: each may import from those below it."""

WANTED_LATE = {"coach/analysis.py": {"spotter.report.notebook", "spotter.exchange.tables"}}
"""Files that may look up modules of an upper floor by name, when those are wanted, and which."""

ONLY_IN = {
    "openvino": ("models/runtime.py",),  # which keeps its telemetry off
    "torch": ("recognizer/", "segmenter/"),  # analysing a video never needs it
    "torchvision": ("recognizer/", "segmenter/"),
    "timm": ("recognizer/",),
    "coremltools": ("recognizer/",),
    "onnx": ("recognizer/", "segmenter/"),
    "onnxruntime": ("recognizer/", "segmenter/"),
    "mediapipe": (),
    "jax": (),
    "pickle": (),  # can run any code when it is read
}

HEAVY = ("numpy", "av", "cv2", "openvino", "scipy", "torch", "timm", "coremltools", "onnxruntime")
MOST_LINES = 400
MOST_SECONDS = 0.5  # of the processor: other tests run beside this one

NOT_OURS = {".git", ".venv", ".venv-bench", "out", "weights", "build", "dist", "__pycache__", ".hypothesis"}
UNWANTED = {
    "a path of somebody's machine": r"/work[/]|/root[/]|/tmp/dev[/]|/home/[a-z]+[/]|/Users/[a-z]+[/]",
    "a package registry's host": r"pypi\.org/[s]imple|files\.[p]ythonhosted|--(extra-)?index-url[ =]+[a-z]+:",
}


def python_files(*folders: Path) -> list[Path]:
    return sorted(path for folder in folders for path in folder.rglob("*.py"))


def our_files() -> Iterator[Path]:
    for folder, folders, files in os.walk(REPOSITORY):
        folders[:] = [name for name in folders if name not in NOT_OURS and not name.endswith("_cache")]
        yield from (Path(folder, name) for name in files)


def shown(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def imports(path: Path) -> Iterator[tuple[str, str]]:
    """Module and name of each import in a file, as absolute names; the name is empty for ``import a.b``."""
    package = path.relative_to(SOURCE).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((module, alias.name) for alias in node.names)


def late_imports(path: Path) -> set[str]:
    """Our own modules that a file imports by a name that stands in it."""
    calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
    given = [call.args[0] for call in calls if call.args and "import_module" in ast.unparse(call.func)]
    names = {str(one.value) for one in given if isinstance(one, ast.Constant)}
    return {name for name in names if name.startswith("spotter.")}


def floor_of(folder: str) -> int:
    floors = [number for number, names in enumerate(FLOORS) if folder in names]
    assert floors, f"src/spotter/{folder} is on no floor: add it to FLOORS in {Path(__file__).name}"
    return floors[0]


def folder_of(parts: tuple[str, ...]) -> str:
    """The folder of ("spotter", "body", "roi"): "body"; "errors" or "spotter" for what lies in no folder."""
    inside = len(parts) > 1 and (PACKAGE / parts[1]).is_dir()
    return parts[1] if inside or parts[1:] in (("errors",), ("__main__",)) else "spotter"


@pytest.mark.parametrize("path", python_files(PACKAGE), ids=shown)
def test_imports_go_down_and_into_nothing_private(path: Path) -> None:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    here = folder_of(parts)
    for module, name in imports(path):
        target = tuple(f"{module}.{name}".split("."))
        if target[0] != "spotter":
            continue
        if len(target) > 2 and target[1] == "errors":
            target = target[:2]
        there = folder_of(target)
        said = f"{shown(path)} imports {module}.{name}".rstrip(".")
        assert floor_of(there) <= floor_of(here), f"{said}, which is above it"
        if there != here:
            private = [part for part in target if part.startswith("_") and not part.endswith("__")]
            assert not private, f"{said}, which is private to {there}"


def test_what_is_imported_by_name_goes_down_too_but_for_what_is_listed() -> None:
    for path in python_files(PACKAGE):
        floor = floor_of(folder_of(path.relative_to(SOURCE).with_suffix("").parts))
        up = {name for name in late_imports(path) if floor_of(folder_of(tuple(name.split(".")))) > floor}
        assert up == WANTED_LATE.get(path.relative_to(PACKAGE).as_posix(), set()), shown(path)


@pytest.mark.parametrize("library", ONLY_IN)
def test_libraries_that_have_their_place(library: str) -> None:
    for path in python_files(PACKAGE):
        if path.relative_to(PACKAGE).as_posix().startswith(ONLY_IN[library]):
            continue
        users = [module for module, _ in imports(path) if module.split(".")[0] == library]
        assert not users, f"{shown(path)} imports {library}"


@pytest.mark.parametrize(
    "path", python_files(*(REPOSITORY / name for name in ("src", "tests", "tools", "bench"))), ids=shown
)
def test_files_are_short_and_say_what_they_are_for(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.count("\n")
    assert lines <= MOST_LINES, f"{shown(path)} has {lines} lines; split it by topic"
    docstring = ast.get_docstring(ast.parse(text)) or ""
    assert docstring.partition("\n")[0].endswith("."), f"{shown(path)} does not begin with a sentence"


def run_python(program: str, *arguments: str) -> tuple[float, str]:
    """Run a program in a fresh interpreter; its seconds of processor and what it printed last."""
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    after = os.times()
    assert done.returncode == 0, done.stderr
    seconds = sum(after[2:4]) - sum(before[2:4])
    return seconds, done.stdout.splitlines()[-1]


LOADED = f"print([name for name in {HEAVY} if name in sys.modules])"


@pytest.mark.parametrize(
    "program",
    [
        f"import sys, spotter\n{LOADED}",
        "import sys\nfrom spotter.cli.app import main\n"
        f"try: main()\nexcept SystemExit as end: assert not end.code\n{LOADED}",
    ],
    ids=["import spotter", "spotter --help"],
)
def test_start_is_quick_because_nothing_heavy_is_imported(program: str) -> None:
    runs = [run_python(program, "--help") for _ in range(3)]
    assert [loaded for _, loaded in runs] == ["[]"] * 3
    assert min(seconds for seconds, _ in runs) < MOST_SECONDS


@pytest.mark.parametrize("what", UNWANTED)
def test_nothing_in_the_repository_names(what: str) -> None:
    for path in our_files():
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        found = re.search(UNWANTED[what], text)
        assert found is None, f"{shown(path)} names {what}: {found and found.group()}"
