"""The converter: takes videos from the queue `video`, announces MP3s on the queue `mp3`."""

import os

from conversion import Conversion
from convert.to_mp3 import ffmpeg_binary
from servicekit import health, logs
from servicekit.amqp.consumer import Worker
from servicekit.gridfs import mongodb as mongo
from servicekit.health import Health
from servicekit.jobs.message import VIDEO_QUEUE
from settings import Settings
from storage import Storage
from workspace import claim


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "converter")
    ffmpeg_binary()  # a missing one stops the start, not the first job
    client = mongo.connect(settings.mongo)
    conversion = Conversion(
        Storage(client),
        settings.worker.broker,
        settings.convert,
        claim(settings.convert.work_dir),
    )
    worker = Worker(settings.worker, VIDEO_QUEUE, conversion.handle, conversion.give_up)
    ready = {"worker": worker.check_ready, "mongodb": lambda: mongo.ping(client)}
    health.start(settings.health, Health(worker.live, ready))
    worker.run()


if __name__ == "__main__":
    main()
