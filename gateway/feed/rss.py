"""RSS 2.0 as podcast apps read it.

By the RSS Advisory Board's specification, 2.0.11, its Best Practices Profile (`atom:link`), and
Apple's "A Podcaster's Guide to RSS" (`itunes:block`, lengths and types of enclosures).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

TYPE = "application/rss+xml"
_ATOM = "http://www.w3.org/2005/Atom"
_ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
register_namespace("atom", _ATOM)
register_namespace("itunes", _ITUNES)

# XML 1.0, section 2.2: what is no Char cannot be in a document, not even as a reference.
_NO_CHAR = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Item:
    """An MP3 of `length` bytes at `url`, which `id` names for ever; the title is a stranger's."""

    id: str
    title: str
    published: datetime
    url: str
    length: int


def feed(home: str, address: str, items: Iterable[Item]) -> bytes:
    """The document at `address`; `home` is where the page of the service is."""
    rss = Element("rss", version="2.0")
    channel = SubElement(rss, "channel")
    _add(channel, "title", "Video2MP3")
    _add(channel, "link", home)
    _add(channel, "description", "The sound of your videos. This feed is yours alone.")
    _add(channel, "language", "en")
    _add(channel, f"{{{_ATOM}}}link", href=address, rel="self", type=TYPE)
    _add(channel, f"{{{_ITUNES}}}block", "Yes")  # no directory is to list it
    for item in items:
        _add_item(channel, item)
    document: bytes = tostring(rss, encoding="utf-8", xml_declaration=True)
    return document


def _add_item(channel: Element, item: Item) -> None:
    element = SubElement(channel, "item")
    _add(element, "title", _NO_CHAR.sub("", item.title).strip() or item.id)
    _add(element, "guid", item.id, isPermaLink="false")
    _add(element, "pubDate", format_datetime(item.published))
    _add(element, "enclosure", url=item.url, length=str(item.length), type="audio/mpeg")


def _add(parent: Element, name: str, text: str | None = None, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = text
