"""Every English text that a language must know, gathered from where it is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from spotter.coach.exercise import Exercise
from spotter.coach.faults import _parts, _wrong_view
from spotter.coach.framing import hint_table
from spotter.coach.live_state import title_of
from spotter.coach.recovery import rest_rule
from spotter.coach.schema import shipped_exercises
from spotter.coach.words import Words

SOURCE = Path(__file__).parents[2] / "src" / "spotter"
PAGE = SOURCE / "serve" / "static" / "js"
VIEWS = ("front", "oblique", "side", "back", "unknown")
SYMBOLS = ("deg", "ratio", "m")


def marked() -> Words:
    """A language that says everything in English, between marks."""
    coach, page = ({text: f"«{text}»" for text in texts} for texts in (coach_texts(), page_texts()))
    return Words("xx", "Marked", ",", (1,), coach, page)


def unmarked(text: str) -> str:
    """What is left of a text without all that stands between marks."""
    while text != (text := re.sub("«[^«»]*»", "", text)):
        pass
    return text


def coach_texts() -> set[str]:
    """What the coach says: of tables, of calls of ``words``, and of faults that are not judged."""
    texts = {rule.text for rule in hint_table().rules} | set(hint_table().ways.values())
    texts |= {rest_rule().general.text, rest_rule().usual.text}
    for exercise in shipped_exercises().values():
        texts |= set(exercise_texts(exercise))
    for path in [*(SOURCE / "coach").glob("*.py"), SOURCE / "report" / "live_overlay.py"]:
        texts |= set(called_with(path))
    return texts


def exercise_texts(exercise: Exercise) -> Iterator[str]:
    yield from (exercise.title, exercise.about, exercise.camera, *exercise.praise.values())
    for name in exercise.working_angles:
        yield from (title_of(name), title_of(name.partition("_")[2]))
    for rule in exercise.faults:
        yield from (rule.title, rule.cue, f"not enough of the {_parts(rule)} was seen")
        yield from (_wrong_view(view, rule.views) for view in VIEWS if view not in rule.views)
        if rule.unit not in SYMBOLS:
            yield rule.unit


def called_with(path: Path) -> Iterator[str]:
    """The texts that a Python file gives to ``words`` and ``words.many``."""
    for call in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(call, ast.Call):
            continue
        name = ast.unparse(call.func)
        if name in ("words", "self._words", "words.many"):
            yield from (
                one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


_LINE_COMMENT = re.compile(r"(^|\s)//.*$", re.MULTILINE)
_IMPORT = re.compile(r"^import .*$", re.MULTILINE)
_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_TRANSLATED = re.compile(r"\bt\($|\btn\([^\"]*(\"[^\"]*\", )?$")
_OF_THE_MACHINE = re.compile(r"(class: |closest\(|querySelector(All)?\(|font = |EDGE = |=== |method: )$")
_SAID_AS_THEY_STAND = {"Spotter", "AudioContext", "iPhone, iPad: ", "Android: "}
_OTHER_PAGES = {"Postures held", "From", "Held"}  # the table of holds, on the page of a session
_FROM_THE_SERVER = {"nothing was done", "the settings say that sessions are not kept"}


def given(script: str) -> Iterator[str]:
    """The texts that a script gives to ``t`` and ``tn``."""
    plain = _IMPORT.sub("", _LINE_COMMENT.sub("", script))
    for found in _LITERAL.finditer(plain):
        if _TRANSLATED.search(plain[: found.start()].rpartition("\n")[2]):
            yield found[1]


def prose(script: str) -> Iterator[str]:
    """The texts of a script for people: they begin with a capital letter, or are several words."""
    plain = _IMPORT.sub("", _LINE_COMMENT.sub("", script))
    for found in _LITERAL.finditer(plain):
        before = plain[: found.start()].rpartition("\n")[2]
        is_prose = re.search(r"[A-Za-z]{2}", found[1]) and re.match(r"[A-Z]|.*\w [\w{]", found[1])
        if is_prose and not _OF_THE_MACHINE.search(before):
            yield found[1]


def page_texts() -> set[str]:
    """What the coach's page says: all prose of its own scripts, and what others give to ``t``."""
    scripts = {path: path.read_text("utf-8") for path in PAGE.rglob("*.js")}
    texts = {text for script in scripts.values() for text in given(script)}
    for path, script in scripts.items():
        if path.parent.name == "coach" or path.name in ("app.js", "reps.js"):
            texts |= set(prose(script))
    away = re.search(r'AWAY = "(.*)";', scripts[PAGE / "api.js"])
    assert away is not None
    return (texts | {away[1]} | _FROM_THE_SERVER) - _SAID_AS_THEY_STAND - _OTHER_PAGES
