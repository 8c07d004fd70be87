"""Fills the templates of the pages."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;)]")


def render(template: str, **values: Any) -> str:
    """A page or a part of one, out of a template.

    Whatever goes in is escaped unless it is Markup; a value that is missing is an error.

    Args:
        template: see `asset`.
        values: what the template's names stand for.
    """
    return _environment().get_template(template).render(**values)


def fragment(template: str, **values: Any) -> Markup:
    """A part of a page, to be put into another one as it is; see `render`.

    >>> print(fragment("recognizer/cell.html.j2", key="1", count=2, part="a & b", uris=())[:15])
    <a class="cell"
    """
    return Markup(render(template, **values))


def asset(name: str) -> str:
    """The text of a file in a folder ``template``, such as a style sheet or a script.

    Args:
        name: of the file, as ``"shell.css"``; where it lies in a sub-folder's ``template``, with the
            sub-folder before it, as ``"recognizer/check.css"``.
    """
    folder, _, file = name.rpartition("/")
    return files("spotter.report").joinpath(folder, "template", file).read_text("utf-8")


def linked(text: str) -> Markup:
    """Text with its web addresses as links, everything else escaped.

    >>> print(linked("Doe <2010>, https://doi.org/10.1/x."))
    Doe &lt;2010&gt;, <a href="https://doi.org/10.1/x" rel="noreferrer">https://doi.org/10.1/x</a>.
    """
    out, end = Markup(), 0
    for found in _LINK.finditer(text):
        address = escape(found.group())
        link = Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address)
        out += escape(text[end : found.start()]) + link
        end = found.end()
    return out + escape(text[end:])


def breakable(name: str) -> Markup:
    """A name that may be broken after its underscores, where there is little room.

    >>> print(breakable("lower_arm"))
    lower_<wbr>arm
    """
    return Markup("_<wbr>").join(name.split("_"))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = linked
    environment.filters["breakable"] = breakable
    return environment
