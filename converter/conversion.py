"""One conversion, from message to message; each step may be repeated without harm."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from bson import ObjectId
from pymongo.errors import PyMongoError

from convert.media import MediaError
from convert.to_mp3 import to_mp3
from servicekit.amqp.broker import BrokerSettings
from servicekit.amqp.publish import publish
from servicekit.gridfs.mongodb import outage_is_unavailable
from servicekit.jobs.message import MP3_QUEUE, JobMessage
from servicekit.jobs.options import Options
from settings import ConvertSettings
from storage import CancelledError, Storage

log = logging.getLogger(__name__)

PROGRESS_INTERVAL = 1.0  # seconds between two writes of a job's progress, at least


class Conversion:
    """Handles the messages of the `video` queue."""

    def __init__(
        self, storage: Storage, broker: BrokerSettings, settings: ConvertSettings, workspace: Path
    ) -> None:
        self._storage = storage
        self._broker = broker
        self._settings = settings
        self._workspace = workspace

    def handle(self, message: JobMessage, abort: threading.Event) -> None:
        """Convert the message's video, or tell its user why that cannot be."""
        with outage_is_unavailable():
            try:
                self._convert(message, abort)
            except CancelledError:
                log.info("Cancelled by its user", extra={"job_id": str(message.video_fid)})
                self._storage.discard(message.video_fid)

    def give_up(self, message: JobMessage) -> None:
        """Tell the user of a job that failed, or took its worker along, too many times.

        It may have got as far as its MP3; then that is what the user is told.
        """
        with outage_is_unavailable():
            try:
                metadata = self._storage.record(message.video_fid).get("metadata", {})
                username = metadata.get("username", message.username)
                if mp3_fid := self._storage.mp3_of(message.video_fid):
                    self._finish(message.video_fid, username, mp3_fid)
                else:
                    self._fail(message.video_fid, username, "the conversion failed repeatedly")
            except CancelledError:
                self._storage.discard(message.video_fid)

    def _convert(self, message: JobMessage, abort: threading.Event) -> None:
        metadata = self._storage.record(message.video_fid).get("metadata", {})
        username = metadata.get("username", message.username)
        options = Options.from_document(metadata.get("options", {}))
        try:
            mp3_fid = self._convert_once(message.video_fid, username, options, abort)
        except MediaError as error:
            self._fail(message.video_fid, username, str(error))
            return
        self._finish(message.video_fid, username, mp3_fid)

    def _convert_once(
        self, video_fid: ObjectId, username: str, options: Options, abort: threading.Event
    ) -> ObjectId:
        """The id of the video's MP3, made now unless an earlier delivery of the message did."""
        if mp3_fid := self._storage.mp3_of(video_fid):
            return mp3_fid
        self._storage.update(video_fid, state="converting", progress=0)
        with tempfile.TemporaryDirectory(dir=self._workspace) as folder:
            video, mp3 = Path(folder, str(video_fid)), Path(folder, f"{video_fid}.mp3")
            log.info("Downloading video from MongoDB...")
            self._storage.fetch(video_fid, video, abort)
            log.info("Converting video to MP3...")
            to_mp3(
                video,
                mp3,
                options,
                max_duration=self._settings.max_duration,
                limit=self._settings.job_time_limit,
                abort=abort,
                progress=self._progress_of(video_fid),
            )
            log.info("Uploading MP3 to MongoDB...")
            return self._storage.store(mp3, video_fid, username, abort)

    def _progress_of(self, video_fid: ObjectId) -> Callable[[float], None]:
        written = time.monotonic()

        def progress(percent: float) -> None:
            nonlocal written
            if time.monotonic() - written < PROGRESS_INTERVAL:
                return
            written = time.monotonic()
            try:
                self._storage.update(video_fid, progress=round(percent, 1))
            except PyMongoError as error:
                log.warning("Progress not written: %s", error)

        return progress

    def _finish(self, video_fid: ObjectId, username: str, mp3_fid: ObjectId) -> None:
        self._storage.update(video_fid, state="done", mp3_fid=mp3_fid, error=None)
        log.info("Publishing to mp3 queue...")
        self._announce(JobMessage(video_fid, username, mp3_fid=mp3_fid))
        log.info("Conversion complete!", extra={"job_id": str(video_fid)})

    def _fail(self, video_fid: ObjectId, username: str, reason: str) -> None:
        log.error("Error converting video: %s", reason, extra={"job_id": str(video_fid)})
        self._storage.update(video_fid, state="failed", error=reason)
        self._announce(JobMessage(video_fid, username, error=reason))

    def _announce(self, message: JobMessage) -> None:
        publish(self._broker, MP3_QUEUE, message.encode())
