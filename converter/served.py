"""Hands a job's video out of GridFS to ffmpeg over HTTP, so that it is never on disk whole."""

import contextlib
import re
import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from pymongo.errors import PyMongoError

from convert.media import MediaError
from convert.source import Source
from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Client
from servicekit.gridfs.read import MissingChunksError, read
from servicekit.jobs.reasons import Reason

_FROM = re.compile(r"bytes=(\d{1,18})-")  # the only form of a range that ffmpeg asks for


@dataclass
class HandOut:
    """A video under the name by which it can be read now, and what kept a reader from it."""

    name: str
    video: GridFile
    failure: PyMongoError | None = None

    def raise_failure(self) -> None:
        """Raise what MongoDB failed with; MediaError where parts of the video are gone."""
        if isinstance(self.failure, MissingChunksError):
            raise MediaError(Reason.FILE_CUT_OFF) from self.failure
        if self.failure:
            raise self.failure


class VideoServer:
    """A server on this machine's loopback address that knows one video at a time."""

    def __init__(self, client: Client) -> None:
        self._videos = client["videos"]
        self._current: HandOut | None = None
        self._server = _Server(self)
        threading.Thread(target=self._server.serve_forever, daemon=True, name="videos").start()

    @contextlib.contextmanager
    def hand_out(self, video: GridFile) -> Iterator[Source]:
        """Where ffmpeg can read `video`, for as long as the context lasts.

        Raises PyMongoError when MongoDB failed meanwhile, whatever ffmpeg made of that.
        """
        current = self._current = HandOut(secrets.token_hex(16), video)
        try:
            yield Source.of_server(self._server.server_port, current.name, video.length)
        except MediaError:
            current.raise_failure()
            raise
        finally:
            self._current = None
        current.raise_failure()

    def find(self, path: str) -> HandOut | None:
        """What is handed out under `path`."""
        current = self._current
        return current if current and path == f"/{current.name}" else None

    def read(self, current: HandOut, start: int) -> Iterator[bytes]:
        """The bytes of a video from `start` on, up to where MongoDB fails."""
        video = current.video
        try:
            yield from read(self._videos, video, start, video.length)
        except PyMongoError as error:
            current.failure = error


class _Server(ThreadingHTTPServer):
    def __init__(self, videos: VideoServer) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.videos = videos


class _Handler(BaseHTTPRequestHandler):
    """Answers ffmpeg, which waits as long as it computes: only its end ends the connection."""

    disable_nagle_algorithm = True  # the head of an answer would hold its body back for 40 ms
    server: _Server

    def do_GET(self) -> None:
        """The video from the byte asked for to its end."""
        current = self.server.videos.find(self.path)
        asked = _FROM.fullmatch(self.headers.get("Range", "bytes=0-"))
        if current is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        elif not asked or int(asked[1]) >= current.video.length:
            self.send_error(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE)
        else:
            self._send(current, int(asked[1]))

    def _send(self, current: HandOut, start: int) -> None:
        length = current.video.length
        self.send_response(HTTPStatus.PARTIAL_CONTENT)
        self.send_header("Content-Range", f"bytes {start}-{length - 1}/{length}")
        self.send_header("Content-Length", str(length - start))
        self.send_header("Accept-Ranges", "bytes")
        self.end_headers()
        # ffmpeg goes away when it has read enough, and comes back for another part.
        with contextlib.suppress(ConnectionError):
            for block in self.server.videos.read(current, start):
                self.wfile.write(block)

    def log_message(self, format: str, *args: object) -> None:
        """ffmpeg's requests belong in no log."""
