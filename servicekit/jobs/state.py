"""The states of a job.

    (upload) ──> queued ──> converting ──> done
                   ^ │          │
                   │ └──────────┴────────> failed ──> queued (retry)
                   └── (requeued by hand)
    queued, converting ──> cancelled ──> (removed)
    converting ──> queued (an express lane leaves it to its message)

A message that is delivered again starts the conversion again, whatever the state; only a cancelled
job stays as it is, and one that an express lane has ended.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a job stands; who sets a state stands beside it."""

    # Stored, its message on the way to a converter. Set by the gateway, at an upload or a retry,
    # or by the converter whose express lane could not end the job.
    QUEUED = "queued"
    # A converter works on it, for its message or in its express lane. Set by the converter, which
    # also writes the progress.
    CONVERTING = "converting"
    # There is an MP3. Set by the converter.
    DONE = "done"
    # There is no MP3, and the reason says why. Set by the converter; by the gateway when a retry
    # cannot be queued, or for a job that no announcement brought to an end.
    FAILED = "failed"
    # Deleted by its user before its end, and seen by nobody. Set by the gateway; the converter that
    # comes to it removes it, or else the sweeper.
    CANCELLED = "cancelled"


SHOWN = (State.QUEUED, State.CONVERTING, State.DONE, State.FAILED)
IN_FLIGHT = (State.QUEUED, State.CONVERTING)
ENDED = (State.DONE, State.FAILED)
