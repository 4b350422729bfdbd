"""What the requests for jobs ask for, in their URLs."""

from bson import ObjectId
from bson.errors import InvalidId
from werkzeug.datastructures import MultiDict

from errors import RefusedError
from jobs.records import STATES, Page

MAX_PAGE, DEFAULT_PAGE = 100, 20
MAX_WAIT = 60  # seconds


def page(args: MultiDict[str, str]) -> Page:
    """`limit`, `state` and `before`; RefusedError names a bad one and what is allowed."""
    state, before = args.get("state"), args.get("before")
    if state is not None and state not in STATES:
        raise RefusedError(f"state must be one of {', '.join(STATES)}")
    try:
        below = ObjectId(before) if before is not None else None
    except InvalidId:
        raise RefusedError("before must be the id of a job") from None
    return Page(_number(args, "limit", DEFAULT_PAGE, 1, MAX_PAGE), state, below)


def wait(args: MultiDict[str, str]) -> int:
    """`wait`, in seconds."""
    return _number(args, "wait", 0, 0, MAX_WAIT)


def _number(args: MultiDict[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = args.get(name)
    if raw is None:
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) < 10 and low <= int(raw) <= high):
        raise RefusedError(f"{name} must be a whole number from {low} to {high}")
    return int(raw)
