"""Photos made for tests: discs, bars and rings of people who each wear another colour."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from spotter.recognizer.dataset import Photo, PhotoSet

CLASSES = ("bar", "disc", "ring")


def drawn(label: str, rng: np.random.Generator, side: int = 96) -> np.ndarray:
    """A shape on a speckled ground, RGB (side, side, 3)."""
    ground = rng.uniform(60, 120, 3)
    image = np.clip(ground + rng.normal(0, 12, (side, side, 3)), 0, 255).astype(np.uint8)
    colour = tuple(float(one) for one in rng.uniform(150, 255, 3))
    middle = tuple(int(one) for one in rng.integers(side // 3, 2 * side // 3, 2))
    size = int(rng.integers(side // 6, side // 3))
    if label == "disc":
        cv2.circle(image, middle, size, colour, -1, cv2.LINE_AA)
    elif label == "ring":
        cv2.circle(image, middle, size, colour, max(3, size // 5), cv2.LINE_AA)
    else:
        cv2.ellipse(
            image, middle, (size, size // 5), float(rng.uniform(0, 180)), 0, 360, colour, -1, cv2.LINE_AA
        )
    return image


def write_photos(
    folder: Path, people: int = 8, each: int = 2, classes: tuple[str, ...] = CLASSES
) -> PhotoSet:
    """A folder with a class a folder, and the photos in it; a person's shapes share a seed."""
    photos = []
    for label in classes:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for person in range(people):
            rng = np.random.default_rng([person, CLASSES.index(label)])
            for number in range(each):
                path = folder / label / f"person{person:02}_{number}.png"
                cv2.imwrite(str(path), drawn(label, rng)[..., ::-1])
                photos.append(Photo(path, (label,), f"person{person:02}"))
    return PhotoSet(tuple(photos), classes)
