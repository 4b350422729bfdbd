"""Shows what the database holds as metrics; each gateway shows the same, so take the highest."""

import time

from servicekit.jobs.census import Census
from servicekit.metrics import gateway as metrics

STORED_EVERY = 300.0  # seconds; it looks at the record of every file


class Gauges:
    """Set by `update`."""

    def __init__(self, census: Census) -> None:
        self._census = census
        self._stored_due = 0.0

    def update(self) -> None:
        """Look, and set them; PyMongoError when MongoDB fails."""
        metrics.OLDEST_QUEUED.set(self._census.oldest_queued())
        for state, count in self._census.open_jobs().items():
            metrics.JOBS.labels(state).set(count)
        if sweep := self._census.last_sweep():
            metrics.LAST_SWEEP.set(sweep.ended.timestamp())
            for what, count in sweep.removed.items():
                metrics.SWEPT.labels(what).set(count)
        if time.monotonic() >= self._stored_due:
            self._stored_due = time.monotonic() + STORED_EVERY
            for database, stored in self._census.stored().items():
                metrics.STORED_FILES.labels(database).set(stored.files)
                metrics.STORED_BYTES.labels(database).set(stored.bytes)
