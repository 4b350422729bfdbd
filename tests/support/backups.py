"""Backups of a local stack, taken and restored by local/ctl."""

import subprocess
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support import media
from tests.support.client import Client
from tests.support.project import ROOT
from tests.support.stack import CTL_TIMEOUT, Stack
from tests.support.users import PASSWORD, User
from tests.support.wait import until

WEBHOOK = "https://example.com/hook"
CONVERSION_TIMEOUT = 150  # seconds, one minute of them until a job is announced again


class Kept(NamedTuple):
    """A backup, and what its user had.

    A job with an MP3, and one that waited; the path of a feed, a webhook's id and the secret.
    """

    folder: Path
    email: str
    done: str
    waiting: str
    mp3_fid: str
    mp3: bytes
    feed: str
    webhook: str
    secret: str


def ctl(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What local/ctl does with the stack that LOCAL_DIR means."""
    command = [str(word) for word in (ROOT / "local/ctl", *arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=CTL_TIMEOUT, check=False)


def take(folder: Path) -> None:
    """A backup into `folder`; AssertionError with what was said when it fails."""
    done = ctl("backup", folder)
    assert done.returncode == 0, done.stdout + done.stderr


def restore(*arguments: str | Path) -> None:
    """Bring one back; AssertionError with what was said when it fails."""
    done = ctl("restore", *arguments)
    assert done.returncode == 0, done.stdout + done.stderr


def keep(stack: Stack, user: User, folder: Path) -> Kept:
    """Take a backup while the user's first job is done and the second one waits."""
    video = media.with_sound(folder / "film.mp4")
    done = user.client.upload(video).headers["X-Job-Id"]
    fid = mp3_of(user.client, done)
    feed = urlsplit(user.client.request("POST", "/feed").headers["Location"]).path
    webhook = user.client.request("POST", "/webhooks", data={"url": WEBHOOK}).json()["id"]
    secret = user.client.request("GET", "/webhook-secret").json()["secret"]
    stack.ctl("queue", "drain", "video")
    try:
        waiting = user.client.upload(video).headers["X-Job-Id"]
        take(folder / "backup")
    finally:
        stack.ctl("queue", "resume", "video")
    mp3 = user.client.download(fid).content
    return Kept(folder / "backup", user.email, done, waiting, fid, mp3, feed, webhook, secret)


def mp3_of(client: Client, job: str) -> str:
    """The id of a job's MP3, once there is one."""

    def fid() -> str:
        return str(client.request("GET", f"/jobs/{job}").json()["mp3_fid"] or "")

    return until(fid, f"job {job} is done", CONVERSION_TIMEOUT)


def signed_in(stack: Stack, email: str) -> Client:
    """A user of PASSWORD."""
    client = Client(stack.env["GATEWAY_URL"])
    client.login(email, PASSWORD).raise_for_status()
    return client
