"""A user like others, who times what they do while somebody attacks."""

import time
from collections.abc import Callable

import requests

from tests.support import users
from tests.support.client import Client
from tests.support.files import Mongo, store_mp3, store_video
from tests.support.multipart import form, part
from tests.support.stack import Stack

TIMEOUT = 20  # seconds without a byte
VIDEO = form(part("file", b"not a video" * 1000, "v.mp4"))


class NormalUser:
    """Uses the gateway at `url` on new connections, and downloads the MP3 `fid`."""

    def __init__(self, url: str, email: str, password: str, fid: str) -> None:
        self.client = Client(url)
        self._email, self._password, self.fid = email, password, fid
        self.log_in()

    def log_in(self) -> None:
        """Log in again; HTTPError when refused, as in all that follows."""
        self.client.login(self._email, self._password).raise_for_status()

    def upload(self) -> None:
        """Upload something small."""
        self.client.send_form(VIDEO).raise_for_status()

    def jobs(self) -> None:
        """List the jobs."""
        self.client.request("GET", "/jobs").raise_for_status()

    def start_download(self) -> None:
        """Read the first bytes of the MP3."""
        url, headers = self.client.url, {"Authorization": f"Bearer {self.client.token}"}
        path = f"{url}/download?fid={self.fid}"
        with requests.get(path, headers=headers, timeout=TIMEOUT, stream=True) as answer:
            answer.raise_for_status()
            next(answer.iter_content(1024))

    def round(self) -> dict[str, float]:
        """Do each once; the seconds that it took, by its name."""
        ways = (self.log_in, self.upload, self.jobs, self.start_download)
        return {way.__name__: _seconds(way) for way in ways}


def normal_user(stack: Stack, mongo: Mongo, url: str, mp3: bytes) -> NormalUser:
    """A new user of the gateway at `url`, who has `mp3` there."""
    email = users.unused_email()
    users.add_user(stack, email, users.PASSWORD)
    fid = store_mp3(mongo, email, store_video(mongo, email), mp3)
    return NormalUser(url, email, users.PASSWORD, str(fid))


def _seconds(do: Callable[[], None]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started
