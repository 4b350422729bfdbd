"""Disks, by how full they are."""

from scripts.doctor.finding import Finding, broken, warning

NEARLY_FULL, FULL = 0.90, 0.98


def full(hop: str, what: str, share: float | None, following: str) -> list[Finding]:
    """A finding for one that is (nearly) full; `share` is 0 to 1, None where nobody may know."""
    if share is None or share < NEARLY_FULL:
        return []
    found = f"{share:.0%} of it are used"
    if share < FULL:
        return [warning(hop, f"{what} is nearly full", found, "room", following)]
    return [broken(hop, f"{what} is full", found, "room", following)]
