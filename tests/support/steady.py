"""Uploads at a steady rate, and a journal of what the client was told of each."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import requests

from tests.support.client import Client
from tests.support.closing import Closing

THREADS = 64  # of uploads at once: 4 a second that take 15 s each are 60


@dataclass(frozen=True)
class Told:
    """An upload: its name, when it began and ended by the monotonic clock, and its answer.

    `status` is 0 where there was no answer; `job` is the id that came with `success!`.
    """

    name: str
    began: float
    ended: float
    status: int
    job: str = ""


class SteadyLoad(Closing):
    """A context manager: begins `rate` uploads a second, whatever became of those before."""

    def __init__(self, clients: list[Client], path: Path, rate: float) -> None:
        self.journal: list[Told] = []
        self._clients = clients
        self._path = path
        self._interval = 1 / rate
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(THREADS)
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        """Begin no more, and let those in flight end."""
        self._over.set()
        self._thread.join()
        self._pool.shutdown()

    @property
    def jobs(self) -> list[str]:
        """Those that the client was told of with `success!`."""
        return [told.job for told in self.journal if told.job]

    def last_failure(self) -> float:
        """When the last upload began that was not answered with `success!`; 0 if none was."""
        return max((told.began for told in self.failures()), default=0.0)

    def failures(self) -> Iterator[Told]:
        """The uploads that were not accepted."""
        return (told for told in self.journal if not told.job)

    def _run(self) -> None:
        due = time.monotonic()
        turn = 0
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self._pool.submit(self._upload, self._clients[turn % len(self._clients)], f"{turn}.mp4")
            turn += 1
            due += self._interval

    def _upload(self, client: Client, name: str) -> None:
        began = time.monotonic()
        status, job = 0, ""
        try:
            answer = client.upload(self._path, name)
            status = answer.status_code
            if answer.text == "success!":
                job = answer.headers["X-Job-Id"]
        except requests.RequestException:
            pass
        self.journal.append(Told(name, began, time.monotonic(), status, job))
