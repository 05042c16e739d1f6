"""WeChat's XML, read without trust: flat, small, no document type, no entities; and written."""

import re
from collections.abc import Mapping
from xml.parsers import expat

LARGEST = 64 * 1024
MOST_ELEMENTS = 200
DEEPEST = 4
UNWRITABLE = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML may hold, not even as CDATA (XML 1.0, 2.2)."""


class Malformed(Exception):
    """Not a message of WeChat's."""


def read(raw: bytes) -> dict[str, str]:
    """The elements directly below the root, by name; what stands deeper is passed over. Raises Malformed."""
    if len(raw) > LARGEST:
        raise Malformed("too large")
    reader = _Reader()
    try:
        reader.parser.Parse(raw, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Malformed("not well formed") from error
    return reader.found


def write(values: Mapping[str, str | int]) -> str:
    """A message: texts as CDATA, numbers bare."""
    inner = "".join(f"<{name}>{_value(value)}</{name}>" for name, value in values.items())
    return f"<xml>{inner}</xml>"


def _value(value: str | int) -> str:
    if isinstance(value, int):
        return str(value)
    return "<![CDATA[" + UNWRITABLE.sub("", value).replace("]]>", "]]]]><![CDATA[>") + "]]>"


class _Reader:
    """Collects what stands at depth two."""

    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._begin
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._parts: list[str] = []
        self._elements = 0

    def _refuse(self, *_declared: object) -> None:
        raise Malformed("a document type")

    def _begin(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        self._path.append(name)
        if self._elements > MOST_ELEMENTS or len(self._path) > DEEPEST:
            raise Malformed("too much structure")
        if len(self._path) == 2:
            self._parts = []
            if name in self.found:
                raise Malformed("said twice")

    def _end(self, name: str) -> None:
        if len(self._path) == 2:
            self.found[name] = "".join(self._parts).strip()
        self._path.pop()

    def _text(self, text: str) -> None:
        if len(self._path) == 2:
            self._parts.append(text)
