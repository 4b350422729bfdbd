"""The converter: takes jobs from the queue `video`, queues their mails on `mp3`."""

import os

from conversion import Conversion
from convert import ffmpeg
from servicekit import health, logs
from servicekit.amqp.consumer import Consumer
from servicekit.amqp.outcomes import Handler
from servicekit.amqp.queues import VIDEO_QUEUE
from servicekit.gridfs import mongodb
from servicekit.health import Health
from servicekit.jobs.message import JobMessage
from settings import Settings
from workspace import claim


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "converter")
    ffmpeg.binary()  # a missing one stops the start, not the first job
    client = mongodb.connect(settings.mongo)
    conversion = Conversion(
        client,
        settings.consumer.broker,
        settings.convert,
        claim(settings.convert.work_dir),
    )
    handler = Handler(JobMessage.decode, conversion.handle, conversion.give_up)
    consumer = Consumer(settings.consumer, VIDEO_QUEUE, handler)
    ready = {"worker": consumer.check_ready, "mongodb": lambda: mongodb.ping(client)}
    health.start(settings.health, Health(consumer.live, ready))
    consumer.run()


if __name__ == "__main__":
    main()
