"""One hostile file put through the engine, and what was wrong with how it ended."""

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from servicekit.jobs.reasons import Reason
from tests.hostile.canaries import Canaries
from tests.hostile.corpus import LIMIT, MAX_DURATION, MP3, Case, Lab
from tests.hostile.engine import Ending, convert
from tests.support import media

_TOLD = {reason.value for reason in Reason}
_MEGABYTE = 1_000_000
_LEAST = 1000  # bytes of a second of an MP3 at 8 kbit/s, the lowest rate


@dataclass(frozen=True)
class Verdict:
    """How a case ended, and every promise that this broke."""

    case: Case
    ending: Ending
    broken: list[str]


def attempt(case: Case) -> Verdict:
    """Make the file, convert it, and look at all that it touched."""
    with tempfile.TemporaryDirectory(prefix="hostile-") as name:
        outside = Path(name)
        rooms = [outside / room for room in ("lab", "upload", "work", "home")]
        for room in rooms:
            room.mkdir()
        lab, upload, work, home = rooms
        with Canaries(outside / "canaries") as canaries:
            source = write(case, Lab(lab, canaries), upload / "upload")
            before = _digest(source)
            ending = convert(
                source,
                work / "sound.mp3",
                limit=LIMIT,
                max_duration=MAX_DURATION,
                options=case.options,
                elsewhere=home,
            )
            touched = [f"touched {hit}" for hit in canaries.hits()]
            touched += _strays(outside, {upload: 1, home: 0})
            touched += [] if _digest(source) == before else ["changed the upload"]
            touched += _in_mp3(work / "sound.mp3", ending, canaries.secret)
    return Verdict(case, ending, [*_endings(case, ending), *touched, *_costs(case, ending)])


def write(case: Case, lab: Lab, path: Path) -> Path:
    """The case's file at `path`, which has no suffix, as the converter's copy has none."""
    made = case.make(lab)
    if isinstance(made, bytes):
        path.write_bytes(made)
    else:
        made.rename(path)
    return path


def _endings(case: Case, ending: Ending) -> list[str]:
    if ending.ended != MP3 and ending.ended not in _TOLD:
        return [f"{ending.ended}: {ending.text}"[:160]]
    if case.must and ending.ended != case.must:
        return [f"must end as {case.must}"]
    return [f"{ending.left} processes left"] if ending.left else []


def _costs(case: Case, ending: Ending) -> list[str]:
    bounds, usage = case.bounds, ending.usage
    costs = {
        "s": (usage.seconds, bounds.seconds),
        "s of CPU": (usage.cpu, bounds.cpu),
        "MB of memory": (ending.memory / _MEGABYTE, bounds.memory),
        "MB written": (ending.written / _MEGABYTE, bounds.written),
    }
    return [f"{cost:.0f} {unit}" for unit, (cost, bound) in costs.items() if cost > bound]


def _strays(outside: Path, expected: dict[Path, int]) -> list[str]:
    """Files where there should be none."""
    strays = [room for room, count in expected.items() if len(list(room.iterdir())) != count]
    return [f"left files in {room.relative_to(outside)}" for room in strays]


def _in_mp3(path: Path, ending: Ending, secret: str) -> list[str]:
    if ending.ended != MP3:
        return []
    content = path.read_bytes()
    wrong = [] if content.startswith((b"ID3", b"\xff\xfb", b"\xff\xf3")) else ["not an MP3"]
    if any(secret.encode(code) in content for code in ("ascii", "utf-16-le", "utf-16-be")):
        wrong.append("the secret is in the MP3")
    # Only what is large enough to be too long is measured.
    if len(content) > MAX_DURATION * _LEAST and media.duration(path) > MAX_DURATION + 1:
        wrong.append(f"{media.duration(path):.0f} s of sound passed MAX_DURATION")
    return wrong


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
