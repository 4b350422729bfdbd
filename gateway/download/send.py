"""An MP3, sent to its owner."""

import functools
from dataclasses import dataclass

from flask import Request, Response

import idle_timeout
from download.answer import answer, mp3_name
from servicekit.http.errors import RefusedError
from servicekit.jobs.job import Job, Mp3
from storage.util import Reader


@dataclass(frozen=True)
class Sender:
    """Sends MP3s; a client may keep silent for `idle_timeout` seconds."""

    mp3s: Reader
    idle_timeout: float

    def send(self, request: Request, mp3: Mp3, job: Job | None) -> Response:
        """The answer with `mp3`, named after its video; RefusedError when it is gone by its age."""
        if mp3.removed:
            raise RefusedError(f"The file was removed on {mp3.removed:%Y-%m-%d}", 410)
        idle_timeout.limit(request, self.idle_timeout)
        name = mp3_name(job.file.filename) if job else f"{mp3.id}.mp3"
        return answer(request, mp3.file, name, functools.partial(self.mp3s.read, mp3.file))
