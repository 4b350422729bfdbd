"""Bytes through the gateway, against nginx, MongoDB's driver and a call on its own."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from bson import ObjectId

from bench import nginx
from bench.fetch import Fetched, fetch
from bench.naive import bucket
from bench.options import Options
from bench.peak import Peak
from bench.report import Row, row
from bench.service import Service
from servicekit.gridfs.file import CHUNK_SIZE
from servicekit.gridfs.mongodb import JOURNALED
from servicekit.gridfs.upload import BATCH_CHUNKS
from tests.support.multipart import StreamedForm
from tests.support.nginx import program
from tests.support.project import DEMO, ROOT
from tests.support.tree import Tree

MEGABYTES = 256
MIB = 1 << 20
BLOCK = os.urandom(MIB)
AT_ONCE = 8
STARTS = 40  # downloads that are looked at for their first byte
TIMEOUT = 120  # seconds
NAME = "bench.bin"


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """Rates, CPU, memory and latency; without nginx on this machine, downloads stand alone."""
    size = options.megabytes or MEGABYTES
    service.scale(0)  # a converter would read the same bytes meanwhile
    yield from _uploads(service, size, options.runs)
    yield from _downloads(service, size, options.runs, folder)
    yield from _validation(service)
    service.scale(1)


def _uploads(service: Service, size: int, runs: int) -> Iterator[Row]:
    worker = Tree(service.processes(*service.names("gateway")).pids()[1:])
    ours, plain, cpu = [], [], []
    with Peak(worker.memory) as one:
        for _ in range(runs):
            used, started = worker.cpu(), time.perf_counter()
            job = _upload(service, size)
            ours.append(size / (time.perf_counter() - started))
            cpu.append((worker.cpu() - used) * 1024 / size)
            service.remove(job)
            plain.append(size / _insert(size))
    with Peak(worker.memory) as many, ThreadPoolExecutor(AT_ONCE) as clients:
        jobs = list(clients.map(lambda _: _upload(service, size), range(AT_ONCE)))
    left = worker.memory()
    for job in jobs:
        service.remove(job)
    against = "insert_many of the same chunks, journaled"
    yield row("transfer", f"upload of {size} MiB", "MiB/s", ours, plain, against)
    yield row("transfer", "gateway, for a GiB up", "CPU s", cpu)
    yield row("transfer", "gateway's worker, one upload", "MiB", [one.most])
    yield row("transfer", f"gateway's worker, {AT_ONCE} at once", "MiB", [many.most])
    yield row("transfer", "gateway's worker, after them", "MiB", [left])


def _upload(service: Service, size: int) -> str:
    answer = service.client.send_form(StreamedForm([BLOCK] * size, size * MIB, NAME))
    answer.raise_for_status()
    return answer.headers["X-Job-Id"]


def _insert(size: int) -> float:
    """Seconds in which the driver alone stores the chunks of as many MiB, in the same batches."""
    chunks = bucket()._chunks.with_options(write_concern=JOURNALED)
    chunks.create_index([("files_id", 1), ("n", 1)], unique=True)
    file, count, data = ObjectId(), -(-size * MIB // CHUNK_SIZE), BLOCK[:CHUNK_SIZE]
    started = time.perf_counter()
    for first in range(0, count, BATCH_CHUNKS):
        batch = range(first, min(first + BATCH_CHUNKS, count))
        chunks.insert_many([{"files_id": file, "n": n, "data": data} for n in batch])
    took = time.perf_counter() - started
    chunks.delete_many({"files_id": file})
    return took


def _downloads(service: Service, size: int, runs: int, folder: Path) -> Iterator[Row]:
    metadata = {"username": DEMO[0], "video_fid": str(ObjectId())}
    (folder / NAME).write_bytes(BLOCK * size)
    files = bucket("mp3s")
    with (folder / NAME).open("rb") as content:
        fid = files.upload_from_stream(NAME, content, metadata=metadata)
    ours: list[float] = []
    plain: list[float] = []
    with ExitStack() as stack:
        url = stack.enter_context(nginx.serving(folder)) if program() else None
        for _ in range(runs):
            ours.append(size / _download(service, fid).whole)
            if url:
                plain.append(size / fetch(url, f"/{NAME}").whole)
    yield row("transfer", f"download of {size} MiB", "MiB/s", ours, plain, "nginx without sendfile")
    whole = [_download(service, fid, Range="bytes=0-") for _ in range(STARTS)]
    part = f"bytes={size * MIB // 2}-{size * MIB // 2 + 999}"
    yield row("transfer", "first byte of a download", "ms", _firsts(whole))
    ranges = [_download(service, fid, Range=part) for _ in range(STARTS)]
    yield row("transfer", "first byte of a range of 1 kB", "ms", _firsts(ranges))
    files.delete(fid)


def _download(service: Service, fid: ObjectId, **headers: str) -> Fetched:
    bearer = {"Authorization": f"Bearer {service.client.token}"}
    return fetch(service.client.url, f"/download?fid={fid}", **bearer | headers)


def _firsts(fetched: Iterable[Fetched]) -> list[float]:
    return [each.first * 1000 for each in fetched]


def _validation(service: Service) -> Iterator[Row]:
    environ = os.environ | {
        "PYTHONPATH": f"{ROOT / 'gateway'}:{ROOT}",
        "AUTH_SVC_ADDRESS": urlsplit(os.environ["AUTH_URL"]).netloc,
    }
    done = subprocess.run(
        [sys.executable, "-P", "-m", "bench.validate"],
        input=service.client.token,
        env=environ,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT,
    )
    times = json.loads(done.stdout)
    yield row(
        "transfer", "/validate, by the gateway", "ms", times["ours"], times["alone"], "a call alone"
    )
