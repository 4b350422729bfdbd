"""The arrows of servicekit/jobs/state.py, for somebody who looks at a job now and then."""

ARROWS = {
    "queued": {"converting", "failed"},
    "converting": {"queued", "done", "failed"},
    "failed": set[str](),
    "done": set[str](),
}
# A retry, and a message that is delivered again, begin once more.
AGAIN = {"failed": {"queued", "converting"}}


def leads(before: str | None, now: str, *, again: bool) -> bool:
    """Whether arrows lead from one state that was seen to the next; any is the first."""
    reached = {before or now}
    while more := {after for state in reached for after in _next(state, again)} - reached:
        reached |= more
    return now in reached


def _next(state: str, again: bool) -> set[str]:
    return ARROWS[state] | (AGAIN.get(state, set()) if again else set())
