"""Reading an XML file of a source without ever expanding an entity."""

from __future__ import annotations

from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from kg.sources.base import MalformedSource


def parse_xml(source: str, file: str, text: str) -> Element:
    """Give the root element of an XML text.

    Raises:
        MalformedSource: The text is not well-formed, or has a DOCTYPE: no source needs one, and its
            entities could make a small file unpack without end.
    """
    builder = TreeBuilder()
    parser, is_final = expat.ParserCreate(), True

    def refuse(*_: object) -> None:
        raise MalformedSource(source, file, "has a DOCTYPE", parser.CurrentLineNumber)

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(text, is_final)
    except expat.ExpatError as error:
        raise MalformedSource(source, file, f"not XML ({error})", error.lineno) from error
    return builder.close()
