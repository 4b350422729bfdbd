"""What the doctor found at one hop, and how it is said."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # jobs pass, and somebody should know
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Finding:
    """One hop: what was found there and, unless all is well, what is needed and what mends it."""

    hop: str
    level: Level
    summary: str
    found: str = ""
    needed: str = ""
    next: str = ""
    lasting: bool = False  # whether waiting does not mend it


def ok(hop: str, summary: str) -> Finding:
    """All is well."""
    return Finding(hop, Level.OK, summary)


def warning(hop: str, summary: str, found: str, needed: str, following: str) -> Finding:
    """Jobs pass all the same."""
    return Finding(hop, Level.WARNING, summary, found, needed, following)


def broken(
    hop: str, summary: str, found: str, needed: str, following: str, lasting: bool = False
) -> Finding:
    """Jobs do not pass, or soon will not."""
    return Finding(hop, Level.BROKEN, summary, found, needed, following, lasting)


def first_broken(findings: Sequence[Finding]) -> Finding | None:
    """The first on the path, which is most likely the cause of those after it."""
    return next((each for each in findings if each.level is Level.BROKEN), None)


def as_text(findings: Sequence[Finding]) -> str:
    """A line for each hop, and below it what a person has to know to mend it."""
    lines = []
    for each in findings:
        lines.append(f"{each.level:8} {each.hop:13} {each.summary}")
        for name in ("found", "needed", "next"):
            text = getattr(each, name)
            if text:
                lines.append(f"{'':8} {name + ':':13} {text}")
    cause = first_broken(findings)
    if cause:
        lines += ["", f"The first broken hop: {cause.hop}: {cause.summary}", f"Next: {cause.next}"]
    else:
        lines += ["", "Every hop is well."]
    return "\n".join(lines)


def as_json(findings: Sequence[Finding]) -> str:
    """`broken` is the first broken hop's name or null; `findings` are all, in the path's order."""
    cause = first_broken(findings)
    table = {"broken": cause.hop if cause else None, "findings": [asdict(f) for f in findings]}
    return json.dumps(table, indent=2)
