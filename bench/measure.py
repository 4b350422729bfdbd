"""Measures the running local stack against the plain way to do the same work."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bson import ObjectId
from gridfs import GridFSBucket
from pymongo import MongoClient

from bench.memory import Peak
from tests.support import media
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.multipart import StreamedForm
from tests.support.project import DEMO
from tests.support.wait import until

MIB = 1 << 20
BLOCK = os.urandom(MIB)
CONVERTED_WITHIN = 1800.0  # seconds


def timed(work: Callable[[], object]) -> float:
    """The seconds that `work` takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def row(what: str, ours: float, plain: float, unit: str, note: str = "") -> None:
    """Print one line of the table; the ratio is ours to the plain way's."""
    sys.stdout.write(f"{what:<34}{ours:>9.1f}{plain:>9.1f} {unit:<6}{ours / plain:>6.2f}  {note}\n")
    sys.stdout.flush()


def upload(client: Client, form: StreamedForm) -> None:
    """Upload a file; HTTPError when it is not taken."""
    client.send_form(form).raise_for_status()


def download(client: Client, fid: ObjectId) -> None:
    """Read an MP3 and throw it away."""
    with client.request("GET", f"/download?fid={fid}", stream=True) as answer:
        answer.raise_for_status()
        for _ in answer.iter_content(MIB):
            pass


def transfers(client: Client, mongo: Mongo, megabytes: int) -> None:
    """Upload and download, against the driver's own streams without HTTP in between."""
    blocks = [BLOCK] * megabytes
    form = StreamedForm(blocks, megabytes * MIB, "bench.bin")
    gateway = Peak("gateway")
    ours = timed(lambda: upload(client, form))
    note = f"gateway's peak {gateway.mib()} MiB"
    mp3s = GridFSBucket(mongo["mp3s"])
    metadata = {"username": DEMO[0], "video_fid": str(ObjectId())}
    with mp3s.open_upload_stream("bench.bin", metadata=metadata) as target:
        plain = timed(lambda: target.writelines(blocks))
        fid = target._id
    row(f"upload of {megabytes} MiB", megabytes / ours, megabytes / plain, "MiB/s", note)
    gateway = Peak("gateway")
    ours = timed(lambda: download(client, fid))
    note = f"gateway's peak {gateway.mib()} MiB"
    with Path(os.devnull).open("wb") as sink:
        plain = timed(lambda: mp3s.download_to_stream(fid, sink))
    row(f"download of {megabytes} MiB", megabytes / ours, megabytes / plain, "MiB/s", note)
    mp3s.delete(fid)


def conversion(client: Client, mongo: Mongo, minutes: int, folder: Path) -> None:
    """A job from `success!` to its MP3, against ffmpeg on the same file by hand."""
    video, mp3 = folder / "bench.mp4", folder / "bench.mp3"
    sources = f"testsrc2=d={minutes * 60}:s=640x360:r=5", f"anoisesrc=d={minutes * 60}:c=pink"
    inputs = ["-f", "lavfi", "-i", sources[0], "-f", "lavfi", "-i", sources[1]]
    codecs = ["-c:v", "mpeg4", "-q:v", "5", "-c:a", "aac"]
    media.make(video, *inputs, *codecs, timeout=CONVERTED_WITHIN)
    converter = Peak("converter")
    files = mongo["mp3s"]["fs.files"]
    before = files.count_documents({})
    upload(client, StreamedForm.of_file(video, video.name))
    ours = timed(
        lambda: until(
            lambda: files.count_documents({}) > before, "the conversion", CONVERTED_WITHIN
        )
    )
    note = f"converter's peak {converter.mib()} MiB"
    by_hand = ["-i", str(video), "-vn", "-q:a", "2"]
    plain = timed(lambda: media.make(mp3, *by_hand, timeout=CONVERTED_WITHIN))
    row(f"conversion of {minutes} minutes", ours, plain, "s", note)


def main() -> None:
    """Run all measurements."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--megabytes", type=int, default=1024)
    arguments.add_argument("--minutes", type=int, default=10)
    options = arguments.parse_args()
    client = Client(os.environ["GATEWAY_URL"])
    client.login(*DEMO).raise_for_status()
    mongo: Mongo = MongoClient(os.environ["MONGODB_URI"])
    sys.stdout.write(f"{'':<34}{'ours':>9}{'plain':>9} {'':<6}{'ratio':>6}\n")
    transfers(client, mongo, options.megabytes)
    with tempfile.TemporaryDirectory() as folder:
        conversion(client, mongo, options.minutes, Path(folder))


if __name__ == "__main__":
    main()
