"""tus 1.0.0, https://tus.io/protocols/resumable-upload: what its headers say."""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from flask import Request, Response

from servicekit.http.errors import RefusedError
from servicekit.http.problem import Code

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,expiration,checksum"
ALGORITHMS = ("sha1", "sha256", "md5")
CONTENT_TYPE = "application/offset+octet-stream"
CHECKSUM_MISMATCH = 460  # the protocol's own status


def check_version(request: Request) -> None:
    """RefusedError, a 412, unless the client speaks this version; only OPTIONS needs none."""
    if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
        raise RefusedError("Tus-Resumable must be 1.0.0", 412, Tus_Version=VERSION)


def method(request: Request) -> str:
    """The method; a client that cannot send PATCH or DELETE sends POST and says so."""
    return request.headers.get("X-HTTP-Method-Override", request.method).upper()


def number(request: Request, name: str) -> int:
    """The whole number of a header; RefusedError where there is none."""
    value = request.headers.get(name, "")
    if not (value.isascii() and value.isdecimal() and len(value) <= 18):
        raise RefusedError(f"{name} must be a whole number")
    return int(value)


def check_content_type(request: Request) -> None:
    """RefusedError, a 415, unless the body is a part of a file."""
    if request.mimetype != CONTENT_TYPE:
        raise RefusedError(f"Content-Type must be {CONTENT_TYPE}", 415)


def metadata(text: str) -> Mapping[str, str]:
    """What Upload-Metadata says: names, each with a value in base64 or none; RefusedError."""
    values = {}
    for pair in filter(None, map(str.strip, text.split(","))):
        name, _, value = pair.partition(" ")
        try:
            values[name] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise RefusedError("Upload-Metadata must be text in base64") from error
    return values


class Checksum:
    """That of a part of the file; without a header it is always right."""

    def __init__(self, request: Request) -> None:
        algorithm, _, digest = request.headers.get("Upload-Checksum", "").partition(" ")
        self.is_given = bool(algorithm)
        if not self.is_given:
            return
        if algorithm not in ALGORITHMS:
            raise RefusedError(f"Upload-Checksum must be by one of {', '.join(ALGORITHMS)}")
        try:
            self._expected = base64.b64decode(digest, validate=True)
        except binascii.Error as error:
            raise RefusedError("Upload-Checksum must be in base64") from error
        self._hash = hashlib.new(algorithm, usedforsecurity=False)

    def update(self, piece: bytes) -> None:
        """Count a piece in."""
        if self.is_given:
            self._hash.update(piece)

    def check(self) -> None:
        """RefusedError, a 460, when something else came than was sent."""
        if self.is_given and self._hash.digest() != self._expected:
            raise RefusedError("Checksum Mismatch", CHECKSUM_MISMATCH, Code.CHECKSUM_MISMATCH)


def conflict() -> RefusedError:
    """A 409: the client is to ask how far the upload has come."""
    return RefusedError("Upload-Offset is not where the upload is", 409, Code.OFFSET_CONFLICT)


def description(max_bytes: int) -> Response:
    """What this server can, for who asks by OPTIONS."""
    response = Response(status=204)
    response.headers["Tus-Version"] = VERSION
    response.headers["Tus-Extension"] = EXTENSIONS
    response.headers["Tus-Max-Size"] = str(max_bytes)
    response.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    return response
