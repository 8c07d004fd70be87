"""Reads annotated pictures in any known layout, checks them, and keeps some out of training to judge by."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np

from spotter.errors import DatasetError, UsageError
from spotter.recognizer.grouping import GroupRule, assumed_rule
from spotter.segmenter.annotation import Annotated, Annotations
from spotter.segmenter.data_check import Findings
from spotter.segmenter.data_check_pictures import Progress, with_sound_pictures
from spotter.segmenter.layouts import layout_of

_SIDE = re.compile(r"left|right", re.IGNORECASE)


def read_annotations(
    folder: Path,
    layout: str | None = None,
    *,
    held_share: float = 0.1,
    group: str | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> Annotations:
    """Find the annotated pictures of a data set, check them, and put some aside to judge by.

    Args:
        folder: of the data set; for COCO's format one file will do.
        layout: a name in `layouts`; found by looking if None.
        held_share: 0 to 1: how much is kept out of training where the data set does not say what is for
            judging.
        group: a regular expression that finds in a picture's file name who or what is on it, in its first
            bracket or as a whole, so that nobody is on both sides. Without it, names such as
            ``person0007_1.jpg`` are understood; see `assumed_rule`.
        seed: of the choice.
        progress: is told now and then how many pictures of a part were read so far.

    Raises:
        MediaNotFoundError: if there is nothing at ``folder``.
        UsageError: if the layout, share or group is none.
        DatasetError: if no layout fits, a file is damaged, or no picture can be used.
    """
    folder = Path(folder)
    if not 0 <= held_share <= 1:
        raise UsageError(f"{held_share:g} of the pictures cannot be kept to judge by; give a share of 0 to 1")
    rule = None if group is None else GroupRule.given(group)
    chosen = layout_of(folder, layout)
    found = Findings()
    reading = chosen.read(folder, found)
    train, val, unsplit = (
        with_sound_pictures(part, found, progress) for part in (reading.train, reading.val, reading.unsplit)
    )
    if not train and not val and not unsplit:
        notes = "; ".join(found.notes())
        raise DatasetError(f"{folder} has no picture that can be used{': ' if notes else ''}{notes}")
    grouped = iter(_grouped([*train, *val, *unsplit], folder, rule))
    train, val, unsplit = (list(islice(grouped, len(part))) for part in (train, val, unsplit))
    held = _held([one.group or str(one.path) for one in unsplit], held_share, seed)
    return Annotations(
        reading.classes,
        mirrored_classes(reading.classes),
        (*train, *(one for one, kept in zip(unsplit, held, strict=True) if not kept)),
        (*val, *(one for one, kept in zip(unsplit, held, strict=True) if kept)),
        (*reading.facts, *found.notes()),
        {
            "layout": chosen.name,
            "folder": str(folder),
            "files": [str(one) for one in reading.files],
            "held_share": held_share if unsplit else None,
            "seed": seed if unsplit else None,
            "group": group if unsplit else None,
        },
    )


def mirrored_classes(classes: Sequence[str]) -> tuple[int, ...]:
    """The number that each class becomes in a mirrored picture: left and right change places in its name.

    >>> mirrored_classes(("person", "left_hand", "right_hand", "left ear"))
    (0, 1, 3, 2, 4)
    """

    def swapped(found: re.Match[str]) -> str:
        return "right" if found[0].lower() == "left" else "left"

    lower = [name.lower() for name in classes]
    others = [_SIDE.sub(swapped, name) for name in lower]
    return (0, *(lower.index(other) + 1 if other in lower else i for i, other in enumerate(others, 1)))


def _grouped(pictures: list[Annotated], folder: Path, given: GroupRule | None) -> list[Annotated]:
    """The pictures with who is on them, by the user's rule, or else as far as it is known."""
    root = folder if folder.is_dir() else folder.parent
    names = [Path(os.path.relpath(one.path, root)).as_posix() for one in pictures]
    if given is not None:
        given.require_any(names)
    rule = given or assumed_rule(names)
    if rule is None:
        return pictures
    told = [rule.group_of(name) or "" for name in names]
    return [
        replace(one, group=group if given else one.group or group)
        for one, group in zip(pictures, told, strict=True)
    ]


def _held(groups: Sequence[str], share: float, seed: int) -> list[bool]:
    """Which pictures are kept to judge by: whole groups, drawn until their share is reached."""
    members: dict[str, int] = {}
    for one in groups:
        members[one] = members.get(one, 0) + 1
    names = list(members)
    wanted = share * len(groups)
    most = len(names) if share == 1 else len(names) - 1  # somebody is left to learn from
    chosen: set[str] = set()
    for index in np.random.default_rng(seed).permutation(len(names)).tolist():
        if len(chosen) == most or (wanted < 0.5 and (chosen or share == 0)):
            break
        if members[names[index]] <= wanted or not chosen:
            chosen.add(names[index])
            wanted -= members[names[index]]
    return [one in chosen for one in groups]
