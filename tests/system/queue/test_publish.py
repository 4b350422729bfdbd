"""`success!` means that the job cannot be lost; after any other answer no file is left."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.support import files, outages
from tests.support import relay as at
from tests.support.broker import Broker
from tests.support.client import Client, assert_unavailable
from tests.support.jobs import Jobs
from tests.support.mongod import Mongod
from tests.support.multipart import StreamedForm, begun_upload, form, part
from tests.support.process import Process
from tests.support.rabbitmq import Server
from tests.support.relay import RelayTo
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers


class Uploads:
    """One user's uploads to one gateway."""

    def __init__(self, gateway: Process, new_user: NewUser, clip: bytes) -> None:
        self.gateway = gateway
        self.email, client = new_user()
        self.client, self._clip = Client(gateway.url, client.token), clip

    def upload(self, content: bytes | None = None) -> requests.Response:
        content = content or self._clip
        return self.client.send_form(StreamedForm([content], len(content), "video.mp4"))

    def check_503(self, content: bytes | None = None) -> None:
        assert_unavailable(lambda: self.upload(content))


@pytest.fixture
def start(workers: Workers, new_user: NewUser, clip: bytes) -> Callable[..., Uploads]:
    """Starts a gateway with these settings, for uploads to it."""
    return lambda **settings: Uploads(workers.gateway(**settings), new_user, clip)


def check_nothing_left(uploads: Uploads, jobs: Jobs) -> None:
    assert jobs.files_of(uploads.email) == 0
    assert jobs.orphans() == 0


def test_success_means_a_whole_file_and_a_routed_message(
    start: Callable[..., Uploads], broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    uploads = start()
    answer = uploads.upload()
    assert (answer.status_code, answer.text) == (200, "success!")
    (message,) = broker.take("video")
    assert message.username == uploads.email
    assert jobs.videos["fs.files"].find_one({"_id": message.video_fid})
    assert files.content(jobs.videos, message.video_fid) == clip


def test_a_confirmed_message_survives_the_brokers_death(
    start: Callable[..., Uploads], broker: Broker, server: Server
) -> None:
    assert start().upload().status_code == 200
    server.kill()
    server.wait_until_up()
    assert len(broker.take("video")) == 1


def test_mongodb_down_is_a_503(
    start: Callable[..., Uploads], jobs: Jobs, relay_to: RelayTo, broker: Broker
) -> None:
    link = relay_to(jobs.uri)
    uploads = start(MONGODB_URI=link.url)
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
    jobs: Jobs,
    relay_to: RelayTo,
    broker: Broker,
) -> None:
    link = relay_to(jobs.uri)
    uploads = start(MONGODB_URI=link.url)
    getattr(link, fault)(moment)
    uploads.check_503()
    assert link.triggered.is_set()
    link.resume()
    # A removal that failed while the link was down is repeated.
    until(lambda: jobs.files_of(uploads.email) == 0, "the file is taken back")
    until(jobs.swept, "no chunk without a file")
    assert broker.ready("video") == 0


@pytest.mark.parametrize("fault", ["cut", "stall"])
def test_the_broker_down_is_a_503(
    fault: str, start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    link = relay_to(broker.url("gateway"))
    uploads = start(RABBITMQ_URL=link.url)
    getattr(link, fault)()
    uploads.check_503()
    check_nothing_left(uploads, jobs)


@pytest.mark.parametrize("fault", ["cut_after", "stall_before", "stall_after"])
def test_a_link_to_the_broker_lost_before_the_confirm_is_a_503(
    fault: str, start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    link = relay_to(broker.url("gateway"))
    uploads = start(RABBITMQ_URL=link.url)
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


def test_the_brokers_application_stopped_is_a_503(
    start: Callable[..., Uploads], server: Server, jobs: Jobs
) -> None:
    uploads = start()
    with outages.application_stopped(server.rabbitmqctl):
        uploads.check_503()
        check_nothing_left(uploads, jobs)
    server.wait_until_up()
    until(lambda: uploads.upload().status_code == 200, "uploads work again")


def test_a_broker_blocked_by_a_memory_alarm_is_a_503(
    start: Callable[..., Uploads], server: Server, jobs: Jobs
) -> None:
    uploads = start()
    with outages.memory_alarm(server.rabbitmqctl, server.watermark):
        uploads.check_503()
        check_nothing_left(uploads, jobs)
        assert uploads.gateway.probe() == 503
        assert uploads.gateway.count(
            "Not ready: rabbitmq: UnavailableError: RabbitMQ: the broker is out of memory or disk"
        )
    assert uploads.upload().status_code == 200
    until(lambda: uploads.gateway.probe() == 200, "the gateway is ready again")


def test_both_servers_down_is_a_503(
    start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    to_mongodb, to_broker = relay_to(jobs.uri), relay_to(broker.url("gateway"))
    uploads = start(MONGODB_URI=to_mongodb.url, RABBITMQ_URL=to_broker.url)
    to_broker.cut()
    to_mongodb.stall_before(at.MONGO_INSERT_FILE)
    uploads.check_503()
    to_mongodb.resume()
    until(jobs.swept, "no chunk without a file")
    assert jobs.files_of(uploads.email) == 0


def test_both_servers_silent_from_the_publish_on_is_a_503(
    start: Callable[..., Uploads], broker: Broker, jobs: Jobs, relay_to: RelayTo
) -> None:
    """The slowest case: the publish times out, and so does the removal of the file."""
    to_mongodb, to_broker = relay_to(jobs.uri), relay_to(broker.url("gateway"))
    uploads = start(MONGODB_URI=to_mongodb.url, RABBITMQ_URL=to_broker.url)
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
    client, body = uploads.client, form(part("file", bytes(20_000_000), "v.mp4"))
    half, most = len(body) // 2, len(body) * 19 // 20
    with (
        Jobs(mongod.uri) as jobs,
        begun_upload(client.url, client.token, len(body)) as connection,
    ):
        connection.send(body[:half])
        until(lambda: jobs.orphans() == 1, "the first chunks are stored")
        mongod.kill()
        with suppress(ConnectionError):  # the gateway may answer and close before the rest is sent
            connection.send(body[half:most])
        assert connection.getresponse().status == 503
        mongod.start()
        assert jobs.files_of(uploads.email) == 0
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
