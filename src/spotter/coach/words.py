"""The languages that the coach speaks: each is a table from the English words to its own."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from spotter.errors import UsageError

_FOLDER = "languages"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language; call it with the English words.

    What a language does not know, as the cue of somebody's own exercise, is said as it stands.

    Attributes:
        language: its BCP 47 tag, such as ``"de"``.
        name: what it calls itself, such as ``"Deutsch"``.
        decimal: its decimal sign.
        singular: the numbers that it counts as one.
        coach: English to this language, for what the coach says and writes.
        page: the same for the rest of the live coach's page.

    >>> german = words_of("de")
    >>> german("Begin in {seconds}", seconds=2)
    'Start in 2'
    >>> german("Hop like a hare.")
    'Hop like a hare.'
    """

    language: str
    name: str
    decimal: str = "."
    singular: tuple[int, ...] = (1,)
    coach: Mapping[str, str] = field(default_factory=dict)
    page: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, text: str, /, **values: object) -> str:
        """The text in this language, its ``{names}`` filled."""
        said = self.coach.get(text, text)
        return said.format(**values) if values else said

    def many(self, number: int, one: str, more: str, /, **values: object) -> str:
        """One text or the other, by this language's idea of one; ``{number}`` is filled too.

        >>> words_of("en").many(2, "{number} set", "{number} sets")
        '2 sets'
        """
        return self(one if number in self.singular else more, number=number, **values)

    def digits(self, value: float, places: int) -> str:
        """A number with so many decimals.

        >>> words_of("de").digits(2.46, 1)
        '2,5'
        """
        return f"{value:.{places}f}".replace(".", self.decimal)


ENGLISH = Words("en", "English")
"""The language that everything is written in."""


@cache
def languages() -> Mapping[str, Words]:
    """Every language by its tag, English first.

    >>> list(languages())
    ['en', 'de', 'es', 'fr', 'it', 'pt']
    """
    tables = (one for one in files(__package__).joinpath(_FOLDER).iterdir() if one.name.endswith(".toml"))
    read = {one.name.removesuffix(".toml"): tomllib.loads(one.read_text("utf-8")) for one in tables}
    return {"en": ENGLISH} | {tag: _words(tag, read[tag]) for tag in sorted(read)}


def words_of(language: str) -> Words:
    """The words of a language; a region or a script in its tag changes nothing.

    Args:
        language: a BCP 47 tag, such as ``"de"`` or ``"de-AT"``.

    Raises:
        UsageError: Spotter does not speak it.

    >>> words_of("de-AT").name
    'Deutsch'
    >>> words_of("tlh")
    Traceback (most recent call last):
    ...
    spotter.errors.UsageError: there is no language 'tlh'; there are: en, de, es, fr, it, pt
    """
    known = languages()
    found = known.get(language.partition("-")[0].lower())
    if found is None:
        raise UsageError(f"there is no language {language!r}; there are: {', '.join(known)}")
    return found


def _words(tag: str, table: Mapping[str, Any]) -> Words:
    return Words(
        tag, table["name"], table["decimal"], tuple(table["singular"]), table["coach"], table["page"]
    )
