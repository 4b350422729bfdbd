"""ID3v2.4 as ffmpeg writes it (https://id3.org/id3v2.4.0-structure, id3v2-chapters-1.0).

The packages that read chapters are under the GPL; this is what is needed of the format.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_HEAD = 10  # bytes, of a tag and of each of its frames
_UTF8 = 3
_PLAIN = (b"CHAP", b"CTOC")  # whose sizes ffmpeg writes with eight bits a byte, up to 9.0
_TIMES = 16  # bytes: start and end in ms, and the same as places in the file, which say nothing


@dataclass(frozen=True)
class Mark:
    """A chapter; its times are in seconds."""

    title: str
    start: float
    end: float


@dataclass(frozen=True)
class Tag:
    """What of a tag is worth keeping; `size` is its own, in bytes."""

    size: int
    title: str
    artist: str
    marks: tuple[Mark, ...]


def read(data: bytes) -> Tag:
    """The tag that `data` begins with; an empty one where there is none."""
    length = size(data[:_HEAD])
    texts, marks = {}, []
    for name, content in _frames(data[_HEAD:length]):
        if name == b"CHAP":
            marks.append(_mark(content))
        else:
            texts[name] = content
    title, artist = (_text(texts.get(name, b"")) for name in (b"TIT2", b"TPE1"))
    return Tag(length, title, artist, tuple(sorted(marks, key=lambda mark: mark.start)))


def size(head: bytes) -> int:
    """The length in bytes of the tag whose first ten are `head`, 0 where there is none."""
    return _HEAD + _number(head[6:10]) if head[:4] == b"ID3\x04" else 0


def write(texts: Mapping[str, str]) -> bytes:
    """A tag with these text frames, empty ones left out."""
    frames = b"".join(_frame(name, text) for name, text in texts.items() if text)
    return b"ID3\x04\0\0" + _bytes(len(frames)) + frames


def _frame(name: str, text: str) -> bytes:
    content = bytes([_UTF8]) + text.encode()
    return name.encode() + _bytes(len(content)) + b"\0\0" + content


def _frames(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    start = 0
    while start + _HEAD < len(data) and data[start]:  # zeros fill up a tag
        name, size = data[start : start + 4], data[start + 4 : start + 8]
        end = start + _HEAD + (int.from_bytes(size, "big") if name in _PLAIN else _number(size))
        yield name, data[start + _HEAD : end]
        start = end


def _mark(content: bytes) -> Mark:
    _, _, rest = content.partition(b"\0")
    start, end = (int.from_bytes(rest[at : at + 4], "big") / 1000 for at in (0, 4))
    texts = dict(_frames(rest[_TIMES:]))
    return Mark(_text(texts.get(b"TIT2", b"")), start, end)


def _text(content: bytes) -> str:
    """ffmpeg writes Latin-1 only where that is ASCII, and UTF-8 else."""
    return content[1:].decode(errors="replace").partition("\0")[0]


def _number(data: bytes) -> int:
    """Of seven bits a byte, so that it never looks like a frame of sound."""
    number = 0
    for byte in data:
        number = number << 7 | byte & 0x7F
    return number


def _bytes(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
