"""The command `python -m bench [NAME...]`: runs benchmarks, prints their tables and writes them as CSV."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from rich.console import Console

from bench.material import REPOSITORY, Material, Skipped
from bench.table import Table

BENCHMARKS = {
    "counts": "repetitions in real clips",
    "rendered": "repetitions and faults of rendered bodies",
    "angles": "errors of the angles, and of their uncertainty",
    "retest": "differences between two sessions although the movement is the same",
    "joints": "where the joints are, by the pose engine and by the paper's Haar cascades",
    "parts": "body parts by the fast engine against exact maps, and milliseconds",
    "fidelity": "distance of the landmarks from MediaPipe's",
    "speed": "frames a second against MediaPipe's",
    "memory": "peak memory for clips of any length",
    "start": "seconds to start",
    "live": "milliseconds of a live stream, and four at once, over WebSockets",
    "live_counts": "counts and cues of the live coach at several frame rates, against the files' analysis",
    "live_page": "counts and cues of the page in Chromium, with rendered clips as its camera",
    "live_memory": "memory of the server while one live stream goes on for half an hour",
    "history": "milliseconds to open progress and to add a session, with 100,000 sessions",
    "history_kills": "writers of sessions killed at random moments",
    "recognizer_fundus": "eye photographs, from scratch and by transfer",
    "recognizer": "accuracy, training time and latency of the body-part recognizer",
    "recognizer_augment": "augmented pictures a second against other ways",
    "segmenter_accuracy": "masks of the part model on board, on people kept out of its training",
    "segmenter": "pictures a second of the part model against eager PyTorch",
}
"""Each is a module of this package with ``run(material, quick)``, which gives tables."""

_WIDTH = 150  # the widest table; a narrower terminal wraps its lines

DOCUMENTS = ("docs/accuracy.md", "docs/speed.md", "docs/recognizer.md", "docs/records.md")


def main(arguments: Sequence[str] | None = None, material: Material | None = None) -> int:
    """Run what was asked for; 0 if nothing failed, benchmarks left out for a reason included."""
    options = _parser().parse_args(arguments)
    if options.docs and options.quick:
        _parser().error("--docs with --quick: figures of a quick run are not for the documents")
    console = Console(width=max(Console().width, _WIDTH))
    for name in options.names or BENCHMARKS:
        began = time.perf_counter()
        try:
            tables = _run(name)(material or Material.at_hand(), options.quick)
        except Skipped as reason:
            console.print(f"{name}: left out, because {reason}", highlight=False)
            continue
        for table in tables:
            table.show(console)
            table.write_csv(options.out)
            if options.docs:
                _document(table)
        seconds = time.perf_counter() - began
        console.print(f"{name}: done in {seconds:.0f} s, CSV in {options.out}\n", highlight=False)
    return 0


def _run(name: str) -> Callable[[Material, bool], list[Table]]:
    """The benchmark's function; its module is imported only now, as each brings libraries of its own."""
    run: Callable[[Material, bool], list[Table]] = import_module(f"bench.{name}").run
    return run


def _document(table: Table) -> None:
    for document in DOCUMENTS:
        table.put_into(REPOSITORY / document)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures how good and how fast Spotter is.",
        epilog="\n".join(f"  {name:10} {what}" for name, what in BENCHMARKS.items()),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help="all unless named"
    )
    parser.add_argument("--quick", action="store_true", help="a small form of each, in less than a minute")
    parser.add_argument(
        "--out", type=Path, default=REPOSITORY / "bench" / "out", help="folder for the CSV files"
    )
    parser.add_argument("--docs", action="store_true", help="also put the tables into docs/")
    return parser


if __name__ == "__main__":
    sys.exit(main())
