"""Walking XML by local names: public reports differ in their namespaces and prefixes, not in their elements."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from hybrid_env.traces.importers.source import ReadError, SourceFile


def local_name(element: Element) -> str:
    """The tag without its namespace."""
    return element.tag.rsplit("}", 1)[-1]


def children(element: Element, name: str) -> Iterator[Element]:
    """All descendants of that local name, in the order of the file."""
    return (found for found in element.iter() if local_name(found) == name)


def text(element: Element, name: str) -> str | None:
    """The text of the first descendant of that local name; None if there is none or it is blank."""
    for found in children(element, name):
        if found.text and found.text.strip():
            return found.text.strip()
    return None


def required_text(source: SourceFile, element: Element, name: str) -> str:
    """As `text`.

    Raises:
        ReadError: there is none.
    """
    found = text(element, name)
    if found is None:
        raise ReadError(
            source.path, column=name, found=f"no element <{name}> in <{local_name(element)}>", fix="download it again"
        )
    return found
