"""A webhook arrives: over failures, restarts and slow receivers, at no address inside."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pytest
from bson import ObjectId

from servicekit.jobs.message import JobMessage
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.files import Document, connect
from tests.support.jobs import Jobs
from tests.support.multipart import form, part
from tests.support.process import Process
from tests.support.project import ROOT
from tests.support.receiver import Receiver
from tests.support.smtp import SmtpServer
from tests.support.users import NewUser, User
from tests.support.wait import until
from tests.support.workers import Workers

GAPS = "0.2,0.4,0.6"  # seconds: four attempts
LOOPBACK = {"WEBHOOK_NETWORKS": "127.0.0.0/8", "WEBHOOK_GAPS": GAPS}
TIMEOUT = 60  # seconds


class Hooked:
    """A user whose jobs end, with a gateway, a converter and a broker of the test's own."""

    def __init__(self, user: User, gateway: Process, clip: bytes) -> None:
        self.email = user.email
        self.client = Client(gateway.url, user.client.token)
        self._clip = clip

    def hook(self, url: str) -> str:
        """Have all webhooks sent to `url`; its id."""
        return str(self.client.request("POST", "/webhooks", data={"url": url}).json()["id"])

    def hooks(self) -> list[dict[str, Any]]:
        """The addresses as the gateway shows them."""
        found: list[dict[str, Any]] = self.client.request("GET", "/webhooks").json()["webhooks"]
        return found

    def outcome(self) -> str | None:
        """How the last attempt at the only address ended."""
        (only,) = self.hooks()
        return None if only["outcome"] is None else str(only["outcome"])

    def job(self, content: bytes | None = None) -> str:
        """Upload a video, or what is given; the job's id."""
        sent = form(part("file", content or self._clip, "talk.mp4"))
        return self.client.send_form(sent).headers["X-Job-Id"]

    @property
    def secret(self) -> str:
        """What its webhooks are signed with."""
        return str(self.client.request("GET", "/webhook-secret").json()["secret"])


NewHooked = Callable[[], Hooked]


@pytest.fixture
def new_hooked(workers: Workers, new_user: NewUser, clip: bytes) -> NewHooked:
    gateway = workers.gateway()
    workers.converter()
    return lambda: Hooked(new_user(), gateway, clip)


@pytest.fixture
def hooked(new_hooked: NewHooked) -> Hooked:
    return new_hooked()


@pytest.fixture
def start(workers: Workers, smtp: SmtpServer, jobs: Jobs) -> Callable[..., Process]:
    """Starts a notifier that sends to this machine, and webhooks of this test alone."""
    with connect(jobs.uri) as mongo:
        mongo["mp3s"]["webhook_deliveries"].delete_many({})
    return lambda **settings: workers.notifier(smtp, **(LOOPBACK | settings))


@pytest.fixture
def deliveries(jobs: Jobs) -> Callable[[], list[Document]]:
    return lambda: list(jobs.mp3s["webhook_deliveries"].find().sort("_id", 1))


def webhooks(jobs: Jobs, *arguments: str) -> str:
    """What the operator's command says."""
    return subprocess.run(
        [sys.executable, ROOT / "notification/manage.py", *arguments],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "MONGODB_URI": jobs.uri},
        capture_output=True,
        text=True,
        check=True,
        timeout=TIMEOUT,
    ).stdout


def test_it_is_tried_again_with_the_same_id_after_growing_gaps(
    hooked: Hooked, start: Callable[..., Process], exits: ExitStack
) -> None:
    receiver = exits.enter_context(Receiver(500, 429, 302))
    receiver.location = "https://example.com/"
    hooked.hook(receiver.url)
    start()
    job = hooked.job()
    attempts = receiver.wait_for(4)
    assert len({attempt.id for attempt in attempts}) == 1
    assert {attempt.verified(hooked.secret)["data"]["id"] for attempt in attempts} == {job}
    gaps = [b.at - a.at for a, b in zip(attempts, attempts[1:], strict=False)]
    assert all(gap >= least for gap, least in zip(gaps, (0.2, 0.4, 0.6), strict=True)), gaps
    until(lambda: hooked.outcome() == "200", "it is noted")


def test_it_outlasts_a_kill_of_its_sender_between_and_within_attempts(
    hooked: Hooked, start: Callable[..., Process], exits: ExitStack, jobs: Jobs
) -> None:
    receiver = exits.enter_context(Receiver(500, slow=0.5))
    hooked.hook(receiver.url)
    first = start(WEBHOOK_GAPS="3600")
    hooked.job()
    until(lambda: hooked.outcome() == "500", "the first attempt failed")
    first.kill()
    _due_now(jobs)
    second = start()
    receiver.wait_for(2)
    second.kill()  # with the answer on its way
    _due_now(jobs)  # as after the minute for which a sender has it
    start()
    assert len({attempt.id for attempt in receiver.wait_for(3)}) == 1
    until(lambda: hooked.outcome() == "200", "it is noted")


