"""Jobs without a message are announced again, by whichever gateway looks first.

An upload is stored first and announced then, by a message on the queue `video`. What comes between,
or takes the message away later, is found here: a gateway that is killed, a queue that is purged, a
broker that lost its disk, a mail that nobody could announce. All is safe to repeat.
"""

import logging
import threading
import time
from collections.abc import Callable

from pika.exceptions import AMQPError
from pymongo.errors import PyMongoError

from gauges import Gauges
from servicekit import about
from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.queues import VIDEO_QUEUE, waiting
from servicekit.errors import UnavailableError
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.queues import queue_conversion
from servicekit.metrics.gateway import ANNOUNCED_AGAIN
from settings import AnnounceSettings

log = logging.getLogger(__name__)


class Announcer:
    """Looks for such jobs every `interval` seconds, for as long as the process lives.

    The gauges are updated before each look, which takes place whether that goes well or not.
    """

    def __init__(
        self, jobs: Jobs, gauges: Gauges, broker: BrokerSettings, settings: AnnounceSettings
    ) -> None:
        self._jobs = jobs
        self._gauges = gauges
        self._broker = broker
        self._settings = settings

    def start(self) -> None:
        """Look from now on, in a thread that ends with the process."""
        threading.Thread(target=self._run, daemon=True, name="announcer").start()

    def _run(self) -> None:
        while True:
            time.sleep(self._settings.interval)
            _try("update of the gauges", self._gauges.update)
            _try("look for jobs without a message", self.look)

    def look(self) -> None:
        """Announce what has no message; raises what MongoDB and RabbitMQ fail with."""
        jobs, settings = self._jobs, self._settings
        self._announce(lambda: jobs.claim_unconfirmed(settings.unconfirmed_after))
        if waiting(self._broker, VIDEO_QUEUE):
            return  # any job may be one of these
        if failed := jobs.fail_forgotten(settings.lost_after, settings.limit):
            log.error("Failed %d jobs that never came to an end", failed)
        self._announce(lambda: jobs.claim_forgotten(settings.lost_after, settings.limit))

    def _announce(self, claim: Callable[[], Job | None]) -> None:
        while job := claim():
            with about.about(**job.about):
                queue_conversion(self._broker, job)
                self._jobs.announced(job)
                ANNOUNCED_AGAIN.inc()
                log.warning("Announced again")


def _try(what: str, step: Callable[[], None]) -> None:
    try:
        step()
    except (PyMongoError, UnavailableError, AMQPError, OSError) as error:
        log.warning("No %s: %s: %s", what, type(error).__name__, error)
