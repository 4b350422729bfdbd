"""Problem details, RFC 9457: an error in JSON, with a stable code, for who asks for JSON."""

from collections.abc import Mapping
from enum import StrEnum
from http import HTTPStatus
from typing import Any, Self

from werkzeug.datastructures import MIMEAccept

TEXT, JSON, PROBLEM = "text/plain", "application/json", "application/problem+json"


class Code(StrEnum):
    """What a program can tell errors apart by: a code keeps its meaning."""

    # Those of a status, where nothing more is to be told.
    BAD_REQUEST = "bad_request"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    CONFLICT = "conflict"
    GONE = "gone"
    PRECONDITION_FAILED = "precondition_failed"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    TOO_MANY_REQUESTS = "too_many_requests"
    INTERNAL = "internal"
    NOT_IMPLEMENTED = "not_implemented"
    UNAVAILABLE = "unavailable"

    # A file that comes.
    BAD_OPTION = "bad_option"
    CHECKSUM_MISMATCH = "checksum_mismatch"
    FILE_EMPTY = "file_empty"
    FILE_TOO_LARGE = "file_too_large"
    NO_FILE = "no_file"
    OFFSET_CONFLICT = "offset_conflict"
    QUOTA_EXCEEDED = "quota_exceeded"
    TOO_MANY_JOBS = "too_many_jobs"
    UPLOAD_CUT_OFF = "upload_cut_off"
    UPLOAD_EXPIRED = "upload_expired"
    UPLOAD_LOST = "upload_lost"
    UPLOAD_NOT_FOUND = "upload_not_found"
    UPLOAD_STALLED = "upload_stalled"

    # What has become of it.
    CHAPTER_NOT_FOUND = "chapter_not_found"
    FEED_NOT_FOUND = "feed_not_found"
    FILE_NOT_FOUND = "file_not_found"
    FILE_REMOVED = "file_removed"
    JOB_NOT_FAILED = "job_not_failed"
    JOB_NOT_FOUND = "job_not_found"
    LINK_ENDED = "link_ended"
    NO_CHAPTERS = "no_chapters"
    NO_MP3 = "no_mp3"

    # The account.
    ACCOUNT_EXISTS = "account_exists"
    CODE_ENDED = "code_ended"
    KEY_NOT_FOUND = "key_not_found"
    LOGIN_NEEDED = "login_needed"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 no password
    REGISTRATION_CLOSED = "registration_closed"
    TOO_MANY_KEYS = "too_many_keys"
    TOO_MANY_WEBHOOKS = "too_many_webhooks"
    WEBHOOK_NOT_FOUND = "webhook_not_found"

    @classmethod
    def of(cls, status: int) -> Self:
        """That of a status."""
        other = cls.INTERNAL if status >= HTTPStatus.INTERNAL_SERVER_ERROR else cls.BAD_REQUEST
        return cls(_OF_STATUS.get(status, other))


_OF_STATUS = {
    401: Code.UNAUTHORIZED,
    403: Code.FORBIDDEN,
    404: Code.NOT_FOUND,
    405: Code.METHOD_NOT_ALLOWED,
    409: Code.CONFLICT,
    410: Code.GONE,
    412: Code.PRECONDITION_FAILED,
    413: Code.TOO_LARGE,
    415: Code.UNSUPPORTED_MEDIA_TYPE,
    429: Code.TOO_MANY_REQUESTS,
    501: Code.NOT_IMPLEMENTED,
    503: Code.UNAVAILABLE,
}


def is_wanted(accept: MIMEAccept) -> bool:
    """Whether a request wants its errors in JSON: it names it, and does not prefer plain text."""
    kinds = (kind.partition(";")[0].strip().lower() for kind, quality in accept if quality > 0)
    first = next((kind for kind in kinds if kind in (TEXT, JSON, PROBLEM)), TEXT)
    return first != TEXT


def details(text: str, status: int, code: Code, **more: str) -> dict[str, Any]:
    """The schema Problem of the gateway's openapi.json; `text` is what others get."""
    return {
        "type": "about:blank",
        "title": _title(status, text),
        "status": status,
        "detail": text,
        "code": code,
        **more,
    }


def read(problem: Mapping[str, Any], status: int) -> tuple[str, Code]:
    """The text and the code of another service's, whose version may have other codes."""
    try:
        code = Code(problem.get("code", ""))
    except ValueError:
        code = Code.of(status)
    return str(problem.get("detail", "")), code


def _title(status: int, text: str) -> str:
    """The phrase of the status, as RFC 9457 wants it of about:blank; tus has one of its own."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return text
