"""What the express lane changes of a job: it is converted ahead of its message's turn.

The message stays in the queue and vouches for the job: when its turn comes, a job that the lane
has ended is spent, one that the lane has is waited for, and one that the lane left is converted.

    metadata.ahead   true: the lane has the job, as long as `seen` is fresh; false: it had it once
    metadata.spent   how many messages of the job are in the queue with nothing left to do
"""

from bson import ObjectId
from pymongo import ASCENDING, ReturnDocument

from servicekit.gridfs.mongodb import Document
from servicekit.jobs.by_converter import ALIVE, HAS_LANE
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.record import NO_FAILURE, QUEUED, ago, setting
from servicekit.jobs.state import State

# What is older has its message: the gateway gives up publishing it after 8 s, its default, and
# takes the job back.
WAITED_MS = 10_000


class JobsAhead(Jobs):
    """The jobs as a lane sees them: its changes count only while it has the job.

    JobCancelledError also says that the job's own message has come and taken it over.
    """

    _whose = HAS_LANE

    def claim(self) -> Job | None:
        """Begin the job that has waited longest of the users with no conversion under way.

        Each is claimed once: one that the lane failed at, or that took its worker along, is left
        to its message, which counts failures.
        """
        served = self._records.distinct("metadata.username", {"metadata.state": State.CONVERTING})
        waiting: Document = {
            "metadata.state": State.QUEUED,
            "metadata.username": {"$nin": [None, "", *served]},
            "metadata.ahead": {"$exists": False},
            "$expr": {"$lt": [QUEUED, ago(WAITED_MS)]},
        }
        # Two steps, so that two lanes that look at once want the same job, and one user gets one.
        first = self._records.find_one(waiting, {"_id"}, sort=[("uploadDate", ASCENDING)])
        return self._take_over(first["_id"]) if first else None

    def begin(self, job_id: ObjectId) -> None:
        """The conversion begins; the claim has said so, and here the lane still has the job."""
        self._convert(job_id, state=State.CONVERTING, progress=0, **NO_FAILURE)

    def spend_message(self, job_id: ObjectId) -> None:
        """The job has ended and its user is told: its message has nothing left to do."""
        update: Document = {"$inc": {"metadata.spent": 1}, "$unset": {"metadata.ahead": ""}}
        self._records.update_one({"_id": job_id, **HAS_LANE}, update)

    def put_back(self, job_id: ObjectId, *, again: bool) -> None:
        """Leave a job that has not ended to its message; `again`: or to a lane."""
        update = setting(state=State.QUEUED, progress=0, **({} if again else {"ahead": False}))
        if again:
            update["$unset"] = {"metadata.ahead": ""}
        self._records.update_one(
            {"_id": job_id, "metadata.state": State.CONVERTING, **HAS_LANE}, update
        )

    def _take_over(self, job_id: ObjectId) -> Job | None:
        document = self._records.find_one_and_update(
            {"_id": job_id, "metadata.state": State.QUEUED},
            setting(state=State.CONVERTING, progress=0, ahead=True, **NO_FAILURE) | ALIVE,
            return_document=ReturnDocument.AFTER,
        )
        return Job.from_document(document) if document else None
