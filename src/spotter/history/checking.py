"""What a session and a name must be to be kept, so that they can be found, listed and exported again."""

from __future__ import annotations

from unicodedata import category

from spotter.coach.session import Session, SessionSet, check_weight
from spotter.errors import HistoryError, UsageError

MOST_LETTERS = 200
"""Of a name, an id and an exercise: they are looked up, and stand in one line of a list."""

_LONGEST_S = 366 * 86_400.0
_LARGEST = 2**31 - 1  # of a whole number in the database


def check_name(name: str) -> None:
    """Refuse a person's name that is none.

    Raises:
        UsageError: it is empty, too long, or holds a character that cannot be shown.

    >>> check_name("Ada\\n")
    Traceback (most recent call last):
        ...
    spotter.errors.UsageError: the person's name 'Ada\\n' holds the character U+000A, which cannot be shown;
    leave it out
    """
    if not name.strip():
        raise UsageError("the person has no name; give one")
    if len(name) > MOST_LETTERS:
        raise UsageError(f"the person has a name of {len(name)} characters; give at most {MOST_LETTERS}")
    _check_letters("the person's name", name)


def check_session(session: Session) -> None:
    """Refuse a session that cannot have been.

    Raises:
        UsageError: its id, an exercise, a weight or a repetition's number is none.
        HistoryError: it or one of its sets ends before it begins, or lasts longer than a year, as when a
            clock jumped.
    """
    try:
        _check_word("the session's id", session.id)
        _check_times("the session", session, 0.0, session.duration_s)
        for number, one in enumerate(session.sets, start=1):
            _check_word(f"the exercise of set {number}", one.exercise)
            _check_times(f"set {number}", session, one.start_s, one.end_s)
            _check_numbers(f"set {number}", one)
    except (UsageError, HistoryError) as error:
        raise type(error)(f"{error}; nothing was kept of this session") from None


def _check_word(what: str, word: str) -> None:
    if not word.strip():
        raise UsageError(f"{what} has no letters; give it some")
    if len(word) > MOST_LETTERS:
        raise UsageError(f"{what} has {len(word)} characters; give at most {MOST_LETTERS}")
    _check_letters(what, word)


def _check_letters(what: str, word: str) -> None:
    for letter in word:
        if category(letter) in ("Cc", "Cs"):
            raise UsageError(
                f"{what} {word!r} holds the character U+{ord(letter):04X}, which cannot be shown; "
                "leave it out"
            )


def _check_times(what: str, session: Session, start_s: float, end_s: float) -> None:
    inside = -_LONGEST_S <= start_s <= end_s <= _LONGEST_S  # never of NaN
    if not inside:
        raise HistoryError(
            f"{what} of {session.started.isoformat()} begins at {start_s:g} s and ends at {end_s:g} s; "
            "it must end after it began, and within a year. The clock was probably changed meanwhile: "
            "give the times by a clock that only goes forward"
        )


def _check_numbers(what: str, one: SessionSet) -> None:
    if one.weight_kg is not None:
        check_weight(f"the weight of {what}", one.weight_kg)
    for rep in one.reps:
        if not 0 <= rep.number <= _LARGEST:
            raise UsageError(f"a repetition of {what} has the number {rep.number}; number them from 1")
