"""`success!` means that the job cannot be lost; anything else leaves nothing behind."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.support import relay as at
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.jobs import Jobs
from tests.support.mongod import Mongod
from tests.support.process import Process
from tests.support.rabbitmq import Server
from tests.support.relay import Relay
from tests.support.stack import Stack
from tests.support.wait import until
from tests.support.workers import Workers

RelayTo = Callable[[tuple[str, int]], Relay]
NewUser = Callable[[], tuple[str, Client]]

ANSWER_WITHIN = 15.0  # seconds, as promised


class Uploads:
    """One user's uploads to one gateway."""

    def __init__(self, gateway: Process, new_user: NewUser, clip: bytes) -> None:
        self.email, stack_client = new_user()
        self.url, self.token, self._clip = gateway.url, stack_client.token, clip

    def upload(self, content: bytes | None = None) -> requests.Response:
        return requests.post(
            f"{self.url}/upload",
            headers={"Authorization": f"Bearer {self.token}"},
            files={"file": ("video.mp4", content or self._clip, "video/mp4")},
            timeout=60,
        )

    def check_503(self, content: bytes | None = None) -> None:
        """The answer is 503, soon, and says when to come again."""
        started = time.monotonic()
        answer = self.upload(content)
        assert time.monotonic() - started < ANSWER_WITHIN
        assert (answer.status_code, answer.text) == (503, "Service Unavailable")
        assert int(answer.headers["Retry-After"]) > 0


@pytest.fixture
def start(workers: Workers, new_user: NewUser, clip: bytes) -> Callable[..., Uploads]:
    """Starts a gateway with these settings, for uploads to it."""
    return lambda **settings: Uploads(workers.gateway(**settings), new_user, clip)


def mongodb_address(stack: Stack) -> tuple[str, int]:
    parts = urlsplit(stack.env["MONGODB_URI"])
    assert parts.hostname and parts.port
    return parts.hostname, parts.port


def check_nothing_left(uploads: Uploads, jobs: Jobs) -> None:
    assert jobs.files(uploads.email) == 0
    assert jobs.orphans() == 0


