"""Looks through photos before anything is trained with them, and says what is wrong and what to do."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.recognizer.alike import alike_pairs, clusters
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.grouping import GroupRule
from spotter.recognizer.look import Look, look_at
from spotter.recognizer.split import why_untrainable

Severity = Literal["stop", "warning", "hint"]


@dataclass(frozen=True, slots=True)
class Found:
    """One case of a finding.

    Attributes:
        why: a sentence or a few words.
        paths: the files that it is about; several where they are the same picture.
    """

    why: str
    paths: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of thing that is wrong, or good to know.

    Attributes:
        kind: its name in check.toml.
        severity: stop (training is impossible), warning or hint.
        title, advice: what it is called, and what to do; the advice may be empty.
        cases: each time that it was found.
    """

    kind: str
    severity: Severity
    title: str
    advice: str
    cases: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class ClassCount:
    """How much there is of a class.

    Attributes:
        name: of the class.
        photos: that can be read.
        train, validation: how many of them are marked so.
        groups: how many different people or things are on them, a photo without a group counting as one.
    """

    name: str
    photos: int
    train: int
    validation: int
    groups: int


@dataclass(frozen=True, slots=True)
class PhotoCheck:
    """What was found in a set of photos.

    Attributes:
        photos: those that can be read; the others are in its ``left_out``.
        classes: how much there is of each.
        findings: the gravest first.
        sides: int array (photos, 2), width and height in pixels.
    """

    photos: PhotoSet
    classes: tuple[ClassCount, ...]
    findings: tuple[Finding, ...]
    sides: NDArray[np.int64]

    @property
    def trainable(self) -> bool:
        """Whether training is possible at all."""
        return all(finding.severity != "stop" for finding in self.findings)

    @property
    def groups(self) -> int | None:
        """How many people or things are known to be on the photos; None if nothing says who."""
        known = {photo.group for photo in self.photos.photos} - {None}
        return len(known) or None


