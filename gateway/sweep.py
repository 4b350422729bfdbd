"""One sweep through GridFS, to be run every now and then: removes what nobody can reach."""

import logging
import os
import sys
from datetime import UTC, datetime, timedelta

from pymongo.errors import PyMongoError

from servicekit import logs, mongo
from servicekit.settings import load_or_exit
from settings import SweepSettings
from storage import orphans

log = logging.getLogger(__name__)


def sweep(settings: SweepSettings, now: datetime) -> None:
    """Clean both databases; raises PyMongoError."""
    client = mongo.connect(settings.mongo)
    for name in ("videos", "mp3s"):
        count = orphans.remove(client[name], now - timedelta(seconds=settings.age))
        log.info("%s: removed the chunks of %d unfinished files", name, count)


def main() -> None:
    """Sweep once; exit code 1 when MongoDB fails."""
    settings = load_or_exit(SweepSettings.from_env, os.environ)
    logs.configure(settings.log, "sweep")
    try:
        sweep(settings, datetime.now(UTC))
    except PyMongoError as error:
        sys.exit(f"the sweep broke off: {error}")


if __name__ == "__main__":
    main()
