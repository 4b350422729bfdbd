"""The stack under measurement: a job from `success!` to its mail, and what it cost."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.peak import Peak, disk
from bench.plain import Cost
from tests.support.client import Client
from tests.support.project import DEMO
from tests.support.stack import Stack
from tests.support.tree import Tree
from tests.support.wait import until

JOB_TIMEOUT = 7200.0  # seconds
_PAUSE, _LONGEST_PAUSE = 0.001, 0.05  # seconds between two looks for the mail
_PRECISION = 0.01  # of the time that has passed: a longer job is looked for less often


@dataclass(frozen=True)
class JobCost(Cost):
    """Of the converter's processes; `disk` is the most that its working folder held, in MiB."""

    disk: float


class Service:
    """The local stack of LOCAL_DIR, with one converter that runs unless more are asked for."""

    def __init__(self) -> None:
        self._stack = Stack()
        self.folder = self._stack.folder
        self._mail = Path(self._stack.env["MAIL_DIR"])
        self._work = self.folder / "work"
        self._converters = self._stack.processes("converter")
        self._running: list[str] = []
        self.client = Client(self._stack.env["GATEWAY_URL"])
        self.client.login(*DEMO).raise_for_status()
        self.scale(1)

    def scale(self, count: int) -> None:
        """Let this many converters run, and no more; those that the stack has, at most."""
        running, idle = self._converters[:count], self._converters[count:]
        if running:
            self._stack.start(*running)
        if idle:
            self._stack.stop(*idle)
        for process in running:
            until(lambda process=process: self._stack.ready(process), process, 60)  # type: ignore[misc]
        self._running = running

    def job(self, video: Path, keep: Path | None = None) -> JobCost:
        """Convert a video, and keep the MP3 if a path is given.

        The time runs from `success!` to the mail; TimeoutError or RuntimeError when it fails.
        """
        tree = self.converters()
        before = tree.cpu()
        with Peak(tree.memory) as memory, Peak(lambda: disk(self._work)) as room:
            (job,) = self._send([video])
            started = time.perf_counter()
            self._wait_for_mails(1)
            wall = time.perf_counter() - started
        cost = JobCost(wall, tree.cpu() - before, memory.most, room.most)
        if keep:
            keep.write_bytes(self.client.request("GET", f"/jobs/{job}/mp3").content)
        self._finish(job)
        return cost

    def backlog(self, videos: list[Path]) -> float:
        """Convert videos that wait already; the seconds until the last mail."""
        self._stack.signal("STOP", *self._running)
        try:
            jobs = self._send(videos)
        finally:
            started = time.perf_counter()
            self._stack.signal("CONT", *self._running)
        self._wait_for_mails(len(videos))
        wall = time.perf_counter() - started
        for job in jobs:
            self._finish(job)
        return wall

    def remove(self, job: str) -> None:
        """Cancel a job, or remove its files."""
        self.client.request("DELETE", f"/jobs/{job}").raise_for_status()

    def converters(self) -> Tree:
        """The processes of the running converters."""
        return self.processes(*self._running)

    def processes(self, *names: str) -> Tree:
        """Some processes of the stack, as local/ctl names them."""
        return Tree([self._stack.pid(name) for name in names])

    def everything(self) -> Tree:
        """All processes of the stack, its servers too."""
        return Tree([int((self.folder / "run/supervisord.pid").read_text())])

    def names(self, service: str) -> list[str]:
        """The processes of a service, as `processes` takes them."""
        return self._stack.processes(service)

    def _send(self, videos: list[Path]) -> list[str]:
        """Upload videos, with an empty mailbox; the ids of their jobs."""
        for mail in self._mail.glob("*.eml"):
            mail.unlink()
        answers = [self.client.upload(video) for video in videos]
        for answer in answers:
            answer.raise_for_status()
        return [answer.headers["X-Job-Id"] for answer in answers]

    def _wait_for_mails(self, count: int) -> None:
        started = time.perf_counter()
        while sum(entry.name.endswith(".eml") for entry in os.scandir(self._mail)) < count:
            passed = time.perf_counter() - started
            if passed > JOB_TIMEOUT:
                raise TimeoutError(f"no {count} mails within {JOB_TIMEOUT:.0f} s")
            time.sleep(min(max(passed * _PRECISION, _PAUSE), _LONGEST_PAUSE))

    def _finish(self, job: str) -> None:
        """Remove a job that went well; RuntimeError when it did not."""
        record = self.client.request("GET", f"/jobs/{job}").json()
        if record["state"] != "done":
            raise RuntimeError(f"job {job} ended as {record['state']}: {record['error']}")
        self.remove(job)
