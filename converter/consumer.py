"""The converter: takes jobs from the queue `video`, queues their mails on `mp3`."""

import logging
import os
import sys

from conversion import Conversion
from convert import ffmpeg
from convert.cage import described
from convert.process import try_out
from express import ExpressLane
from servicekit import health, logs
from servicekit.amqp.consumer import Consumer
from servicekit.amqp.outcomes import Handler
from servicekit.amqp.queues import VIDEO_QUEUE
from servicekit.gridfs import mongodb
from servicekit.health import Health
from servicekit.jobs.ahead import JobsAhead
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.message import JobMessage
from servicekit.jobs.reasons import Reason
from servicekit.metrics import conversions as metrics
from servicekit.tracing import spans
from settings import Settings
from workspace import claim

log = logging.getLogger(__name__)


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "converter")
    spans.start(settings.tracing)
    try:
        try_out([ffmpeg.binary(), "-version"])
    except (RuntimeError, FileNotFoundError) as error:
        sys.exit(f"cannot start: {error}")
    log.info("ffmpeg's cage: %s", described())
    client = mongodb.connect(settings.mongo)
    needs = (settings.consumer.broker, settings.convert, claim(settings.convert.work_dir))
    conversion = Conversion(client, Jobs(client), *needs)
    handler = Handler(JobMessage.decode, conversion.handle, conversion.give_up)
    consumer = Consumer(settings.consumer, VIDEO_QUEUE, handler)
    ready = {"worker": consumer.check_ready, "mongodb": lambda: mongodb.ping(client)}
    health.start(settings.health, Health(consumer.live, ready))
    for reason in Reason:  # a series that begins above 0 is no increase to Prometheus
        metrics.ENDED.labels("failed", reason)
    ahead = JobsAhead(client)
    with ExpressLane(ahead, Conversion(client, ahead, *needs), consumer.busy) as lane:
        consumer.run(lane.at_work)
    spans.end()


if __name__ == "__main__":
    main()
