"""What only the gateway's place in the cluster can tell of MongoDB: for the doctor, as JSON."""

import json
import os
import sys

from pymongo.errors import OperationFailure, PyMongoError

from servicekit.gridfs import mongodb
from settings import Settings


def checkup(client: mongodb.Client) -> dict[str, object]:
    """MongoDB's time in seconds since 1970 and how full its disk is, 0 to 1; or the problem.

    A MongoDB with users tells the gateway's nothing of its disk.
    """
    try:
        time = client.admin.command("hello")["localTime"].timestamp()
        return {"time": time, "disk": _disk(client)}
    except PyMongoError as error:
        return {"problem": f"MongoDB: {error}"}


def _disk(client: mongodb.Client) -> float | None:
    try:
        stats = client["videos"].command("dbStats")
    except OperationFailure:
        return None
    return float(stats["fsUsedSize"] / stats["fsTotalSize"]) if stats.get("fsTotalSize") else None


if __name__ == "__main__":
    json.dump(checkup(mongodb.connect(Settings.load(os.environ).mongo)), sys.stdout)
