"""A ZIP of 400 MP3s, against one MP3 of as many bytes."""

import os
from collections.abc import Iterator
from pathlib import Path

from bson import ObjectId

from bench.fetch import Fetched, fetch
from bench.options import Options
from bench.peak import Peak
from bench.report import Row, row
from bench.service import Service
from tests.support import files
from tests.support.project import DEMO
from tests.support.tree import Tree

COUNT = 400
MEGABYTES = 1024  # in all
MIB = 1 << 20


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """Rates, the wait for the first byte, and the gateway's memory, before and at its peak."""
    size = options.megabytes or MEGABYTES
    service.scale(0)  # a converter would use the same cores
    worker = Tree(service.processes(*service.names("gateway")).pids()[1:])
    with files.connect(os.environ["MONGODB_URI"]) as mongo:
        sound = os.urandom(size * MIB // COUNT)
        many = files.store_done(mongo, DEMO[0], ["talk.mp4"] * COUNT, sound)
        (one,) = files.store_done(mongo, DEMO[0], ["talk.mp4"], sound * COUNT)
    form = {"ids": ",".join(map(str, many))}
    link = service.client.request("POST", "/links", data=form).headers["Location"]
    archives, whole = [], []
    before = worker.memory()
    with Peak(worker.memory) as memory:
        for _ in range(options.runs):
            archives.append(fetch(service.client.url, link))
            whole.append(_whole(service, one))
    ours, plain = ([size / each.whole for each in some] for some in (archives, whole))
    what, against = f"{COUNT} MP3s of {size} MiB in all", "one MP3 of as many bytes"
    yield row("archive", what, "MiB/s", ours, plain, against)
    ours, plain = ([1000 * each.first for each in some] for some in (archives, whole))
    yield row("archive", "first byte", "ms", ours, plain, against)
    yield row("archive", "gateway's worker, before", "MiB", [before])
    yield row("archive", "gateway's worker, meanwhile", "MiB", [memory.most])
    for job in (*many, one):
        service.remove(str(job))
    service.scale(1)


def _whole(service: Service, job: ObjectId) -> Fetched:
    bearer = {"Authorization": f"Bearer {service.client.token}"}
    return fetch(service.client.url, f"/jobs/{job}/mp3", **bearer)