def test_success_means_a_whole_file_and_a_routed_message(
    start: Callable[..., Uploads], broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    uploads = start()
    answer = uploads.upload()
    assert (answer.status_code, answer.text) == (200, "success!")
    (message,) = broker.take("video")
    assert message.username == uploads.email
    file = jobs.videos["fs.files"].find_one({"_id": message.video_fid})
    assert file
    chunks = jobs.videos["fs.chunks"].find({"files_id": file["_id"]}).sort("n")
    assert b"".join(chunk["data"] for chunk in chunks) == clip


def test_a_confirmed_message_survives_the_brokers_death(
    start: Callable[..., Uploads], broker: Broker, server: Server
) -> None:
    assert start().upload().status_code == 200
    server.kill()
    server.wait_until_up()
    assert len(broker.take("video")) == 1


def test_mongodb_down_is_a_503(
    start: Callable[..., Uploads], stack: Stack, jobs: Jobs, relay_to: RelayTo, broker: Broker
) -> None:
    link = relay_to(mongodb_address(stack))
    uploads = start(MONGODB_URI=f"mongodb://127.0.0.1:{link.port}")
    link.cut()
    uploads.check_503()
    check_nothing_left(uploads, jobs)
    assert broker.ready("video") == 0
    link.resume()
    until(lambda: uploads.upload().status_code == 200, "uploads work again")


@pytest.mark.parametrize("moment", [at.MONGO_INSERT_CHUNKS, at.MONGO_INSERT_FILE])
@pytest.mark.parametrize("fault", ["cut_after", "stall_before", "stall_after"])
def test_a_link_to_mongodb_lost_during_an_upload_is_a_503(
    moment: bytes,
    fault: str,
    start: Callable[..., Uploads],
    stack: Stack,
    jobs: Jobs,
    relay_to: RelayTo,
    broker: Broker,
) -> None:
    link = relay_to(mongodb_address(stack))
    uploads = start(MONGODB_URI=f"mongodb://127.0.0.1:{link.port}")
    getattr(link, fault)(moment)
    uploads.check_503()
    assert link.triggered.is_set()
    link.resume()
    # Taken back while the link was gone, it goes as soon as the link is there again.
    until(lambda: jobs.files(uploads.email) == 0, "the file is taken back")
    until(jobs.swept, "no chunk without a file")
    assert broker.ready("video") == 0


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_the_broker_down_is_a_503(
    fault: str, start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    link = relay_to(broker.address)
    uploads = start(RABBITMQ_URL=broker.url(link.port))
    getattr(link, fault)()
    uploads.check_503()
    check_nothing_left(uploads, jobs)


@pytest.mark.parametrize("fault", ["cut_after", "stall_before", "stall_after"])
def test_a_link_to_the_broker_lost_before_the_confirm_is_a_503(
    fault: str, start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    link = relay_to(broker.address)
    uploads = start(RABBITMQ_URL=broker.url(link.port))
    getattr(link, fault)(at.AMQP_PUBLISH)
    uploads.check_503()
    assert link.triggered.is_set()
    check_nothing_left(uploads, jobs)


def test_a_missing_queue_is_a_503(
    start: Callable[..., Uploads], broker: Broker, jobs: Jobs
) -> None:
    uploads = start()
    broker.delete_queue("video")
    uploads.check_503()
    check_nothing_left(uploads, jobs)


@contextmanager
def application_stopped(server: Server) -> Iterator[None]:
    """The broker's node runs, the broker does not."""
    server.rabbitmqctl("stop_app")
    try:
        yield
    finally:
        server.rabbitmqctl("start_app")
        server.wait_until_up()


@contextmanager
def memory_alarm(server: Server) -> Iterator[None]:
    """The broker has less memory than it uses, and blocks publishers."""
    server.rabbitmqctl("set_vm_memory_high_watermark", "absolute", "1")
    try:
        until(lambda: "memory" in alarms(server), "the alarm")
        yield
    finally:
        server.rabbitmqctl("set_vm_memory_high_watermark", server.watermark)
        until(lambda: "memory" not in alarms(server), "the end of the alarm")


def alarms(server: Server) -> str:
    report = server.rabbitmqctl("status")
    return report.partition("Alarms")[2].partition("\n\n")[2].partition("\n\n")[0].lower()


def test_the_brokers_application_stopped_is_a_503(
    start: Callable[..., Uploads], server: Server, jobs: Jobs
) -> None:
    uploads = start()
    with application_stopped(server):
        uploads.check_503()
        check_nothing_left(uploads, jobs)
    until(lambda: uploads.upload().status_code == 200, "uploads work again")


def test_a_broker_blocked_by_a_memory_alarm_is_a_503(
    start: Callable[..., Uploads], server: Server, jobs: Jobs
) -> None:
    uploads = start()
    with memory_alarm(server):
        uploads.check_503()
        check_nothing_left(uploads, jobs)
    assert uploads.upload().status_code == 200


def test_both_servers_down_is_a_503(
    start: Callable[..., Uploads], stack: Stack, broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    to_mongodb, to_broker = relay_to(mongodb_address(stack)), relay_to(broker.address)
    uploads = start(
        MONGODB_URI=f"mongodb://127.0.0.1:{to_mongodb.port}",
        RABBITMQ_URL=broker.url(to_broker.port),
    )
    to_broker.cut()
    to_mongodb.stall_before(at.MONGO_INSERT_FILE)
    uploads.check_503()
    to_mongodb.resume()
    until(jobs.swept, "no chunk without a file")
    assert jobs.files(uploads.email) == 0


def test_both_servers_silent_from_the_publish_on_is_a_503(
    start: Callable[..., Uploads], stack: Stack, broker: Broker, relay_to: RelayTo
) -> None:
    """The slowest of all: the publish times out, and so does taking the file back."""
    to_mongodb, to_broker = relay_to(mongodb_address(stack)), relay_to(broker.address)
    uploads = start(
        MONGODB_URI=f"mongodb://127.0.0.1:{to_mongodb.port}",
        RABBITMQ_URL=broker.url(to_broker.port),
    )
    to_mongodb.stall_after(at.MONGO_INSERT_FILE)
    to_broker.stall()
    uploads.check_503()


@pytest.fixture
def mongod(stack: Stack, tmp_path: Path) -> Iterator[Mongod]:
    folder = tmp_path / "mongod"
    folder.mkdir()
    with Mongod(stack, folder) as mongod:
        yield mongod


def test_mongodb_killed_during_an_upload_leaves_nothing_after_the_sweep(
    start: Callable[..., Uploads], mongod: Mongod
) -> None:
    uploads = start(MONGODB_URI=mongod.uri)
    big, jobs = bytes(20_000_000), Jobs(mongod.uri)
    address = urlsplit(uploads.url)
    head = (
        f"POST /upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {uploads.token}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n"
        f"Content-Length: {len(big)}\r\nConnection: close\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="v.mp4"\r\n\r\n'
    )
    with (
        jobs.client,
        socket.create_connection((str(address.hostname), int(address.port or 0)), 30) as client,
    ):
        client.sendall(head.encode() + big[: len(big) // 2])
        until(lambda: jobs.orphans() == 1, "the first chunks are stored")
        mongod.kill()
        with suppress(ConnectionError):  # the answer may come, and the link end, before the rest
            client.sendall(big[: len(big) * 9 // 20])
        assert client.recv(100).startswith(b"HTTP/1.1 503")
        mongod.start()
        assert jobs.files(uploads.email) == 0
        until(jobs.swept, "no chunk without a file")


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own that is soon full.

    MongoDB's journal takes 300 MB of it, sooner or later.
    """
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=450m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, timeout=10).returncode:
        pytest.skip("mounting needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True, timeout=10)


def test_a_full_disk_is_a_503(start: Callable[..., Uploads], stack: Stack, full_disk: Path) -> None:
    with Mongod(stack, full_disk) as mongod:
        uploads = start(MONGODB_URI=mongod.uri)
        assert uploads.upload().status_code == 200
        uploads.check_503(os.urandom(250_000_000))
