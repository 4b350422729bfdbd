"""What the requests for jobs ask for, in their URLs."""

import re
import unicodedata

from bson import ObjectId
from werkzeug.datastructures import MultiDict

from servicekit.http.errors import RefusedError
from servicekit.http.numbers import whole_number
from servicekit.jobs.job import Job
from servicekit.jobs.queries import Page, Place
from servicekit.jobs.state import SHOWN, State
from servicekit.links.settings import MAX_LIFETIME
from servicekit.milliseconds import moment_of, since_1970

MAX_PAGE, DEFAULT_PAGE = 100, 20
MAX_WAIT = 60  # seconds
MAX_NAME = 255  # characters; none that is stored is longer
MAX_IDS = 400  # in one archive; a link to it, in which they all are, is still a request line
MAX_IDS_FORM = 16 * 1024  # bytes of a form with so many, their commas escaped

# A job's id; in front of it, in the links to a next page, the moment of its upload in milliseconds
# since 1970, so that the page is right also when the job is deleted meanwhile.
_PLACE = re.compile(r"(?:(\d{1,14})-)?([0-9a-fA-F]{24})", re.ASCII)


def page(args: MultiDict[str, str]) -> Page:
    """`limit`, `state`, `before` and `q`; RefusedError names a bad one and what is allowed."""
    state, before = args.get("state"), args.get("before")
    if state is not None and state not in SHOWN:
        raise RefusedError(f"state must be one of {', '.join(SHOWN)}")
    return Page(
        _number(args, "limit", DEFAULT_PAGE, 1, MAX_PAGE),
        State(state) if state is not None else None,
        _place(before) if before is not None else None,
        _part_of_a_name(args.get("q", "")),
    )


def place(job: Job) -> str:
    """The value of `before` for the page that follows one which ends with `job`."""
    return f"{since_1970(job.file.uploaded)}-{job.id}"


def wait(args: MultiDict[str, str]) -> int:
    """`wait`, in seconds."""
    return _number(args, "wait", 0, 0, MAX_WAIT)


def ids(fields: MultiDict[str, str]) -> list[str]:
    """`ids` with commas between, each once, in their order; RefusedError for none or too many."""
    given = ",".join(fields.getlist("ids")).lower().split(",")
    found = list(dict.fromkeys(filter(None, given)))
    if not 1 <= len(found) <= MAX_IDS:
        raise RefusedError(f"ids must be those of 1 to {MAX_IDS} jobs, with commas between")
    return found


def lifetime(args: MultiDict[str, str], most: int) -> int:
    """`lifetime` of a link, in seconds; `most` unless it is asked for less."""
    return min(_number(args, "lifetime", most, 1, MAX_LIFETIME), most)


def _place(raw: str) -> Place:
    match = _PLACE.fullmatch(raw)
    if not match:
        raise RefusedError("before must be the id of a job")
    uploaded = moment_of(int(match[1])) if match[1] else None
    return Place(ObjectId(match[2]), uploaded)


def _part_of_a_name(raw: str) -> str:
    """What stored names may have in them, in which there are no control characters."""
    if len(raw) > MAX_NAME or any(unicodedata.category(c) == "Cc" for c in raw):
        raise RefusedError(f"q must be a part of a name, of at most {MAX_NAME} characters")
    return raw


def _number(args: MultiDict[str, str], name: str, default: int, low: int, high: int) -> int:
    raw = args.get(name)
    return default if raw is None else whole_number(raw, name, low, high)
