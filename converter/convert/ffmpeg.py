"""The ffmpeg that moviepy is configured to use, and what its ends mean."""

import errno
import functools
import os
import shutil
import signal
import subprocess  # noqa: S404 moviepy is asked in a process of its own
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from convert import command
from convert.bounds import LOOK_TIME, Bounds
from convert.cage import Cage
from convert.media import MediaError, Sound, sounds_in
from convert.process import Ended, run
from convert.source import Source
from servicekit.jobs.reasons import Reason

ASK_LIMIT = 60.0  # seconds to import moviepy; on a busy node, from a cold disk

# A program that a stranger's file makes crash, it will make crash again.
_CRASHES = (
    *(signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE),
    *(signal.SIGSYS, signal.SIGTRAP),
)


@functools.cache
def binary() -> str:
    """The program that moviepy's FFMPEG_BINARY names, or else what moviepy is configured to use.

    moviepy is asked in a process that ends, for importing it would cost the worker 20 MB; the
    image, which has its own ffmpeg, holds no moviepy. Raises FileNotFoundError when moviepy finds
    none either.
    """
    named = os.environ.get("FFMPEG_BINARY", "")
    if program := shutil.which(named):
        return program
    ask = "from moviepy.config import FFMPEG_BINARY; print(FFMPEG_BINARY)"
    answer = subprocess.run(  # noqa: S603 no word of the command comes from a user
        [sys.executable, "-c", ask], capture_output=True, text=True, timeout=ASK_LIMIT
    )
    if answer.returncode:
        raise FileNotFoundError(f"FFMPEG_BINARY: there is no program {named!r}")
    return answer.stdout.strip()


class Ffmpeg:
    """Runs ffmpeg on one source, each time in a cage, until the job's deadline.

    Nothing but `files` can be written, or read beside the source.
    """

    def __init__(
        self, source: Source, files: Sequence[Path], bounds: Bounds, abort: threading.Event
    ) -> None:
        self._source = source
        self._bounds = bounds
        self._cage = bounds.conversion(source, *files)
        self._deadline = time.monotonic() + bounds.time_limit
        self._abort = abort

    def look(self) -> Sequence[Sound]:
        """The source's audio tracks; MediaError when there is none, or no media."""
        try:
            ended = self._run(
                command.look(self._source), LOOK_TIME, self._bounds.look(self._source)
            )
        except TimeoutError as error:
            raise MediaError(Reason.HEADERS_TOO_LARGE) from error
        if ended.code < 0:
            crashed = -ended.code in _CRASHES  # otherwise it was killed at the end of its CPU time
            raise MediaError(Reason.NOT_MEDIA if crashed else Reason.HEADERS_TOO_LARGE)
        return sounds_in(ended.stderr)

    def __call__(
        self, arguments: Sequence[str], on_line: Callable[[str], None] | None = None
    ) -> Ended:
        """Run with `arguments` to a good end; MediaError when the source is why there is none."""
        left = self._deadline - time.monotonic()
        ended = self._run(arguments, left, self._cage, on_line)
        if ended.code == 0:
            return ended
        if os.strerror(errno.ENOSPC) in ended.stderr:
            raise OSError(errno.ENOSPC, "no space for the MP3")
        if ended.code == -signal.SIGXFSZ or os.strerror(errno.EFBIG) in ended.stderr:
            raise MediaError(Reason.TOO_LONG, hours=self._bounds.max_duration / 3600)
        if ended.code < 0 and -ended.code not in _CRASHES:
            raise RuntimeError(f"ffmpeg was killed by signal {-ended.code}")
        raise MediaError(Reason.SOUND_NOT_DECODABLE)

    def _run(
        self,
        arguments: Sequence[str],
        limit: float,
        cage: Cage,
        on_line: Callable[[str], None] | None = None,
    ) -> Ended:
        return run([binary(), *arguments], limit, self._abort, cage, on_line)
