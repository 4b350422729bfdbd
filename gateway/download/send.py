"""An MP3, sent to its owner."""

import functools
from dataclasses import dataclass

from flask import Request, Response

import patience
from download.answer import answer, mp3_name
from servicekit.http.errors import RefusedError
from servicekit.http.places import Places
from servicekit.jobs.job import Job, Mp3
from storage.util import Reader


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
        check_is_kept(mp3)
        name = mp3_name(job.file.filename) if job else f"{mp3.id}.mp3"
        with self.places.take(username, "download_places") as place:
            response = answer(request, mp3.file, name, functools.partial(self.mp3s.read, mp3.file))
            response.call_on_close(place.pop_all().close)
        patience.with_download(request, self.idle_timeout)
        return response


def check_is_kept(mp3: Mp3) -> None:
    """RefusedError when it was removed for its age."""
    if mp3.removed:
        raise RefusedError(f"The file was removed on {mp3.removed:%Y-%m-%d}", 410)
