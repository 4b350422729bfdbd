"""Files of 2 GB take little of the gateway's memory and none of its disk."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from gridfs import GridFSBucket

from tests.support import files
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.gateway import own_gateway
from tests.support.multipart import StreamedForm
from tests.support.stack import Stack
from tests.support.users import User

SIZE = 2_000_000_000
BLOCK = b"2 GB of this.\n" * 100_000
MEMORY_LIMIT = 200_000_000
DISK_LIMIT = 20_000_000  # a log fits, the file does not


def blocks() -> Iterator[bytes]:
    for start in range(0, SIZE, len(BLOCK)):
        yield BLOCK[: SIZE - start]


@contextmanager
def mp3_of(mongo: Mongo, username: str) -> Iterator[str]:
    """A file of SIZE bytes among the MP3s; its id."""
    metadata = {"username": username}
    fid = files.store(mongo["mp3s"], blocks(), "large.mp3", "audio/mpeg", metadata)
    yield str(fid)
    GridFSBucket(mongo["mp3s"]).delete(fid)


def worker_of(pid: int) -> Path:
    """The /proc folder of gunicorn's one worker."""
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return Path("/proc", child)


def value(file: Path, name: str) -> int:
    """The number beside `name` in a file of /proc."""
    lines = file.read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


@pytest.mark.timeout(240)
def test_2_gb_up_and_down_take_200_mb_of_memory_and_no_disk(
    stack: Stack, user: User, mongo: Mongo
) -> None:
    with own_gateway(stack) as process, mp3_of(mongo, user.email) as fid:
        worker, client = worker_of(process.pid), Client(process.url, user.client.token)

        answer = client.send_form(StreamedForm(blocks(), SIZE, "large.mp4"))
        assert (answer.status_code, answer.text) == (200, "success!")
        assert client.request("DELETE", answer.headers["Location"]).status_code == 204

        with client.request("GET", f"/download?fid={fid}", stream=True) as download:
            assert _digest(download.iter_content(1 << 20)) == _digest(blocks())

        assert value(worker / "status", "VmHWM") * 1024 < MEMORY_LIMIT
        assert value(worker / "io", "write_bytes") < DISK_LIMIT


def _digest(pieces: Iterator[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()
