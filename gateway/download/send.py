"""MP3s, sent to their owner."""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from flask import Request, Response

import patience
from download.answer import Content, answer, archive_answer
from download.archive import Entry
from download.names import in_one_folder, mp3_name
from servicekit.gridfs.file import GridFile
from servicekit.http.errors import RefusedError
from servicekit.http.places import Places
from servicekit.http.problem import Code
from servicekit.jobs.chapters import Chapter
from servicekit.jobs.job import Job, Mp3
from storage.util import Reader

ARCHIVE_NAME = "mp3s.zip"


@dataclass(frozen=True)
class Sender:
    """Sends MP3s to who has a place; a client may keep silent for `idle_timeout` seconds."""

    mp3s: Reader
    places: Places
    idle_timeout: float

    def send(self, request: Request, username: str, mp3: Mp3, job: Job | None) -> Response:
        """The answer with `mp3`, named after its video.

        RefusedError when it is gone by its age, or too many are on their way to `username`.
        """
        read = functools.partial(self.mp3s.read, mp3.file)
        whole = Content(str(mp3.id), mp3.file.length, mp3.file.uploaded, _name(mp3, job), read)
        return self._send(request, username, [mp3], lambda: answer(request, whole))

    def send_chapter(self, request: Request, username: str, mp3: Mp3, chapter: Chapter) -> Response:
        """The same with one chapter of `mp3`, named after its number and title."""
        name = f"{chapter.number:02} {chapter.title}.mp3".replace("/", "_")
        etag = f"{mp3.id}-{chapter.number}"
        read = functools.partial(self._read_chapter, mp3, chapter)
        part = Content(etag, chapter.length, mp3.file.uploaded, name, read)
        return self._send(request, username, [mp3], lambda: answer(request, part))

    def send_archive(
        self, request: Request, username: str, some: Sequence[tuple[Mp3, Job | None]]
    ) -> Response:
        """The same with a ZIP of some MP3s, which takes one place."""
        mp3s = [mp3 for mp3, _ in some]
        names = in_one_folder(_name(*one) for one in some)
        entries = [Entry(name, mp3.file) for name, mp3 in zip(names, mp3s, strict=True)]
        return self._send(
            request,
            username,
            mp3s,
            lambda: archive_answer(request, entries, ARCHIVE_NAME, self._whole),
        )

    def _send(
        self, request: Request, username: str, mp3s: Sequence[Mp3], make: Callable[[], Response]
    ) -> Response:
        for mp3 in mp3s:
            check_is_kept(mp3)
        with self.places.take(username, "download_places") as place:
            response = make()
            response.call_on_close(place.pop_all().close)
        patience.with_download(request, self.idle_timeout)
        return response

    def _whole(self, file: GridFile) -> Iterator[bytes]:
        return self.mp3s.read(file, 0, file.length)

    def _read_chapter(self, mp3: Mp3, chapter: Chapter, start: int, stop: int) -> Iterator[bytes]:
        head = len(chapter.head)
        if start < head:
            yield chapter.head[start:stop]
        if stop > head:
            first = chapter.first + max(start - head, 0)
            yield from self.mp3s.read(mp3.file, first, chapter.first + stop - head)


def check_is_kept(mp3: Mp3) -> None:
    """RefusedError when it was removed for its age."""
    if mp3.removed:
        raise RefusedError(
            f"The file was removed on {mp3.removed:%Y-%m-%d}", 410, Code.FILE_REMOVED
        )


def _name(mp3: Mp3, job: Job | None) -> str:
    return mp3_name(job.file.filename) if job else f"{mp3.id}.mp3"
