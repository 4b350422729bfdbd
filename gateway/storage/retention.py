"""Files that have come of age: their bytes go, their documents stay to say when.

Every function raises PyMongoError, and a later run takes up what it left.
"""

from datetime import datetime

from pymongo.database import Database

from servicekit.gridfs import delete as removal
from servicekit.gridfs.mongodb import Document


def expire(database: Database[Document], before: datetime, now: datetime) -> int:
    """Remove the bytes of the files stored before `before`; returns of how many.

    A video that still waits for its conversion stays.
    """
    query = {
        "uploadDate": {"$lt": before},
        "metadata.state": {"$nin": ["queued", "converting", "cancelled"]},
        "metadata.emptied": {"$ne": True},
    }
    count = 0
    for file in database["fs.files"].find(query, {"_id"}):
        one = {"_id": file["_id"]}
        # Marked first, so that no reader meets a hole; marked again when nothing is left.
        database["fs.files"].update_one(one, {"$set": {"metadata.removed": now}})
        database["fs.chunks"].delete_many({"files_id": file["_id"]})
        database["fs.files"].update_one(one, {"$set": {"metadata.emptied": True}})
        count += 1
    return count


def forget_cancelled(videos: Database[Document], mp3s: Database[Document], before: datetime) -> int:
    """Remove the cancelled jobs of before `before` that no converter came to; returns how many."""
    query = {"metadata.state": "cancelled", "uploadDate": {"$lt": before}}
    count = 0
    for job in videos["fs.files"].find(query, {"_id"}):
        for mp3 in mp3s["fs.files"].find({"metadata.video_fid": str(job["_id"])}, {"_id"}):
            removal.delete(mp3s, mp3["_id"])
        removal.delete(videos, job["_id"])
        count += 1
    return count
