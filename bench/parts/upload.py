"""Uploads and downloads, against the driver's own streams without HTTP in between."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bson import ObjectId

from bench.naive import bucket
from bench.options import Options
from bench.peak import Peak
from bench.report import Row, row
from bench.service import Service
from tests.support.multipart import StreamedForm
from tests.support.project import DEMO

MEGABYTES = 1024
MIB = 1 << 20
DRIVER = "the driver's own stream"
_Rates = dict[str, list[float]]


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """MiB in a second, and the gateway's memory."""
    size = options.megabytes or MEGABYTES
    rates: _Rates = {"upload": [], "upload by hand": [], "download": [], "download by hand": []}
    gateway = service.processes(*service.names("gateway"))
    service.scale(0)  # a converter would read the same bytes meanwhile
    with Peak(gateway.memory) as memory:
        for _ in range(options.runs):
            _round(service, [os.urandom(MIB)] * size, rates)
    service.scale(1)
    for way in ("upload", "download"):
        what = f"{way} of {size} MiB"
        yield row("upload", what, "MiB/s", rates[way], rates[f"{way} by hand"], DRIVER)
    yield row("upload", "gateway's peak", "MiB", [memory.most])


def _round(service: Service, blocks: list[bytes], rates: _Rates) -> None:
    size, files = len(blocks), bucket("mp3s")
    form = StreamedForm(blocks, size * MIB, "bench.bin")
    with _timed(rates["upload"], size):
        answer = service.client.send_form(form)
    answer.raise_for_status()
    service.remove(answer.headers["X-Job-Id"])
    metadata = {"username": DEMO[0], "video_fid": str(ObjectId())}
    target = files.open_upload_stream("bench.bin", metadata=metadata)
    with _timed(rates["upload by hand"], size), target:
        target.writelines(blocks)
    fid = target._id
    with _timed(rates["download"], size):
        _download(service, fid)
    with _timed(rates["download by hand"], size), Path(os.devnull).open("wb") as sink:
        files.download_to_stream(fid, sink)
    files.delete(fid)


@contextmanager
def _timed(rates: list[float], size: int) -> Iterator[None]:
    started = time.perf_counter()
    yield
    rates.append(size / (time.perf_counter() - started))


def _download(service: Service, fid: ObjectId) -> None:
    with service.client.request("GET", f"/download?fid={fid}", stream=True) as answer:
        answer.raise_for_status()
        for _ in answer.iter_content(MIB):
            pass
