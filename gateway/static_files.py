"""The files of the page, read once and compressed once.

A file's address may begin with the version of all of them: what a browser got from such an address
never changes, and is not asked for again.
"""

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from flask import Request, Response

_ADDRESS = b'"/static/'  # as the files name each other
_YEAR = 365 * 24 * 60 * 60  # seconds; the longest that caches keep anything (RFC 9111, 1.2.2)


@dataclass(frozen=True)
class StaticFile:
    """A file's bytes, as they are and compressed."""

    mimetype: str
    plain: bytes
    compressed: bytes
    etag: str

    @classmethod
    def of(cls, name: str, content: bytes) -> Self:
        """The file called `name`."""
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return cls(kind, content, gzip.compress(content, mtime=0), _digest(content))

    def answer(self, request: Request, immutable: bool) -> Response:
        """200 or 304; a browser asks each time for what is not `immutable`."""
        if request.accept_encodings.quality("gzip") > 0:
            response = Response(self.compressed, mimetype=self.mimetype)
            response.content_encoding = "gzip"
            response.set_etag(f"{self.etag}-gzip")
        else:
            response = Response(self.plain, mimetype=self.mimetype)
            response.set_etag(self.etag)
        response.vary.add("Accept-Encoding")
        if immutable:
            response.cache_control.public = response.cache_control.immutable = True
            response.cache_control.max_age = _YEAR
        else:
            response.cache_control.no_cache = True
        response.make_conditional(request)
        return response


class StaticFiles:
    """All files of a folder, by their names in it."""

    def __init__(self, folder: Path) -> None:
        contents = {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }
        self._version = _digest(b"".join(contents.values()))
        versioned = _ADDRESS + self._version.encode() + b"/"
        self._files = {
            name: StaticFile.of(name, content.replace(_ADDRESS, versioned))
            for name, content in contents.items()
        }

    def answer(self, request: Request, name: str) -> Response | None:
        """The answer with the file at `name`, which may begin with a version; None without it.

        During a rollout a browser has the version of one gateway and asks another.
        """
        version, _, rest = name.partition("/")
        file = self._files.get(name) or self._files.get(rest)
        return file.answer(request, version == self._version) if file else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
