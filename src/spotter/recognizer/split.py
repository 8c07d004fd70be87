"""Which photos are trained with and which are held back: nobody is on both sides, classes are in balance."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, UsageError
from spotter.recognizer.alike import alike_pairs, clusters, read_prints
from spotter.recognizer.dataset import PhotoSet

_TRIES = 20
_SHOWN = 3

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]


def split_photos(photos: PhotoSet, *, validation: float = 0.2, seed: int = 0) -> tuple[PhotoSet, PhotoSet]:
    """Divide photos into those for training and those for validation.

    All photos of a group go to one side, and so do nearly equal pictures, unless a class had none on one
    side then. A photo without a group is its own. The share of each class comes as near to ``validation`` as
    groups allow. Where photos have a ``part`` it is respected, and others join their group's.

    Args:
        photos: see `read_photos`.
        validation: the share that is held back, above 0 and below 1.
        seed: the same one gives the same division.

    Returns:
        Photos to train with and photos to validate with, in their order.

    Raises:
        DatasetError: if no division has every class on both sides; see `why_untrainable`.
        UsageError: if ``validation`` is not between 0 and 1.
    """
    if not 0 < validation < 1:
        raise UsageError(
            f"a share of {validation:g} is to be held back; give one between 0 and 1, such as 0.2"
        )
    require_trainable(photos)
    if all(photo.part is not None for photo in photos.photos):
        held = np.array([photo.part == "validation" for photo in photos.photos])
    else:
        held = _divided(photos, validation, seed)
    parts = [
        photos.only(tuple(photo for photo, out in zip(photos.photos, held, strict=True) if out == side))
        for side in (False, True)
    ]
    return parts[0], parts[1]


def require_trainable(photos: PhotoSet) -> None:
    """Raise DatasetError with everything that makes training impossible; see `why_untrainable`."""
    reasons = why_untrainable(photos)
    if reasons:
        raise DatasetError("; ".join(reasons))


def why_untrainable(photos: PhotoSet) -> list[str]:
    """Sentences that say what is missing before anything can be trained, and what to do; empty if nothing is.

    >>> why_untrainable(PhotoSet((), ("hand", "face")))
    ['there are no photos of hand and of face: add some, or remove the class']
    """
    counts = photos.counts()
    reasons = []
    if len(photos.classes) == 1 and (not photos.multilabel or counts[photos.classes[0]] == len(photos)):
        reasons.append(
            f"there is one class only, {photos.classes[0]} ({_photos(counts[photos.classes[0]])}): a "
            "recognizer tells two or more apart, so add photos of something else"
        )
    empty = [f"of {name}" for name, count in counts.items() if not count]
    if empty:
        reasons.append(f"there are no photos {' and '.join(empty)}: add some, or remove the class")
    if not reasons:
        reasons += filter(None, [_why_nobody_is_left(photos)])
    if not reasons:
        reasons += filter(None, (_why_on_one_side(photos, name) for name in photos.classes))
    return reasons


def _photos(count: int) -> str:
    return f"{count} photo" if count == 1 else f"{count} photos"


def _why_nobody_is_left(photos: PhotoSet) -> str:
    """Why there is nobody to hold back; empty if there is somebody."""
    groups = {photo.group for photo in photos.photos}
    if len(groups) > 1 or None in groups or any(photo.part is not None for photo in photos.photos):
        return ""
    return (
        f"all {_photos(len(photos))} are of one group, {groups.pop()}, and nobody else is left to judge the "
        "model by: add photos of others, or give --group '.+', which takes each photo for itself "
        "(the model is then judged by photos of whom it knows)"
    )


def _why_on_one_side(photos: PhotoSet, name: str) -> str:
    """Why a class cannot be in training and validation both; empty if it can."""
    members = [photo for photo in photos.photos if name in photo.labels]
    if len(members) == 1:
        return (
            f"there is one photo of {name} only ({members[0].path.name}): one is trained with and another "
            "one is held back, so 2 are the least, and 100 or more are better"
        )
    sides = {photo.part for photo in members}
    if len(sides) == 1 and None not in sides:
        (side,) = sides
        other = "validation" if side == "train" else "train"
        return (
            f"all {len(members)} photos of {name} are marked {side}: mark some of them as {other}, or leave "
            "it to the split by marking none"
        )
    groups = {photo.group for photo in members}
    if len(sides) == 1 and len(groups) == 1 and None not in groups:
        return (
            f"all {len(members)} photos of {name} are of one group, {groups.pop()}, which cannot be in "
            "training and validation both: add photos of others, or give another --group "
            "('.+' takes each photo for itself)"
        )
    return ""


def _divided(photos: PhotoSet, validation: float, seed: int) -> Flags:
    """Of each photo whether it is held back."""
    alike = alike_pairs(read_prints([photo.path for photo in photos.photos]))
    for pairs in ([*_pairs_of_groups(photos), *alike], _pairs_of_groups(photos)):
        held = _best(photos, _units(len(photos), pairs), validation, seed)
        if not (stuck := _on_one_side(photos, held)):
            return held
    some = ", ".join(stuck[:_SHOWN])
    raise DatasetError(
        f"the photos cannot be divided so that {some} {'is' if len(stuck) == 1 else 'are'} in training and "
        "validation both, because groups with all their photos go to one side: add photos of others, or give "
        "another --group ('.+' takes each photo for itself)"
    )


def _pairs_of_groups(photos: PhotoSet) -> list[tuple[int, int]]:
    first: dict[str, int] = {}
    return [
        (first.setdefault(photo.group, i), i)
        for i, photo in enumerate(photos.photos)
        if photo.group is not None
    ]


def _units(count: int, pairs: Iterable[tuple[int, int]]) -> Numbers:
    """The number of the unit of each photo: what goes to one side together."""
    unit = np.arange(count)
    for members in clusters(count, pairs):
        unit[list(members)] = members[0]
    return np.unique(unit, return_inverse=True)[1]


def _best(photos: PhotoSet, unit: Numbers, validation: float, seed: int) -> Flags:
    """Of each photo whether it is held back, in the most balanced of several divisions."""
    held, free = _given(photos, unit)
    shown = _shown(photos)
    weight = np.zeros((int(unit.max()) + 1, shown.shape[1]))
    np.add.at(weight, unit[free], shown[free])
    already = shown[held & ~free].sum(0)
    movable = np.unique(unit[free])
    rng = np.random.default_rng(seed)
    best, least = np.zeros(len(movable), bool), np.inf
    for _ in range(_TRIES):
        chosen, cost = _balanced(weight[movable], already, shown.sum(0), len(photos.classes), validation, rng)
        if cost < least - 1e-12:
            best, least = chosen, cost
    out = np.zeros(len(weight), bool)
    out[movable[best]] = True
    return np.where(free, out[unit], held)


def _given(photos: PhotoSet, unit: Numbers) -> tuple[Flags, Flags]:
    """Of each photo whether its part holds it back, and whether it is free to go to either side."""
    train = np.array([photo.part == "train" for photo in photos.photos])
    validation = np.array([photo.part == "validation" for photo in photos.photos])
    with_train, with_validation = (np.bincount(unit, weights=part)[unit] > 0 for part in (train, validation))
    free = ~(with_train | with_validation)
    held = validation | (with_validation & ~with_train & ~train)
    return held, free


def _shown(photos: PhotoSet) -> Floats:
    """What each photo shows, with a last column for those that show nothing."""
    targets = photos.targets().astype(np.float64)
    return np.hstack([targets, targets.sum(1, keepdims=True) == 0])


def _balanced(
    weight: Floats,
    already: Floats,
    total: Floats,
    classes: int,
    validation: float,
    rng: np.random.Generator,
) -> tuple[Flags, float]:
    """From a random division on, move the unit that helps most; the units held back, and the cost."""
    order = rng.permutation(len(weight))
    size = weight.sum(1)
    room = validation * total.sum() - already.sum()
    chosen = np.zeros(len(weight), bool)
    chosen[order[np.cumsum(size[order]) <= room]] = True
    held = already + weight[chosen].sum(0)
    cost = float(_cost(held, total, classes, validation))
    while len(weight):
        moved = held + np.where(chosen[:, None], -weight, weight)
        costs = _cost(moved, total, classes, validation)
        move = int(np.argmin(costs))
        if costs[move] >= cost - 1e-12:
            break
        chosen[move] = not chosen[move]
        held, cost = moved[move], float(costs[move])
    return chosen, cost


def _cost(held: Floats, total: Floats, classes: int, validation: float) -> Floats:
    """How far the shares are from what is wanted; a class that is on one side only counts as much as any."""
    known = np.maximum(total, 1)
    away = np.where(total > 0, held / known - validation, 0) ** 2
    one_sided = (held[..., :classes] <= 0) | (held[..., :classes] >= total[:classes])
    return np.asarray(away.sum(-1) + one_sided.sum(-1))


def _on_one_side(photos: PhotoSet, held: Flags) -> list[str]:
    """Classes that are in training or in validation only."""
    targets = photos.targets() > 0
    counts = targets.sum(0)
    held_counts = targets[held].sum(0)
    return [name for i, name in enumerate(photos.classes) if not 0 < held_counts[i] < counts[i]]
