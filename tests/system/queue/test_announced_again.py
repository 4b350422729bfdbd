"""A job that no message vouches for is announced again, once, by whichever gateway looks first."""

import os
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.multipart import form, part
from tests.support.process import Process
from tests.support.relay import AMQP_PUBLISH, Relay, RelayTo
from tests.support.smtp import SmtpServer
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers

USER = "announced@example.com"
KILLS = int(os.environ.get("KILLS", "2"))
WITHIN = 60.0  # seconds from a gateway's death to the end of its job; the promise
QUICK = {"ANNOUNCE_INTERVAL": "0.2", "ANNOUNCE_UNCONFIRMED_AFTER": "1", "ANNOUNCE_LOST_AFTER": "2"}
DEFAULT = {"ANNOUNCE_INTERVAL": "15"}
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
Start = Callable[[], Process]


@pytest.fixture
def announcer(workers: Workers) -> Start:
    """Starts a gateway that looks for jobs without a message five times a second."""
    return lambda: workers.gateway(**QUICK)


def interrupted(workers: Workers, link: Relay, client: Client, key: str, content: bytes) -> None:
    """An upload whose gateway is killed when it is about to send the job's message."""
    doomed = workers.gateway(RABBITMQ_URL=link.url)
    link.stall_before(AMQP_PUBLISH)
    its_client = Client(doomed.url, client.token)
    answers: list[bool] = []

    def upload() -> None:
        try:
            send(its_client, key, content)
        except OSError:
            answers.append(False)
        else:
            answers.append(True)

    uploading = threading.Thread(target=upload)
    uploading.start()
    assert link.triggered.wait(20), doomed.log
    doomed.kill()
    uploading.join(20)
    link.resume()
    assert answers == [False]


def send(client: Client, key: str, content: bytes) -> str:
    """Upload with an Idempotency-Key; the job's id."""
    answer = client.send_form(form(part("file", content, "v.mp4")), Idempotency_Key=key)
    assert (answer.status_code, answer.text) == (200, "success!")
    return answer.headers["X-Job-Id"]


def test_a_gateway_killed_between_file_and_message_costs_a_minute_at_most(
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    smtp: SmtpServer,
    relay_to: RelayTo,
    new_user: NewUser,
    clip: bytes,
) -> None:
    link, (email, client) = relay_to(broker.url("gateway")), new_user()
    gateway = workers.gateway(**DEFAULT)
    workers.converter()
    workers.notifier(smtp)
    keys = [uuid.uuid4().hex for _ in range(KILLS)]
    for key in keys:
        interrupted(workers, link, client, key, clip)
    ids = [found["_id"] for found in jobs.videos["fs.files"].find({"metadata.username": email})]
    assert len(ids) == KILLS
    for job in ids:
        until(lambda job=job: jobs.record(job).get("told"), "told", WITHIN)  # type: ignore[misc]
        assert jobs.record(job)["told"] - jobs.uploaded(job) < timedelta(seconds=WITHIN)
    until(lambda: broker.ready("video") == broker.ready("mp3") == 0, "empty queues")
    mp3s = sorted(str(mp3) for job in ids for mp3 in jobs.mp3s_of(job))
    assert len(mp3s) == KILLS
    told = [mail.message["Message-ID"][1:].partition("@")[0] for mail in smtp.wait_for_mails(KILLS)]
    assert sorted(told) == mp3s
    again = [send(Client(gateway.url, client.token), key, clip) for key in keys]
    assert sorted(again) == sorted(map(str, ids))
    assert broker.ready("video") == 0


