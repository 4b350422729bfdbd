"""One sweep through GridFS, to be run every now and then: removes what nobody can reach."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta

import pymongo
from pymongo.errors import PyMongoError

from servicekit import logs
from servicekit.gridfs import mongodb
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.unfinished import UnfinishedUploads
from settings import SweepSettings
from storage import orphans

log = logging.getLogger(__name__)

PING_TIMEOUT = 10.0  # seconds; what comes after it may take longer


def sweep(settings: SweepSettings, now: datetime) -> None:
    """Clean both databases; raises PyMongoError."""
    client = mongodb.connect(settings.mongo)
    with pymongo.timeout(PING_TIMEOUT):
        mongodb.ping(client)
    jobs, long_ago = Jobs(client), now - timedelta(seconds=settings.age)
    removed = {"cancelled": jobs.remove_cancelled(long_ago)}
    log.info("Removed %d cancelled jobs", removed["cancelled"])
    removed["expired uploads"] = UnfinishedUploads(client).remove_expired(now)
    log.info("Removed %d uploads that nobody went on with", removed["expired uploads"])
    for name, owners, days, expire in (
        ("videos", ("uploads", "fs.files"), settings.video_days, jobs.expire_videos),
        ("mp3s", ("fs.files",), settings.mp3_days, jobs.expire_mp3s),
    ):
        count = removed[f"unfinished {name}"] = orphans.remove(client[name], owners, long_ago)
        log.info("Removed the chunks of %d unfinished files from %s", count, name)
        if days:
            count = removed[f"old {name}"] = expire(now - timedelta(days=days), now)
            log.info("Removed %d files of more than %d days from %s", count, days, name)
    jobs.swept(datetime.now(UTC), removed)


def main() -> None:
    """Sweep once; exit code 1 when MongoDB fails."""
    settings = SweepSettings.load(os.environ)
    logs.configure(settings.log, "sweep")
    try:
        sweep(settings, datetime.now(UTC))
    except PyMongoError as error:
        sys.exit(f"the sweep broke off: {error}")


if __name__ == "__main__":
    main()
