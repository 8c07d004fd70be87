"""Who is on a photo, read off its file's name, so that nobody is in training and validation both."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from spotter.errors import UsageError

_LEAST_SHARE = 0.5
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class GroupRule:
    """How to read off a file's name who or what is on the photo.

    Attributes:
        pattern: a regular expression; its first group, or the whole match, is who.
        means: what that stands for, in words.

    >>> GroupRule.given(r"person(\\d+)").group_of("hand/person0007_1.jpg")
    '0007'
    """

    pattern: re.Pattern[str]
    means: str

    @classmethod
    def given(cls, pattern: str) -> GroupRule:
        """A user's own.

        Raises:
            UsageError: if it is no regular expression.
        """
        try:
            return cls(re.compile(pattern), f"what {pattern} finds in the file's name")
        except re.error as error:
            raise UsageError(
                f"the group {pattern!r} is not a regular expression ({error}); give one such as "
                "'person(\\d+)', whose bracket finds in a file's name who is on the photo"
            ) from error

    def group_of(self, name: str) -> str | None:
        """Who is on the photo with that name; None if the rule finds nothing in it."""
        found = self.pattern.search(name)
        if found is None:
            return None
        return (found.group(1) if self.pattern.groups else found.group()) or None

    def require_any(self, names: Sequence[str]) -> None:
        """Raise UsageError if the rule finds nothing in any of the names."""
        if names and all(self.group_of(name) is None for name in names):
            shown = ", ".join(names[:_SHOWN])
            raise UsageError(
                f"the group {self.pattern.pattern!r} is found in none of the {len(names)} names of photos, "
                f"such as {shown}; give an expression that says who is on a photo, such as 'person(\\d+)'"
            )


_KNOWN = (
    GroupRule(
        re.compile(r"([^/]+_person\d+)_[\d.]+s", re.IGNORECASE),
        "the video and the person in it, as collected photos are named",
    ),
    GroupRule(
        re.compile(
            r"(?:^|[/_ -])((?:person|people|subject|participant|patient|proband|volunteer|user|actor|athlete)"
            r"[_ -]?\d+)",
            re.IGNORECASE,
        ),
        "the person's number in the file's name",
    ),
    GroupRule(
        re.compile(r"(?:^|/)(\d+)[_ -](?:left|right)\b", re.IGNORECASE),
        "the number before left and right in the file's name: both eyes of one patient",
    ),
    GroupRule(re.compile(r"([^/]+)_aug\d+\.\w+$"), "the photo that an augmented copy was made of"),
)


def assumed_rule(names: Sequence[str]) -> GroupRule | None:
    """What the names of files say of who is on the photos, where nobody was told: at least half must say it.

    Too large a group costs a little balance between the parts; a person in both parts would make the model
    look better than it is. So a likely rule is taken without being asked, and told.

    Args:
        names: of the files, with their sub-folders.

    >>> rule = assumed_rule(["person0007_0.jpg", "person0007_1.jpg", "person0011_0.jpg"])
    >>> rule.means, rule.group_of("person0011_0.jpg")
    ("the person's number in the file's name", 'person0011')
    >>> assumed_rule(["IMG_1.jpg", "IMG_2.jpg"]) is None
    True
    """
    for rule in _KNOWN:
        said = sum(rule.group_of(name) is not None for name in names)
        if names and said >= _LEAST_SHARE * len(names):
            return rule
    return None
