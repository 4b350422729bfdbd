"""The chapters of an MP3 as parts of its bytes, each with a head that makes an MP3 of it.

A frame's sound may begin in the frames before it, up to 511 bytes back (the bit reservoir), and
overlaps with theirs. So a part begins three frames early, seven at MPEG-2's rates, as many as a
delay can tell a player to skip: all that is needed at 96 kbit/s and more. At 64 the first hundredth
of a second may lack some of its sound, at V9 the first six. With its delays a part plays from
sample to sample as the whole does there; who ignores them hears 0.1 s more in front.
"""

import mmap
from array import array
from collections.abc import Sequence
from pathlib import Path

from convert.mp3 import id3, xing
from convert.mp3.frames import BadFrameError, Header, offsets
from convert.mp3.xing import DECODER_DELAY, MOST_DELAY, Info
from servicekit.jobs.chapters import MAX_TEXT, Chapter


def chapters_of(path: Path, name: str) -> Sequence[Chapter]:
    """The chapters of the MP3 at `path`; `name` is the album's where the MP3 has no title.

    None for a file whose frames cannot be told apart, as a stranger's copied sound may be.
    """
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        tag = id3.read(data[: id3.size(data[:10])])
        if not tag.marks:
            return ()
        try:
            return _Parts(data, tag, name).chapters()
        except BadFrameError:
            return ()


class _Parts:
    """The frames of an MP3, and where its sound lies in what a decoder makes of them."""

    def __init__(self, data: mmap.mmap, tag: id3.Tag, name: str) -> None:
        self._tag, self._name = tag, name
        self._offsets = offsets(data, tag.size)
        first = data[self._offsets[0] : self._offsets[1]]
        self._header = Header.read(first)
        info = xing.read(first)
        if info:
            self._offsets = self._offsets[1:]
        self._info = info or Info(b"Info", 0, 0)
        self._begin = self._info.delay + DECODER_DELAY if info else 0
        frames = len(self._offsets) - 1
        self._end = frames * self._header.samples - max(0, self._info.padding - DECODER_DELAY)

    def chapters(self) -> Sequence[Chapter]:
        """Those that have any sound."""
        marks = [mark for mark in self._tag.marks if self._at(mark.end) > self._at(mark.start)]
        return [self._chapter(mark, n, len(marks)) for n, mark in enumerate(marks, start=1)]

    def _at(self, seconds: float) -> int:
        """The sample of what a decoder makes of all frames that is heard at this time."""
        return min(self._begin + round(seconds * self._header.rate), self._end)

    def _chapter(self, mark: id3.Mark, number: int, total: int) -> Chapter:
        samples, begin, end = self._header.samples, self._at(mark.start), self._at(mark.end)
        early = (MOST_DELAY + DECODER_DELAY) // samples - 1
        first = max(0, begin // samples - early)
        last = -(-end // samples)
        part: array[int] = self._offsets[first : last + 1]
        delay = max(0, begin - first * samples - DECODER_DELAY)
        padding = last * samples + DECODER_DELAY - end
        title = mark.title[:MAX_TEXT] or f"Chapter {number}"
        head = id3.write(
            {
                "TIT2": title,
                "TPE1": self._tag.artist[:MAX_TEXT],
                "TALB": (self._tag.title or self._name)[:MAX_TEXT],
                "TRCK": f"{number}/{total}",
            }
        )
        head += xing.write(self._header.raw, Info(self._info.name, delay, padding), part)
        return Chapter(number, title, mark.start, mark.end, head, part[0], part[-1])
