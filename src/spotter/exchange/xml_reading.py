"""Reading XML of other programs piece by piece, safe against what XML can be made to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import IO, Any, Protocol
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from spotter.errors import ExchangeError
from spotter.exchange.extras import records_extra

CHUNK = 1 << 20
"""Bytes that are read at once."""


class Target(Protocol):
    """What is told of each element; see ``xml.etree.ElementTree.XMLParser``."""

    def start(self, tag: str, attrib: dict[str, str], /) -> Any: ...

    def end(self, tag: str, /) -> Any: ...

    def data(self, text: str, /) -> Any: ...

    def close(self) -> Any: ...


def feed(pieces: Iterable[bytes], name: str, target: Target) -> Any:
    """Tell a target of every element of a document that comes in pieces.

    Entities of the document's own and references to other files are refused: with them a small file grows
    without end, or reads what is on the disk.

    Args:
        pieces: of the file in turn.
        name: of the file, for messages.
        target: gets names with their namespace, ``"{namespace}name"``.

    Returns:
        What the target's ``close`` gives.

    Raises:
        ExchangeError: the document is refused, is cut, or is no XML; says where.
        MissingExtraError: defusedxml is not installed.
    """
    with records_extra("reading XML"):
        from defusedxml.common import DefusedXmlException, EntitiesForbidden
        from defusedxml.ElementTree import DefusedXMLParser
    parser = DefusedXMLParser(target=target)
    try:
        for piece in pieces:
            parser.feed(piece)
        return parser.close()
    except EntitiesForbidden as error:
        raise ExchangeError(
            f"{name} defines the entity {error.name!r}, as XML bombs do; it is not read"
        ) from error
    except DefusedXmlException as error:
        raise ExchangeError(f"{name} refers to other files; it is not read") from error
    except ParseError as error:
        line, column = error.position
        raise ExchangeError(
            f"{name} is no whole XML: {str(error).partition(':')[0]} in line {line}, column {column + 1}"
        ) from error
    except (LookupError, ValueError) as error:
        raise ExchangeError(f"{name} is in an encoding that cannot be read: {error}") from error


def read_tree(file: IO[bytes], name: str) -> Element:
    """The root of a document that fits into memory.

    Raises:
        ExchangeError: as ``feed``.
        MissingExtraError: defusedxml is not installed.

    >>> from io import BytesIO
    >>> read_tree(BytesIO(b" <a><b/></a>"), "a.xml")[0].tag
    'b'
    """
    root: Element = feed(pieces_of(file), name, TreeBuilder())
    return root


def pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    """A file in pieces; white space before the declaration, which some programs write, is left out."""
    first = True
    while piece := file.read(CHUNK):
        if first:
            piece = piece.lstrip(b" \t\r\n")
            first = not piece
        yield piece


def local(tag: str) -> str:
    """An element's name without its namespace.

    >>> local("{http://www.topografix.com/GPX/1/1}trkpt")
    'trkpt'
    """
    return tag.rpartition("}")[2]


def named(parent: Element, *names: str) -> Iterator[Element]:
    """Elements at a path below one, whatever their namespaces are.

    >>> from io import BytesIO
    >>> root = read_tree(BytesIO(b"<a><b><c>1</c></b><b><c>2</c></b></a>"), "a.xml")
    >>> [one.text for one in named(root, "b", "c")]
    ['1', '2']
    """
    for child in parent:
        if local(child.tag) == names[0]:
            if len(names) == 1:
                yield child
            else:
                yield from named(child, *names[1:])


def text_at(parent: Element, *names: str) -> str | None:
    """The text of the first element at a path; None if there is none."""
    return next((one.text for one in named(parent, *names)), None)
