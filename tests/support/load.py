"""Uploads that go on during outages, and the proof that each accepted one ended as it must."""

import threading
from collections.abc import Mapping
from itertools import cycle
from pathlib import Path
from typing import Self

import requests
from bson import ObjectId

from tests.support import media
from tests.support.client import Client
from tests.support.closing import Closing
from tests.support.jobs import Jobs
from tests.support.mailbox import Mailbox
from tests.support.wait import until

GOOD = frozenset({"good", "large"})  # the kinds that become an MP3; all others must fail


def samples(folder: Path, seconds: float, large_mb: int) -> dict[str, Path]:
    """A file of each kind, by the names that `Load` knows; of so many seconds, or megabytes."""
    return {
        "good": media.with_sound(folder / "good.mp4", seconds),
        "silent": media.silent(folder / "silent.mp4", seconds),
        "large": media.large(folder / "large.mkv", large_mb),
        "corrupt": media.truncated(folder / "corrupt.mp4"),
    }


class Load(Closing):
    """A context manager: uploads these files in turn, until it ends.

    Each thread waits `pause` seconds after each upload: a backlog only makes the test longer.
    `accepted` holds the kind of each job that was answered with `success!`.
    """

    def __init__(
        self, client: Client, files: Mapping[str, Path], threads: int = 1, pause: float = 1.0
    ) -> None:
        self.accepted: dict[str, str] = {}
        self.refused = 0
        self._client = client
        self._over = threading.Event()
        self._pause = pause
        self._threads = [
            threading.Thread(target=self._upload, args=(dict(files), turn))
            for turn in range(threads)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def close(self) -> None:
        """Let the uploads in flight end, and begin no more."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def wait_for_more(self, count: int, timeout: float = 60) -> None:
        """Return once `count` more uploads are accepted than now."""
        goal = len(self.accepted) + count
        until(lambda: len(self.accepted) >= goal, f"{count} more uploads accepted", timeout)

    def _upload(self, files: dict[str, Path], turn: int) -> None:
        turns = cycle(files.items())
        for _ in range(turn):
            next(turns)
        while not self._over.wait(self._pause):
            kind, path = next(turns)
            try:
                answer = self._client.upload(path, f"{kind}.mp4")
            except requests.RequestException:
                self.refused += 1
                continue
            if answer.status_code == 200:
                self.accepted[answer.headers["X-Job-Id"]] = kind
            else:
                self.refused += 1


def check_all_ended(
    accepted: Mapping[str, str], email: str, jobs: Jobs, mailbox: Mailbox, timeout: float
) -> None:
    """Every job has one MP3, or has failed, as its kind demands; a mail told its user."""
    for job, kind in accepted.items():
        fid = ObjectId(job)
        until(
            lambda fid=fid: jobs.record(fid)["state"] in ("done", "failed"),  # type: ignore[misc]
            f"an end of job {job} ({kind})",
            timeout,
        )
        check_end(jobs, job, kind)
    expected = {_message_id(jobs, job) for job in accepted}
    until(lambda: expected <= mailbox.message_ids(email), "a mail about each job", timeout)


def check_end(jobs: Jobs, job: str, kind: str) -> None:
    """An ended job has one whole MP3, or has failed, as its kind demands."""
    record, mp3s = jobs.record(ObjectId(job)), jobs.mp3s_of(ObjectId(job))
    if kind in GOOD:
        assert (record["state"], len(mp3s)) == ("done", 1), (job, record)
        assert jobs.mp3_size(mp3s[0]) > 0
    else:
        assert (record["state"], mp3s) == ("failed", []), (job, record)


def _message_id(jobs: Jobs, job: str) -> str:
    """The id of the mail that tells how a job ended, without the sender's domain."""
    mp3s = jobs.mp3s_of(ObjectId(job))
    return str(mp3s[0]) if mp3s else f"{job}.failed"
