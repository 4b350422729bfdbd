"""Moments as numbers: MongoDB's dates have milliseconds and no more, so both compare."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


def since_1970(moment: datetime) -> int:
    """The whole milliseconds until `moment`."""
    return (moment - _EPOCH) // MILLISECOND


def moment_of(milliseconds: int) -> datetime:
    """The moment so many after the beginning of 1970."""
    return _EPOCH + milliseconds * MILLISECOND
