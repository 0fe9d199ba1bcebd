"""Build the XML of a feed, element by element, and write it as a file."""

from __future__ import annotations

from lxml import etree

ATOM = "http://www.w3.org/2005/Atom"
"""The namespace of Atom, which RSS feeds borrow from."""


class Parent:
    """An element that further ones are put into.

    Args:
        element: the element itself.
        namespace: the one of what is put into it, ``""`` for none.
    """

    def __init__(self, element: etree._Element, namespace: str = "") -> None:
        self._element = element
        self._namespace = namespace

    def add(
        self, tag: str, text: str = "", namespace: str | None = None, **attributes: str
    ) -> Parent:
        """Put an element into this one; returns it."""
        space = self._namespace if namespace is None else namespace
        name = f"{{{space}}}{tag}" if space else tag
        element = etree.SubElement(self._element, name, attributes)
        element.text = text or None
        return Parent(element, self._namespace)

    def as_file(self) -> bytes:
        """Write it as a whole XML file, UTF-8."""
        etree.indent(self._element)
        data: bytes = etree.tostring(
            self._element, encoding="utf-8", xml_declaration=True
        )
        return data + b"\n"
