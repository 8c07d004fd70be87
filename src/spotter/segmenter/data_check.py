"""What is wrong in annotations, gathered while they are read and told in a few sentences."""

from __future__ import annotations

from collections import Counter

KINDS = {
    "picture missing": ("the picture is not there; left out", "pictures are not there and were left out"),
    "picture unreadable": (
        "no picture can be read there; left out",
        "pictures cannot be read and were left out",
    ),
    "picture size": (
        "the picture is of another size than its annotations say; left out",
        "pictures are of another size than their annotations say and were left out",
    ),
    "picture turned": (
        "the picture is stored lying and was annotated so; its annotations were turned upright with it",
        "pictures are stored lying and were annotated so; their annotations were turned upright with them",
    ),
    "picture entry": (
        "the entry of a picture cannot be used; left out",
        "entries of pictures cannot be used",
    ),
    "picture twice": (
        "the picture is entered twice; taken once",
        "pictures are entered twice and were taken once",
    ),
    "annotation entry": (
        "the annotation cannot be used; left out",
        "annotations cannot be used and were left out",
    ),
    "annotation twice": (
        "the annotation is there twice; taken once",
        "annotations are there twice and were taken once",
    ),
    "id twice": (
        "another annotation has the same id; both were kept",
        "annotations share their id and were kept",
    ),
    "picture unknown": (
        "the annotation is of a picture that the file does not list; left out",
        "annotations are of pictures that the file does not list and were left out",
    ),
    "category unknown": (
        "the annotation is of a category that the file does not list; left out",
        "annotations are of categories that the file does not list and were left out",
    ),
    "box outside": (
        "less than a pixel of the box is in its picture; left out",
        "boxes have less than a pixel in their pictures and were left out",
    ),
    "box clipped": (
        "the box reaches out of its picture; clipped",
        "boxes reach out of their pictures and were clipped",
    ),
    "box wrong": (
        "the box is no box, and there is no mask; left out",
        "boxes are no boxes, with no mask beside them, and were left out",
    ),
    "box of mask": (
        "the box is no box; taken from the mask",
        "boxes are no boxes and were taken from the masks",
    ),
    "mask empty": (
        "the mask is empty; only the box is used",
        "masks are empty; only their boxes are used",
    ),
    "mask wrong": (
        "the mask cannot be used; only the box is",
        "masks cannot be used; only their boxes are",
    ),
    "mask elsewhere": (
        "mask and box do not overlap, so one is wrong; nothing is learned there",
        "masks do not overlap their boxes, so one is wrong; nothing is learned there",
    ),
    "crowd": (
        "a crowd whose people are not told apart; not trained with, kept for judging",
        "crowds whose people are not told apart are not trained with, but kept for judging",
    ),
    "parts wrong": (
        "its parts cannot be read; only the person is used",
        "people have parts that cannot be read; only the people are used",
    ),
    "part wrong": ("the part cannot be read; left out", "parts cannot be read and were left out"),
    "label map missing": (
        "there is no label map for the picture; left out",
        "pictures have no label map and were left out",
    ),
    "label map wrong": (
        "the label map cannot be used; left out with its picture",
        "label maps cannot be used and were left out with their pictures",
    ),
    "label unknown": (
        "the label map has labels that this layout does not know; they were taken for nothing",
        "label maps have labels that this layout does not know; they were taken for nothing",
    ),
    "nobody": (
        "nothing is marked in the picture; kept, to learn what is nobody",
        "pictures have nothing marked in them; kept, to learn what is nobody",
    ),
}
"""Each kind of trouble: what is said where it was found once, and where it was found more often."""


class Findings:
    """What was found and what was done about it, counted by kind with the first case of each.

    >>> found = Findings()
    >>> found.add("box clipped", "annotation 7 of a.json")
    >>> found.notes()
    ('annotation 7 of a.json: the box reaches out of its picture; clipped',)
    >>> found.add("box clipped", "annotation 8 of a.json", "it ends at 700 of 640")
    >>> found.notes()
    ('2 boxes reach out of their pictures and were clipped; the first: annotation 7 of a.json',)
    """

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._first: dict[str, tuple[str, str]] = {}

    def add(self, kind: str, where: str, detail: str = "") -> None:
        """One more case.

        Args:
            kind: a key of `KINDS`.
            where: the entry and its file.
            detail: what exactly came; may be empty.
        """
        self._counts[kind] += 1
        self._first.setdefault(kind, (where, f" ({detail})" if detail else ""))

    def count(self, kind: str) -> int:
        """How often it was found."""
        return self._counts[kind]

    def notes(self) -> tuple[str, ...]:
        """A sentence a kind, in the order in which they were first found."""
        said = []
        for kind, (where, detail) in self._first.items():
            once, often = KINDS[kind]
            number = self._counts[kind]
            if number == 1:
                said.append(f"{where}: {once}{detail}")
            else:
                said.append(f"{number} {often}; the first: {where}{detail}")
        return tuple(said)
