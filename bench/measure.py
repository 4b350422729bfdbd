"""Measures the running local stack; each figure stands beside the plainest way to do the same."""

import argparse
import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import requests
from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import MongoClient

from bench.memory import Peak

MIB = 1 << 20
BLOCK = os.urandom(MIB)
BOUNDARY = "benchmark"
USER = ("dksahuji@gmail.com", "Admin123")
PATIENCE = 1800.0  # seconds for one conversion

Mongo = MongoClient[dict[str, object]]


def timed(work: Callable[[], object]) -> float:
    """The seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def row(what: str, ours: float, plain: float, unit: str, note: str = "") -> None:
    """Print one line of the table; the ratio is ours to the plainest way's."""
    sys.stdout.write(f"{what:<34}{ours:>9.1f}{plain:>9.1f} {unit:<6}{ours / plain:>6.2f}  {note}\n")
    sys.stdout.flush()


class Client:
    """A user of the gateway."""

    def __init__(self, url: str) -> None:
        self.url = url
        token = requests.post(f"{url}/login", auth=USER, timeout=30).text
        self.headers = {"Authorization": f"Bearer {token}"}

    def upload(self, name: str, length: int, blocks: Iterator[bytes]) -> None:
        """Send a body of `length` bytes as a form, without holding it."""
        head = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"'
            "\r\nContent-Type: video/mp4\r\n\r\n"
        ).encode()
        tail = f"\r\n--{BOUNDARY}--\r\n".encode()
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=600)
        connection.putrequest("POST", "/upload")
        connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + length + len(tail)))
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(head)
        for block in blocks:
            connection.send(block)
        connection.send(tail)
        answer = connection.getresponse()
        if answer.status != 200:
            raise SystemExit(f"upload: {answer.status} {answer.read().decode()}")
        connection.close()

    def download(self, fid: ObjectId) -> None:
        """Read an MP3 and throw it away."""
        url = f"{self.url}/download?fid={fid}"
        with requests.get(url, headers=self.headers, stream=True, timeout=600) as answer:
            answer.raise_for_status()
            for _ in answer.iter_content(MIB):
                pass


def transfers(client: Client, mongo: Mongo, megabytes: int) -> None:
    """Upload and download, against the driver's own streams without HTTP in between."""
    size = megabytes * MIB
    gateway = Peak("gateway")
    ours = timed(lambda: client.upload("bench.bin", size, (BLOCK for _ in range(megabytes))))
    note = f"gateway's peak {gateway.mib()} MiB"
    mp3s = GridFSBucket(mongo["mp3s"])
    metadata = {"username": USER[0], "video_fid": str(ObjectId())}
    with mp3s.open_upload_stream("bench.bin", metadata=metadata) as target:
        plain = timed(lambda: target.writelines(BLOCK for _ in range(megabytes)))
        fid = target._id
    row(f"upload of {megabytes} MiB", megabytes / ours, megabytes / plain, "MiB/s", note)
    gateway = Peak("gateway")
    ours = timed(lambda: client.download(fid))
    note = f"gateway's peak {gateway.mib()} MiB"
    with Path(os.devnull).open("wb") as sink:
        plain = timed(lambda: mp3s.download_to_stream(fid, sink))
    row(f"download of {megabytes} MiB", megabytes / ours, megabytes / plain, "MiB/s", note)
    mp3s.delete(fid)


def conversion(client: Client, mongo: Mongo, minutes: int, folder: Path) -> None:
    """A job from `success!` to its MP3, against ffmpeg on the same file by hand."""
    video, mp3 = folder / "bench.mp4", folder / "bench.mp3"
    sources = f"testsrc2=d={minutes * 60}:s=640x360:r=5", f"anoisesrc=d={minutes * 60}:c=pink"
    make = ["-f", "lavfi", "-i", sources[0], "-f", "lavfi", "-i", sources[1], "-c:v", "mpeg4"]
    ffmpeg(*make, "-q:v", "5", "-c:a", "aac", "-y", str(video))
    converter = Peak("converter")
    with video.open("rb") as file:
        client.upload(video.name, video.stat().st_size, iter(lambda: file.read(MIB), b""))
    files = mongo["mp3s"]["fs.files"]
    before = files.count_documents({})
    ours = timed(lambda: wait_until(lambda: files.count_documents({}) > before))
    note = f"converter's peak {converter.mib()} MiB"
    plain = timed(lambda: ffmpeg("-i", str(video), "-vn", "-q:a", "2", "-y", str(mp3)))
    row(f"conversion of {minutes} minutes", ours, plain, "s", note)


def ffmpeg(*arguments: str) -> None:
    """Run ffmpeg; CalledProcessError when it fails."""
    subprocess.run(["ffmpeg", "-v", "error", "-nostdin", *arguments], check=True)


def wait_until(true: Callable[[], bool]) -> None:
    """Poll every 20 ms; SystemExit when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise SystemExit("the conversion does not end")
        time.sleep(0.02)


def main() -> None:
    """Run all measurements."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--megabytes", type=int, default=1024)
    arguments.add_argument("--minutes", type=int, default=10)
    options = arguments.parse_args()
    client = Client(os.environ["GATEWAY_URL"])
    mongo: Mongo = MongoClient(os.environ["MONGODB_URI"])
    sys.stdout.write(f"{'':<34}{'ours':>9}{'plain':>9} {'':<6}{'ratio':>6}\n")
    transfers(client, mongo, options.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        conversion(client, mongo, options.minutes, Path(folder))


if __name__ == "__main__":
    main()
