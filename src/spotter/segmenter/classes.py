"""Which classes a network learns: all of one or more data sets, people, parts of bodies, or some."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from spotter.errors import UsageError
from spotter.segmenter.annotation import PERSON, Annotated, Annotations
from spotter.segmenter.dataset import mirrored_classes
from spotter.segmenter.evaluate_classes import key

_PERSON = "person"
_PARTS = "parts"


def united(sets: Sequence[Annotations]) -> Annotations:
    """Several data sets as one, with all of their classes; those of the same name are one class.

    Of a class that a data set does not mark nothing is learnt in its pictures, but where nobody is. Pictures
    that cannot be learnt from then are left out, and the notes tell how many.

    Args:
        sets: at least one.

    >>> a, b = (Annotations(names, (), (), ()) for names in (("Head",), ("person", "head")))
    >>> united((a, b)).classes
    ('person', 'Head')
    """
    if len(sets) == 1:
        return sets[0]
    names = {key(name): name for data in reversed(sets) for name in reversed(data.classes)}
    order = list(dict.fromkeys(key(name) for data in sets for name in data.classes))
    order.sort(key=lambda one: one != _PERSON)  # examples.py looks for people under the first number
    classes = tuple(names[one] for one in order)
    renamed = [_numbered(data, classes) for data in sets]
    return _learnable(
        Annotations(
            classes,
            mirrored_classes(classes),
            tuple(one for data in renamed for one in data.train),
            tuple(one for data in renamed for one in data.val),
            tuple(note for data in sets for note in data.notes),
            {"sets": [data.source for data in sets]},
        )
    )


def chosen_classes(data: Annotations, wanted: str | None) -> Annotations:
    """A data set with some of its classes only, so that, say, people and parts get a network each.

    Args:
        data: annotated pictures.
        wanted: ``"person"``; ``"parts"``, which are all other classes; or names with commas between them. All
            if None.

    Raises:
        UsageError: if a class is not among those of the data, or no picture to learn from is left.

    >>> data = Annotations(("person", "head", "torso"), (), (), ())
    >>> chosen_classes(data, "parts").classes, chosen_classes(data, "torso, head").classes
    (('head', 'torso'), ('head', 'torso'))
    """
    if wanted is None:
        return data
    known = [key(name) for name in data.classes]
    if key(wanted) == _PARTS and _PARTS not in known:
        asked = {one for one in known if one != _PERSON}
    else:
        asked = {key(name) for name in wanted.split(",")}
    if not asked or not asked.issubset(known):
        raise UsageError(
            f"--classes {wanted}: the data have {', '.join(data.classes)}; "
            "give person, parts, or some of these with commas between them"
        )
    classes = tuple(name for name in data.classes if key(name) in asked)
    return _learnable(_numbered(data, classes))


def _numbered(data: Annotations, classes: tuple[str, ...]) -> Annotations:
    """The data with these classes under these numbers; others are dropped."""
    numbers = {key(name): number for number, name in enumerate(classes, 1)}
    table = {number: numbers.get(key(name), 0) for number, name in enumerate(data.classes, 1)}

    def picture(one: Annotated) -> Annotated:
        things = tuple(
            replace(thing, label=table[thing.label]) for thing in one.instances if table[thing.label]
        )
        return replace(one, instances=things, known=frozenset(table[number] for number in one.known) - {0})

    return replace(
        data,
        classes=classes,
        mirrored=mirrored_classes(classes),
        train=tuple(map(picture, data.train)),
        val=tuple(map(picture, data.val)),
    )


def _learnable(data: Annotations) -> Annotations:
    """Without pictures of which nobody said where unmarked things may be.

    Those are the ones in which neither all classes are marked nor the people whose parts they may be.
    """
    everything = frozenset(range(1, len(data.classes) + 1))
    people = key(data.classes[0]) == _PERSON

    def is_told(one: Annotated) -> bool:
        return one.known >= everything or (people and PERSON in one.known)

    train = tuple(one for one in data.train if is_told(one))
    left_out = len(data.train) - len(train)
    notes = data.notes
    if left_out:
        count = f"{left_out} of {len(data.train)} pictures"
        notes += (f"{count} left out: not all of these classes are marked there",)
    val = tuple(one for one in data.val if one.known)
    return replace(data, train=train, val=val, notes=notes)
