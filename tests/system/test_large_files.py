"""Files of 2 GB pass through the gateway without filling its memory or its disk."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from servicekit.gridfs import delete as removal
from servicekit.gridfs.upload import UploadStream
from tests.support.client import Client
from tests.support.gateway import FORM_TYPE, form, own_gateway, part
from tests.support.stack import Stack

SIZE = 2_000_000_000
BLOCK = b"2 GB of this.\n" * 100_000
MEMORY_LIMIT = 200_000_000
DISK_LIMIT = 20_000_000  # a log fits, the file does not

User = tuple[str, Client]


class _Body:
    """A form with a file of SIZE bytes, made as it is sent."""

    def __init__(self) -> None:
        self._head, self._tail = form(part("file", b"@", "large.mp4")).split(b"@")

    def __len__(self) -> int:
        return len(self._head) + SIZE + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        yield from blocks()
        yield self._tail


def blocks() -> Iterator[bytes]:
    for start in range(0, SIZE, len(BLOCK)):
        yield BLOCK[: SIZE - start]


@contextmanager
def mp3_of(stack: Stack, username: str) -> Iterator[str]:
    """An MP3 of SIZE bytes, as far as the gateway can tell; its id."""
    with stack.mongo() as mongo:
        with UploadStream(mongo["mp3s"]) as upload:
            for block in blocks():
                upload.write(block)
            upload.finish("large.mp3", "audio/mpeg", {"username": username})
        yield str(upload.file_id)
        removal.delete(mongo["mp3s"], upload.file_id)


def worker_of(pid: int) -> Path:
    """The /proc folder of gunicorn's one worker."""
    [child] = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return Path("/proc", child)


def value(file: Path, name: str) -> int:
    """The number beside `name` in a file of /proc."""
    lines = file.read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


@pytest.mark.timeout(240)
def test_2_gb_up_and_down_take_200_mb_of_memory_and_no_disk(stack: Stack, user: User) -> None:
    with own_gateway(stack) as (process, url), mp3_of(stack, user[0]) as fid:
        worker, client = worker_of(process.pid), Client(url, user[1].token)

        answer = client.request("POST", "/upload", {"Content-Type": FORM_TYPE}, data=_Body())
        assert (answer.status_code, answer.text) == (200, "success!")
        assert client.request("DELETE", answer.headers["Location"]).status_code == 204

        digest = hashlib.sha256()
        with client.request("GET", f"/download?fid={fid}", stream=True) as download:
            for piece in download.iter_content(1 << 20):
                digest.update(piece)
        assert digest.digest() == _digest(blocks())

        assert value(worker / "status", "VmHWM") * 1024 < MEMORY_LIMIT
        assert value(worker / "io", "write_bytes") < DISK_LIMIT


def _digest(pieces: Iterator[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()
