"""What is checked at the end of a story: each upload ended as was told, and nothing is left."""

from collections.abc import Callable
from typing import TypeVar

import requests
from bson import ObjectId

from tests.model.servers import Servers
from tests.model.story import Story, Upload
from tests.support.files import Document
from tests.support.jobs import Jobs
from tests.support.load import check_end
from tests.support.mailbox import Mailbox
from tests.support.proof import check_dead, check_nothing_left
from tests.support.stack import Stack
from tests.support.wait import until

T = TypeVar("T")


class End:
    """The proof of one story; `within` is the seconds in which the stack must come to rest."""

    def __init__(
        self, stack: Stack, servers: Servers, jobs: Jobs, story: Story, within: float
    ) -> None:
        self._stack, self._servers, self._jobs = stack, servers, jobs
        self._story, self._within = story, within

    def wait_for_rest(self) -> None:
        """Return once all jobs have ended and no message is left."""
        self._until(lambda: self._jobs.open(self._story.email) == 0, "all jobs end and are told")
        self._until(self._servers.at_rest, "the queues are empty")

    def check(self, mailbox: Mailbox, download: Callable[[str], requests.Response]) -> None:
        """Each upload against its record, MP3 and mails; `download` gets an MP3 by its id."""
        for upload in self._story.uploads:
            self._check_upload(upload, mailbox, download)
        due = [upload.job for upload in self._story.uploads if upload.due and upload.job]
        check_dead(self._servers.broker_url, self._jobs, self._story.email, due)

    def check_nothing_left(self) -> None:
        """Once all jobs are deleted, nothing of the story is left after a sweep."""
        self._until(self._swept_away, "the user has no file")
        check_nothing_left(self._stack, self._jobs)

    def _check_upload(
        self, upload: Upload, mailbox: Mailbox, download: Callable[[str], requests.Response]
    ) -> None:
        self._until(lambda: self._fits(upload), f"one job or none: {upload}")
        if records := self._records(upload):
            self._check_ended(upload, str(records[0]["_id"]))
            least = self._story.least_mails(upload)
            self._until(lambda: len(self._told(upload, mailbox)) >= least, f"a mail: {upload}")
            if upload.mp3:
                self._check_download(upload.mp3, download(upload.mp3))
        ids = self._told(upload, mailbox)
        self._story.check(len(ids) <= upload.most_mails, f"{upload} is told by {ids}")

    def _swept_away(self) -> bool:
        if self._jobs.files_of(self._story.email):
            self._jobs.swept()
        return self._jobs.files_of(self._story.email) == 0

    def _records(self, upload: Upload) -> list[Document]:
        query = {
            "metadata.username": self._story.email,
            "metadata.state": {"$ne": "cancelled"},
            "filename": upload.name,
        }
        return list(self._jobs.videos["fs.files"].find(query))

    def _fits(self, upload: Upload) -> bool:
        return upload.due <= len(self._records(upload)) <= upload.possible

    def _check_ended(self, upload: Upload, job: str) -> None:
        """The job is the one that the user was told of, and ended as its kind demands."""
        self._story.check(upload.job in (None, job), f"{upload} has the job {job}")
        try:
            check_end(self._jobs, job, upload.kind)
        except AssertionError as error:
            self._story.check(False, str(error))
        mp3s = [str(mp3) for mp3 in self._jobs.mp3s_of(ObjectId(job))]
        self._story.check(upload.mp3 in (None, *mp3s), f"{upload} has the MP3s {mp3s}")
        upload.job, upload.mp3 = job, next(iter(mp3s), None)

    def _told(self, upload: Upload, mailbox: Mailbox) -> set[str]:
        """The Message-IDs of the mails that name the job, or its MP3."""
        names = [name for name in (upload.job, upload.mp3) if name]
        mails = mailbox.mails(self._story.email)
        return {
            mail["Message-ID"] for mail in mails if any(name in mail.as_string() for name in names)
        }

    def _check_download(self, mp3: str, answer: requests.Response) -> None:
        whole = len(answer.content) == self._jobs.mp3_size(ObjectId(mp3))
        self._story.check(answer.status_code == 200 and whole, f"the MP3 {mp3}: {answer}")

    def _until(self, condition: Callable[[], T], what: str) -> None:
        if self._story.broken:
            return
        try:
            until(condition, what, self._within)
        except TimeoutError as error:
            self._story.check(False, str(error))
