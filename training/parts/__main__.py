"""The command `python -m training.parts`: makes the part model, from pictures to what is on board."""

from __future__ import annotations

import argparse
import importlib
import sys

from spotter.errors import SpotterError

COMMANDS = {
    "render": "draw pictures of people with the part of the body at every pixel",
    "photos": "give photos whose outline was drawn by hand their parts, where the fast engine is sure",
    "pixels": "train its backbone and pyramid, the first stage",
    "train": "train the part model on such pictures and on photos",
    "ship": "write the model that is on board",
}
"""Each is a module of this folder with `add_arguments` and `run`; it is imported only when it is wanted."""


def main() -> int:
    """Run a command; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m training.parts", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    chosen = {name: commands.add_parser(name, help=text, add_help=False) for name, text in COMMANDS.items()}
    name = parser.parse_known_args()[0].command
    module = importlib.import_module(f"training.parts.{name}")
    chosen[name].add_argument("-h", "--help", action="help", help="show this text")
    module.add_arguments(chosen[name])
    try:
        module.run(parser.parse_args())
    except SpotterError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
