"""The command: `python -m tools.render CLIP OUT --assets DIR`."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from .clip import load
from .render import render

CLIPS = Path(__file__).parent / "clips"


def main() -> None:
    """Render one clip described by a TOML file."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.render", description="Render a clip with exact truth."
    )
    parser.add_argument("clip", help="a TOML file, or the name of one in tools/render/clips")
    parser.add_argument("out", type=Path, help="writes OUT.mp4 and OUT.json")
    parser.add_argument(
        "--assets", type=Path, required=True, help="folder with MakeHuman's mesh, skeleton, targets"
    )
    args = parser.parse_args()
    source = Path(args.clip) if args.clip.endswith(".toml") else CLIPS / f"{args.clip}.toml"
    begun = time.perf_counter()
    video, truth = args.out.with_suffix(".mp4"), args.out.with_suffix(".json")
    frames = render(load(source), args.assets, video, truth)
    print(f"{video}: {frames} frames in {time.perf_counter() - begun:.0f} s")


if __name__ == "__main__":
    main()