def test_of_three_gateways_one_announces_a_job(
    announcer: Start, broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    gateways = [announcer() for _ in range(3)]
    ids = [jobs.store_waiting(clip, USER) for _ in range(20)]
    until(lambda: all("confirmed" in jobs.record(job) for job in ids), "all are announced")
    ids.append(jobs.store_waiting(clip, USER))  # when it is announced too, all have looked again
    until(lambda: "confirmed" in jobs.record(ids[-1]), "the last one is announced")

    def lines() -> int:
        return sum(gateway.count("Announced again") for gateway in gateways)

    until(lambda: lines() >= len(ids), "each is told of")
    assert lines() == len(ids)
    assert sorted(message.video_fid for message in broker.take("video")) == sorted(ids)


@pytest.mark.parametrize("outage", [Relay.cut, Relay.stall], ids=["refuses", "silent"])
def test_an_outage_of_the_broker_only_delays_the_announcement(
    outage: Callable[[Relay], None],
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    relay_to: RelayTo,
    clip: bytes,
) -> None:
    link = relay_to(broker.url("gateway"))
    gateway = workers.gateway(RABBITMQ_URL=link.url, RABBITMQ_CONNECT_TIMEOUT="0.5", **QUICK)
    outage(link)
    gateway.wait_for_line("No look for jobs without a message", 3)
    jobs.store_waiting(clip, USER)
    gateway.wait_for_line("No look for jobs without a message", 4)
    link.resume()
    broker.wait_for("video", 1)


def test_a_retry_without_its_message_is_announced_too(
    announcer: Start, broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    retried = datetime.now(UTC) - timedelta(seconds=5)
    job = jobs.store(clip, USER, retried=retried, retries=1)
    announcer()
    broker.wait_for("video", 1)
    assert [message.video_fid for message in broker.take("video")] == [job]


def test_a_purged_queue_loses_no_job(
    announcer: Start,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    smtp: SmtpServer,
    new_user: NewUser,
    clip: bytes,
) -> None:
    _, client = new_user()
    client = Client(announcer().url, client.token)
    ids = {ObjectId(send(client, uuid.uuid4().hex, clip)) for _ in range(3)}
    assert {message.video_fid for message in broker.take("video")} == ids
    workers.converter()
    workers.notifier(smtp)
    until(lambda: all(jobs.record(job).get("told") for job in ids), "all are told", 30)
    mails = smtp.wait_for_mails(3)
    assert len({mail.message["Message-ID"] for mail in mails}) == len(mails) == 3


def test_a_job_whose_worker_and_message_are_gone_is_converted_by_another(
    announcer: Start, broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    announcer()
    doomed = workers.converter(PATH=gate.path)
    job = jobs.store(clip, USER, confirmed=NOON)
    broker.submit(job, USER)
    gate.wait_until_held()
    assert jobs.record(job)["state"] == "converting"
    doomed.kill()
    broker.wait_for("video", 1)
    broker.take("video")
    workers.converter().wait_for_line("Conversion complete!", timeout=30)
    assert len(jobs.mp3s_of(job)) == 1


def test_a_message_that_waits_is_not_sent_again(
    announcer: Start, broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    job = jobs.store_waiting(clip, USER, confirmed=NOON)
    broker.submit(job, USER)
    gateway = announcer()
    first = jobs.store(clip, USER)  # which nobody has confirmed, so that its announcement shows
    gateway.wait_for_line("Announced again")  # that the gateway has looked
    until(lambda: "confirmed" in jobs.record(first), "noted")
    lost = timedelta(seconds=2 * float(QUICK["ANNOUNCE_LOST_AFTER"]))
    until(lambda: datetime.now(UTC) - jobs.uploaded(first) > lost, "time enough for both nets")
    assert "announced" not in jobs.record(job)
    assert broker.ready("video") == 2


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"state": "done", "error": None}, None),
        ({"state": "failed", "error": "no audio track"}, "no audio track"),
    ],
    ids=["done", "failed"],
)
def test_an_end_of_which_nobody_was_told_is_told(
    ended: dict[str, str | None],
    told: str | None,
    announcer: Start,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    clip: bytes,
) -> None:
    job = jobs.store_waiting(clip, USER, confirmed=NOON, told=False, **ended)
    if not told:
        jobs.store_mp3(b"an mp3", USER, job)
    announcer()
    worker = workers.converter()
    broker.wait_for("mp3", 1)
    (message,) = broker.take("mp3")
    assert (message.video_fid, message.error) == (job, told)
    assert list(filter(None, [message.mp3_fid])) == jobs.mp3s_of(job)
    until(lambda: jobs.record(job)["told"], "noted")
    assert worker.count("Converting video to MP3...") == 0


@pytest.mark.parametrize("state", ["converting", "queued"])
def test_a_record_that_lost_its_end_gets_it_back(
    state: str, announcer: Start, broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    """A MongoDB that is killed may forget the last change of a record, and not the MP3."""
    job = jobs.store_waiting(clip, USER, state=state, confirmed=NOON)
    jobs.store_mp3(b"an mp3", USER, job)
    announcer()
    worker = workers.converter()
    until(lambda: jobs.record(job)["state"] == "done", "done")
    until(lambda: jobs.record(job).get("told"), "told")
    assert len(broker.take("mp3")) == 1
    assert worker.count("Converting video to MP3...") == 0


@pytest.mark.parametrize(
    ("state", "code"), [("queued", "job_lost"), ("converting", "failed_repeatedly")]
)
def test_a_job_that_is_announced_in_vain_fails_and_is_told(
    state: str,
    code: str,
    announcer: Start,
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    clip: bytes,
) -> None:
    job = jobs.store_waiting(clip, USER, state=state, confirmed=NOON, announcements=4)
    announcer()
    broker.wait_for("video", 1)
    broker.take("video")  # for the fifth time
    until(lambda: jobs.record(job)["state"] == "failed", "failed")
    assert jobs.record(job)["error_code"] == code
    workers.converter()
    broker.wait_for("mp3", 1)
    assert [message.video_fid for message in broker.take("mp3")] == [job]


def test_the_age_of_the_oldest_queued_job_is_a_metric(
    announcer: Start, broker: Broker, jobs: Jobs, clip: bytes
) -> None:
    gateway = announcer()
    until(lambda: gateway.metric("video2mp3_oldest_queued_job_seconds") == 0, "nobody waits")
    job = jobs.store_waiting(clip, USER, confirmed=NOON)
    broker.submit(job, USER)
    until(lambda: 60 < gateway.metric("video2mp3_oldest_queued_job_seconds") < 90, "a minute")
