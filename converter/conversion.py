"""One conversion, from message to message; each step may be repeated without harm."""

import functools
import logging
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

from bson import ObjectId

import storage
from convert.media import MediaError
from convert.mp3.chapters import chapters_of
from convert.to_mp3 import to_mp3
from served import VideoServer
from servicekit import about
from servicekit.amqp.broker import BrokerSettings
from servicekit.errors import StoppedError
from servicekit.gridfs.mongodb import Client, outage_is_unavailable
from servicekit.jobs.by_converter import JobCancelledError
from servicekit.jobs.job import Job
from servicekit.jobs.jobs import Jobs
from servicekit.jobs.message import JobMessage
from servicekit.jobs.queues import queue_mail
from servicekit.jobs.reasons import Failure, Reason
from servicekit.jobs.state import State
from servicekit.metrics import conversions as metrics
from servicekit.tracing import spans
from settings import ConvertSettings
from watch import Watch
from webhooks import Webhooks

log = logging.getLogger(__name__)

LANE_INTERVAL = 1.0  # seconds between two looks at a job that an express lane has


class Conversion:
    """Handles the messages of the `video` queue."""

    def __init__(
        self,
        client: Client,
        jobs: Jobs,
        broker: BrokerSettings,
        settings: ConvertSettings,
        workspace: Path,
    ) -> None:
        self._videos = VideoServer(client)
        self._jobs = jobs
        self._webhooks = Webhooks(client)
        self._broker = broker
        self._settings = settings
        self._workspace = workspace

    def handle(self, message: JobMessage, abort: threading.Event) -> None:
        """Convert the message's video, or tell its user why that cannot be."""
        with outage_is_unavailable():
            try:
                job = self._take(message)
                self._await_lane(job, abort)
                if self._jobs.consume_spent(job.id):
                    log.info("Done ahead of its turn")
                else:
                    self.convert(job, abort)
            except JobCancelledError:
                log.info("Cancelled by its user")
                self._jobs.discard(message.video_fid)

    def give_up(self, message: JobMessage) -> None:
        """Tell the user of a job that failed, or took its worker along, too many times.

        It may have got as far as its MP3; then that is what the user is told.
        """
        with outage_is_unavailable():
            try:
                job = self._take(message)
                if self._jobs.consume_spent(job.id):
                    return
                if mp3 := self._jobs.mp3_of(job.id):
                    self._finish(job, mp3.id)
                else:
                    self._fail(job, Failure.of(Reason.FAILED_REPEATEDLY))
            except JobCancelledError:
                self._jobs.discard(message.video_fid)

    def _take(self, message: JobMessage) -> Job:
        """The message's job; its user is the message's where the record names none."""
        job = self._jobs.take(message.video_fid)
        about.add(request_id=job.request_id)
        return job if job.username else replace(job, username=message.username)

    def _await_lane(self, job: Job, abort: threading.Event) -> None:
        """Return when no express lane has the job; StoppedError on `abort`."""
        while self._jobs.is_ahead(job.id):
            if abort.wait(LANE_INTERVAL):
                raise StoppedError("the job was broken off")

    def convert(self, job: Job, abort: threading.Event) -> None:
        """Convert the job's video and tell its user how that ended, unless both are done.

        Raises JobCancelledError when the job is nobody's any more, StoppedError on `abort`, and
        whatever may be better the next time.
        """
        if mp3 := self._jobs.mp3_of(job.id):  # an earlier delivery of the message made it
            if not (job.state is State.DONE and job.told):
                self._finish(job, mp3.id)
            return
        if job.told is False and job.failure:
            self._tell_failure(job, job.failure)
            return
        try:
            mp3_fid = self._convert_once(job, abort)
        except MediaError as error:
            self._fail(job, error.failure)
        except TimeoutError:
            minutes = self._settings.bounds.time_limit / 60
            self._fail(job, Failure.of(Reason.TIME_LIMIT, minutes=minutes))
        else:
            self._finish(job, mp3_fid)

    def _convert_once(self, job: Job, abort: threading.Event) -> ObjectId:
        """The id of the video's MP3, or of the one that somebody else made meanwhile."""
        self._jobs.begin(job.id)
        began = time.monotonic()
        if job.state is State.QUEUED:
            metrics.QUEUE_WAIT.observe(job.waited)
        with (
            Watch(self._jobs, job.id, abort) as watch,
            tempfile.TemporaryDirectory(dir=self._workspace) as folder,
        ):
            target = Path(folder, f"{job.id}.mp3")
            log.info("Downloading video from MongoDB...")
            with spans.span("convert"), self._videos.hand_out(job.file) as source:
                log.info("Converting video to MP3...")
                sound = to_mp3(
                    source,
                    target,
                    job.options,
                    self._settings.bounds,
                    abort,
                    watch.progress,
                    functools.partial(self._jobs.note_tracks, job.id),
                )
            taken = time.monotonic() - began
            metrics.SECONDS.observe(taken)
            metrics.SPEED.observe(sound / taken)
            log.info("Uploading MP3 to MongoDB...")
            with spans.span("store"):
                chapters = chapters_of(target, Path(job.file.filename).stem)
                return storage.store(self._jobs, target, chapters, job, abort)

    def _finish(self, job: Job, mp3_fid: ObjectId) -> None:
        self._jobs.finish(job.id)
        metrics.ENDED.labels("done", "").inc()
        log.info("Publishing to mp3 queue...")
        queue_mail(self._broker, job, JobMessage(job.id, job.username, mp3_fid=mp3_fid))
        self._webhooks.tell_done(job, mp3_fid)
        self._jobs.tell(job.id)
        log.info("Conversion complete!")

    def _fail(self, job: Job, failure: Failure) -> None:
        log.error("Error converting video: %s", failure.text)
        self._jobs.fail(job.id, failure)
        metrics.ENDED.labels("failed", failure.code).inc()
        self._tell_failure(job, failure)

    def _tell_failure(self, job: Job, failure: Failure) -> None:
        message = JobMessage(job.id, job.username, error=failure.text, retries=job.retries)
        queue_mail(self._broker, job, message)
        self._webhooks.tell_failed(job, failure)
        self._jobs.tell(job.id)