def check_photos(
    photos: PhotoSet,
    *,
    assumed: GroupRule | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> PhotoCheck:
    """Look at every photo of a set: files, sizes, copies, sharpness, balance, and who is where.

    Args:
        photos: see `read_photos`.
        assumed: the rule that groups were read off names by without being asked, to be told of.
        progress: is told how many photos of how many are done.

    Returns:
        What was found; nothing that photos can have wrong with them is an error here.

    Example::

        found = check_photos(read_photos(Path("photos")))
        for finding in found.findings:
            print(finding.severity, finding.title, len(finding.cases))
    """
    seen = look_at([photo.path for photo in photos.photos], progress)
    good = [(photo, look) for photo, look in zip(photos.photos, seen, strict=True) if isinstance(look, Look)]
    bad = [
        LeftOut(photo.path, str(look))
        for photo, look in zip(photos.photos, seen, strict=True)
        if isinstance(look, SpotterError)
    ]
    kept = replace(photos, photos=tuple(photo for photo, _ in good), left_out=(*photos.left_out, *bad))
    looks = [look for _, look in good]
    counts = tuple(_count(kept, name) for name in kept.classes)
    cases: dict[str, list[Found]] = {
        "impossible": [Found(reason) for reason in why_untrainable(kept)],
        "unreadable": [Found(one.why, (one.path,)) for one in bad],
        "left_out": [Found(one.why, (one.path,)) for one in photos.left_out],
        **_copies(kept.photos, looks),
        "group_across_parts": list(_groups_across(kept.photos)),
        **_amounts(kept, counts),
        **_who(kept, assumed),
        **_files(looks),
    }
    findings = tuple(
        Finding(name, kind["severity"], kind["title"], kind["advice"], tuple(cases[name]))
        for name, kind in _table()["kinds"].items()
        if cases.get(name)
    )
    order = ("stop", "warning", "hint")
    sides = np.array([(look.width, look.height) for look in looks], np.int64).reshape(-1, 2)
    return PhotoCheck(kept, counts, tuple(sorted(findings, key=lambda one: order.index(one.severity))), sides)


def _count(photos: PhotoSet, name: str) -> ClassCount:
    members = [photo for photo in photos.photos if name in photo.labels]
    parts = [photo.part for photo in members]
    groups = {photo.group or photo.path for photo in members}
    return ClassCount(name, len(members), parts.count("train"), parts.count("validation"), len(groups))


def _copies(photos: Sequence[Photo], looks: Sequence[Look]) -> dict[str, list[Found]]:
    """The same picture more than once, each time told as the worst that it is."""
    cases: dict[str, list[Found]] = {}
    first: dict[bytes, int] = {}
    equal = [(first.setdefault(look.digest, i), i) for i, look in enumerate(looks)]
    alike = alike_pairs(np.stack([look.print for look in looks])) if looks else []
    for members in clusters(len(looks), [*equal, *alike]):
        some = [photos[i] for i in members]
        shown = {photo.labels for photo in some}
        parts = {photo.part for photo in some} - {None}
        same = len({looks[i].digest for i in members}) == 1
        if len(shown) > 1:
            said = " and ".join(sorted(" with ".join(labels) or "none of them" for labels in shown))
            kind, why = "two_classes", f"{'the same file' if same else 'nearly the same picture'} as {said}"
        elif len(parts) > 1:
            kind, why = "across_parts", "the same file" if same else "nearly the same picture"
        else:
            kind, why = ("duplicates" if same else "near_duplicates"), f"{len(some)} of {_named(some[0])}"
        cases.setdefault(kind, []).append(Found(why, tuple(photo.path for photo in some)))
    return cases


def _groups_across(photos: Iterable[Photo]) -> Iterable[Found]:
    """Groups that are marked for training and for validation."""
    parts: dict[str, dict[str, list[Path]]] = {}
    for photo in photos:
        if photo.group is not None and photo.part is not None:
            parts.setdefault(photo.group, {}).setdefault(photo.part, []).append(photo.path)
    for group, sides in parts.items():
        if len(sides) > 1:
            train, held = len(sides["train"]), len(sides["validation"])
            why = f"{group}: {train} for training, {held} for validation"
            yield Found(why, (sides["train"][0], sides["validation"][0]))


def _amounts(photos: PhotoSet, counts: Sequence[ClassCount]) -> dict[str, list[Found]]:
    limits = _table()["limits"]
    known = any(photo.group is not None for photo in photos.photos)
    there = [one for one in counts if one.photos]
    few = [Found(f"{one.name}: {one.photos}") for one in there if one.photos < limits["few_photos"]]
    people = [
        Found(f"{one.name}: {one.groups}") for one in there if known and one.groups < limits["few_groups"]
    ]
    cases = {"few": few, "few_groups": people}
    if there:
        most, least = (way(there, key=lambda one: one.photos) for way in (max, min))
        if most.photos > limits["imbalance"] * least.photos:
            why = f"{most.photos} photos of {most.name}, {least.photos} of {least.name}"
            cases["imbalance"] = [Found(why)]
    return cases


def _who(photos: PhotoSet, assumed: GroupRule | None) -> dict[str, list[Found]]:
    nobody = [photo for photo in photos.photos if photo.group is None]
    if nobody and len(nobody) == len(photos):
        return {"no_groups": [Found(f"all {len(nobody)} photos count as of different people or things")]}
    cases = {}
    if nobody:
        cases["some_groups"] = [Found(f"{len(nobody)} photos", tuple(photo.path for photo in nobody))]
    if assumed is not None and len(photos):
        people = len({photo.group for photo in photos.photos} - {None})
        cases["assumed"] = [Found(f"{assumed.means}; {people} different ones")]
    return cases


def _files(looks: Sequence[Look]) -> dict[str, list[Found]]:
    limits = _table()["limits"]
    usual = float(np.median([look.sharpness for look in looks])) if looks else 0.0
    small = [look for look in looks if min(look.width, look.height) < limits["small_px"]]
    blurred = [look for look in looks if look.sharpness < limits["blurred"] * usual]
    unusual = [Found(", ".join(said), (look.path,)) for look in looks if (said := _unusual(look, limits))]
    return {
        "small": [Found(f"{look.width} by {look.height} pixels", (look.path,)) for look in small],
        "blurred": [
            Found(f"{100 * look.sharpness / usual:.0f} % of the usual sharpness", (look.path,))
            for look in sorted(blurred, key=lambda look: look.sharpness)
        ],
        "unusual": unusual,
    }


def _unusual(look: Look, limits: dict[str, float]) -> list[str]:
    kind, size = look.kind, look.width * look.height / 1e6
    said = {
        "printing inks (CMYK): colours may be a little off": kind.cmyk,
        f"{kind.bits} bits a colour, read as 8": kind.bits > 8,
        "an animation, of which the first picture is read": kind.animated,
        "transparency, which is dropped": kind.alpha,
        f"{size:.0f} megapixels, slow to read": size > limits["large_megapixels"],
    }
    return [words for words, is_so in said.items() if is_so]


def _named(photo: Photo) -> str:
    return " with ".join(photo.labels) or "none of the classes"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(files("spotter.recognizer").joinpath("check.toml").read_text("utf-8"))