def _due_now(jobs: Jobs) -> None:
    """As if the time had passed."""
    jobs.mp3s["webhook_deliveries"].update_many({}, [{"$set": {"due": "$$NOW"}}])


def test_one_that_is_given_up_is_replayed_by_one_command(
    hooked: Hooked,
    start: Callable[..., Process],
    exits: ExitStack,
    jobs: Jobs,
    deliveries: Callable[[], list[Document]],
) -> None:
    receiver = exits.enter_context(Receiver(*[500] * 4))
    hooked.hook(receiver.url + "/a-secret-path")
    notifier = start()
    job = hooked.job()
    until(lambda: [one["state"] for one in deliveries()] == ["dead"], "it is given up")
    first = receiver.wait_for(4)[0]
    row = "\t".join((first.id, hooked.email, job, "localhost", "500"))
    assert webhooks(jobs, "dead") == f"{row}\n"
    assert webhooks(jobs, "dead", "--user", "nobody@example.com") == ""
    assert webhooks(jobs, "replay", "--id", first.id) == "1 webhooks are sent again\n"
    assert receiver.wait_for(5)[4].id == first.id
    until(lambda: [one["state"] for one in deliveries()] == ["delivered"], "it is delivered")
    assert webhooks(jobs, "replay", "--all") == "0 webhooks are sent again\n"
    assert notifier.count("a-secret-path") == 0


def test_a_receiver_that_is_gone_gets_no_more_until_it_is_added_again(
    hooked: Hooked,
    start: Callable[..., Process],
    exits: ExitStack,
    jobs: Jobs,
    deliveries: Callable[[], list[Document]],
) -> None:
    receiver = exits.enter_context(Receiver(410))
    hooked.hook(receiver.url)
    start()
    hooked.job()
    until(lambda: not hooked.hooks()[0]["enabled"], "it is disabled")
    second = hooked.job()
    until(lambda: jobs.record(ObjectId(second)).get("told"), "the second job is told")
    hooked.hook(receiver.url)
    assert [one["enabled"] for one in hooked.hooks()] == [True]
    third = hooked.job()
    (_, webhook) = receiver.wait_for(2)
    assert webhook.verified(hooked.secret)["data"]["id"] == third
    assert sorted(one["state"] for one in deliveries()) == ["dead", "delivered"]


def test_a_slow_receiver_of_one_user_holds_up_nobody_elses(
    new_hooked: NewHooked, start: Callable[..., Process], exits: ExitStack
) -> None:
    slow, quick = exits.enter_context(Receiver(slow=20)), exits.enter_context(Receiver())
    one, other = new_hooked(), new_hooked()
    for number in range(4):
        one.hook(f"{slow.url}/{number}")
    other.hook(quick.url)
    start(WEBHOOK_SENDERS="2", WEBHOOK_TIMEOUT="20")
    one.job()
    slow.wait_for(1)
    other.job()
    quick.wait_for(1, timeout=10)
    assert len(slow.received) == 1


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "0.0.0.0"])  # noqa: S104
def test_no_address_inside_is_reached_however_it_is_written(
    host: str, hooked: Hooked, start: Callable[..., Process], exits: ExitStack
) -> None:
    receiver = exits.enter_context(Receiver())
    hooked.hook(receiver.url.replace("localhost", host))
    start(WEBHOOK_NETWORKS="")
    hooked.job()
    until(lambda: hooked.outcome() == "its address is none of the Internet's", "it is refused")
    assert not receiver.received


def test_what_is_removed_gets_no_webhook_that_is_on_its_way(
    hooked: Hooked,
    start: Callable[..., Process],
    exits: ExitStack,
    deliveries: Callable[[], list[Document]],
) -> None:
    receiver = exits.enter_context(Receiver(500))
    hook = hooked.hook(receiver.url)
    start(WEBHOOK_GAPS="3600")
    hooked.job()
    until(lambda: hooked.outcome() == "500", "the first attempt failed")
    assert hooked.client.request("DELETE", f"/webhooks/{hook}").status_code == 204
    assert [one["state"] for one in deliveries()] == ["dead"]
    assert hooked.hooks() == []


def test_mails_go_out_while_mongodb_is_away(
    start: Callable[..., Process], broker: Broker, smtp: SmtpServer
) -> None:
    notifier = start(MONGODB_URI="mongodb://127.0.0.1:9", MONGODB_TIMEOUT="0.5")
    notifier.wait_for_line("No webhooks: MongoDB")
    message = JobMessage(ObjectId(), "a@example.com", mp3_fid=ObjectId())
    broker.publish("mp3", message.encode())
    smtp.wait_for_mails(1)
    assert notifier.probe() == 200
