"""Rich text that can do no harm: an allow list of marks, links to http(s) alone, no styles, no handlers, no hx-*."""

import html
import re
from urllib.parse import quote, urlsplit

import nh3

TAGS = {
    "p", "br", "h2", "h3", "h4", "strong", "b", "em", "i", "u", "s", "blockquote", "ul", "ol", "li", "a", "hr",
    "table", "thead", "tbody", "tr", "th", "td", "caption", "sup", "sub", "code", "pre",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}}
PLACE = re.compile(r"<p>\s*[\[［【]图\s*(\d{1,2})[\]］】]\s*</p>")
"""A paragraph of the cleaned text that is nothing but [图1]: the place of a picture."""
LEAVING = "/out?to="


def clean(text: str) -> str:
    """``text`` as harmless HTML. Text without marks becomes paragraphs, one per blank-line-separated block."""
    if not re.search(r"<[a-zA-Z/!]", text):
        text = _paragraphs(text)
    return nh3.clean(
        text, tags=TAGS, attributes=ATTRIBUTES, url_schemes={"http", "https"}, link_rel="noopener noreferrer"
    ).strip()


def for_reading(kept: str, own_host: str) -> str:
    """Kept HTML, cleaned once more, with links to other sites led through the leaving page."""
    return nh3.clean(
        kept,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
        attribute_filter=lambda tag, name, value: _lead_out(value, own_host) if (tag, name) == ("a", "href") else value,
    )


def to_text(cleaned: str) -> str:
    """The words without marks, for search and summaries."""
    spaced = re.sub(r"<(br|/p|/h\d|/li|/tr|/td|/th)[^>]*>", " ", PLACE.sub(" ", cleaned))
    return re.sub(r"\s+", " ", html.unescape(nh3.clean(spaced, tags=set()))).strip()


def _paragraphs(text: str) -> str:
    blocks = re.split(r"\n\s*\n", text.replace("\r\n", "\n").strip())
    return "".join(f"<p>{'<br>'.join(map(html.escape, block.split(chr(10))))}</p>" for block in blocks if block)


def _lead_out(address: str, own_host: str) -> str:
    parts = urlsplit(address)
    if not parts.netloc or parts.netloc == own_host:
        return address
    return LEAVING + quote(address, safe="")
