"""A colour for each class, told apart by the colour-blind too, for light paper and for dark."""

from __future__ import annotations

from dataclasses import dataclass

from spotter.report.palette import Colour


@dataclass(frozen=True, slots=True)
class ClassColour:
    """One class's colour.

    Attributes:
        light: RGB, dark enough for white paper.
        dark: RGB, light enough for a dark page or a plate on a picture.
    """

    light: Colour
    dark: Colour


_COLOURS = (
    ClassColour((0, 130, 120), (95, 217, 200)),
    ClassColour((199, 88, 12), (255, 166, 92)),
    ClassColour((106, 63, 181), (195, 165, 255)),
    ClassColour((31, 111, 208), (122, 190, 255)),
    ClassColour((184, 40, 122), (255, 146, 198)),
    ClassColour((138, 106, 0), (242, 207, 91)),
    ClassColour((190, 52, 42), (255, 138, 122)),
    ClassColour((60, 125, 30), (155, 220, 110)),
)


def class_colour(place: int) -> ClassColour:
    """The colour of the class at that place in the model's order; after eight they begin again.

    >>> class_colour(8) == class_colour(0)
    True
    """
    return _COLOURS[place % len(_COLOURS)]


def css_colour(colour: Colour) -> str:
    """A colour as a style sheet has it.

    >>> css_colour((0, 130, 120))
    '#008278'
    """
    return "#{:02x}{:02x}{:02x}".format(*colour)
