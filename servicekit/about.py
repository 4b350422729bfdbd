"""What a thread works on: fields that all its log lines have, first of them the request's id.

The id of an upload goes with its job through all services: one search tells the whole story.
"""

import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

# What proxies and clients make: UUIDs, ULIDs, base64, W3C trace ids. All else is replaced.
_SANE = re.compile(r"[A-Za-z0-9._~:+/=-]{1,128}")

_NONE: Mapping[str, str] = MappingProxyType({})
_fields: ContextVar[Mapping[str, str]] = ContextVar("fields", default=_NONE)


@contextmanager
def about(**fields: str) -> Iterator[None]:
    """Inside, this thread's log lines have these fields too; empty ones say nothing."""
    before = _fields.set({**_fields.get(), **_told(fields)})
    try:
        yield
    finally:
        _fields.reset(before)


def begin(**fields: str) -> None:
    """From now on, this thread's log lines have these fields and no others."""
    _fields.set(_told(fields))


def add(**fields: str) -> None:
    """From now on, until what is around it ends, this thread's log lines have these fields too."""
    _fields.set({**_fields.get(), **_told(fields)})


def fields() -> Mapping[str, str]:
    """Those of this thread now."""
    return _fields.get()


def request_id() -> str:
    """The id of the request that this thread works on; empty when it works on none."""
    return _fields.get().get("request_id", "")


def sane(sent: str | None) -> str:
    """The id that a stranger sent, if it is one; else empty."""
    return sent if sent and _SANE.fullmatch(sent) else ""


def sane_or_new(sent: str | None) -> str:
    """The id that a client sent, if it is one; else a new one."""
    return sane(sent) or uuid.uuid4().hex


def user_hash(username: str) -> str:
    """What stands for a user in fields: addresses are not for all who read logs."""
    return hashlib.sha256(username.encode(errors="replace")).hexdigest()[:12]


def of_job(job_id: str, username: str) -> dict[str, str]:
    """The fields of what concerns a job."""
    return {"job_id": job_id, "user": user_hash(username) if username else ""}


def _told(fields: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}
