"""Numbers in requests."""

from servicekit.http.errors import RefusedError


def whole_number(raw: str, name: str, low: int, high: int) -> int:
    """What `raw` says of `name`; RefusedError unless it is a whole number within the bounds."""
    if not (raw.isascii() and raw.isdigit() and len(raw) < 20 and low <= int(raw) <= high):
        raise RefusedError(f"{name} must be a whole number from {low} to {high}")
    return int(raw)
