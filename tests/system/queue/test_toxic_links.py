"""Workers on links that are slow, late, silent, one-way or torn: no job is lost, none done twice.

Each toxic has a worker and a relay of its own, and all are tried at once.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bson import ObjectId

from servicekit.jobs.message import JobMessage
from tests.support.broker import Broker
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.process import Process
from tests.support.relay import Relay, RelayTo
from tests.support.smtp import SmtpServer
from tests.support.toxics import Late, OneWay, ResetAfter, Silent, Slow
from tests.support.wait import until
from tests.support.workers import Workers

TOXICS = (
    Slow(1000),
    Late(5),
    Silent(),
    OneWay(to_server=True),
    OneWay(to_server=False),
    ResetAfter(300),
)
SILENT = 3  # of them let no answer through
REACHED = 3  # let a message of the broker through, sooner or later
WELL_WITHIN = 30.0  # seconds
IMPATIENT = {"RABBITMQ_CONNECT_TIMEOUT": "0.2"}  # seconds: too few for each of the toxics
MET = "Waiting for a dependency"  # in the log of a worker that a link keeps from its work


class Links:
    """A relay for each toxic, to one server."""

    def __init__(self, relay_to: RelayTo, url: str) -> None:
        self.relays: list[Relay] = [relay_to(url) for _ in TOXICS]

    def poison(self) -> None:
        """Each gets its own."""
        for relay, toxic in zip(self.relays, TOXICS, strict=True):
            relay.poison(toxic)

    def resume(self) -> None:
        """All are well."""
        for relay in self.relays:
            relay.resume()


def submit(jobs: Jobs, broker: Broker, clip: bytes) -> list[ObjectId]:
    """A job for each toxic's worker, of users of their own."""
    submitted = []
    for number in range(len(TOXICS)):
        user = f"toxic-{number}@example.com"
        submitted.append(jobs.store(clip, user, confirmed=datetime.now(UTC)))
        broker.submit(submitted[-1], user)
    return submitted


def announce(broker: Broker) -> set[str]:
    """A message about an MP3 for each toxic's worker; the Message-IDs of their mails."""
    mp3_fids = [ObjectId() for _ in TOXICS]
    for mp3_fid in mp3_fids:
        message = JobMessage(ObjectId(), "toxic@example.com", mp3_fid=mp3_fid)
        broker.publish("mp3", message.encode())
    return {f"<{mp3_fid}@example.com>" for mp3_fid in mp3_fids}


def start(one: Callable[[Relay], Process], links: Links) -> list[Process]:
    """A worker for each link."""
    with ThreadPoolExecutor(len(links.relays)) as threads:
        return list(threads.map(one, links.relays))


def wait_until_met(workers: list[Process], count: int) -> None:
    """So many of the workers are kept from their work; all of them are alive all the same."""
    until(lambda: sum(MET in worker.log for worker in workers) >= count, "bad links are met")
    assert [worker.probe("/livez") for worker in workers] == [200] * len(workers)


def check_ready(workers: list[Process]) -> None:
    """All workers are ready again in time."""
    until(lambda: all(worker.probe() == 200 for worker in workers), "all ready", WELL_WITHIN)


def check_done_once(
    submitted: list[ObjectId], broker: Broker, jobs: Jobs, workers: Workers, smtp: SmtpServer
) -> None:
    """In time each job has one MP3; each is told by mails of one Message-ID; nothing is left."""
    ended = "all jobs have ended"
    until(lambda: all(jobs.record(job).get("told") for job in submitted), ended, WELL_WITHIN)
    mp3s = [jobs.mp3s_of(job) for job in submitted]
    assert [len(some) for some in mp3s] == [1] * len(submitted)
    assert {jobs.record(job)["state"] for job in submitted} == {"done"}
    workers.notifier(smtp)
    check_mailed({f"<{mp3}@example.com>" for (mp3,) in mp3s}, broker, smtp)


def check_mailed(ids: set[str], broker: Broker, smtp: SmtpServer) -> None:
    """In time these mails are out and no other, and nothing is left in a queue."""

    def mailed() -> set[str]:
        return {str(mail.message["Message-ID"]) for mail in list(smtp.mails)}

    until(lambda: mailed() >= ids, "all mails", WELL_WITHIN)
    for queue in ("video", "mp3", "dead"):
        broker.wait_for(queue, 0)
    assert mailed() == ids


def test_a_converter_goes_on_with_its_job_on_a_bad_link_to_mongodb(
    broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer, relay_to: RelayTo, clip: bytes
) -> None:
    links = Links(relay_to, jobs.uri)
    converters = start(lambda relay: workers.converter(MONGODB_URI=relay.url), links)
    check_ready(converters)
    links.poison()
    submitted = submit(jobs, broker, clip)
    wait_until_met(converters, len(TOXICS))
    assert broker.ready("video") == 0
    links.resume()
    check_done_once(submitted, broker, jobs, workers, smtp)
    check_ready(converters)
    assert [worker.count("Received message") > 0 for worker in converters] == [True] * len(TOXICS)


def test_a_converter_does_its_job_once_on_a_bad_link_to_the_broker(
    broker: Broker,
    workers: Workers,
    jobs: Jobs,
    smtp: SmtpServer,
    relay_to: RelayTo,
    gate: Gate,
    clip: bytes,
) -> None:
    links = Links(relay_to, broker.url("converter"))
    converters = start(
        lambda relay: workers.converter(RABBITMQ_URL=relay.url, PATH=gate.path), links
    )
    submitted = submit(jobs, broker, clip)
    gate.wait_until_held(len(TOXICS))
    links.poison()
    gate.let_through(2 * len(TOXICS))  # one whose link is reset is converted again
    wait_until_met(converters, SILENT)
    links.resume()
    check_done_once(submitted, broker, jobs, workers, smtp)
    check_ready(converters)


def test_a_worker_that_starts_on_a_bad_link_to_the_broker_takes_jobs_once_it_is_well(
    broker: Broker, workers: Workers, jobs: Jobs, smtp: SmtpServer, relay_to: RelayTo, clip: bytes
) -> None:
    links = Links(relay_to, broker.url("converter"))
    links.poison()

    def converter(relay: Relay) -> Process:
        return workers.converter("Not consuming: ", RABBITMQ_URL=relay.url, **IMPATIENT)

    converters = start(converter, links)
    for worker in converters:
        worker.wait_for_line("Not consuming: ", count=3)
    submitted = submit(jobs, broker, clip)
    links.resume()
    check_ready(converters)
    check_done_once(submitted, broker, jobs, workers, smtp)


def test_a_notifier_sends_each_mail_after_a_bad_link_to_the_broker(
    broker: Broker, workers: Workers, smtp: SmtpServer, relay_to: RelayTo
) -> None:
    links = Links(relay_to, broker.url("notification"))
    notifiers = start(lambda relay: workers.notifier(smtp, RABBITMQ_URL=relay.url), links)
    links.poison()
    announced = announce(broker)
    smtp.wait_for_mails(REACHED)
    links.resume()
    check_mailed(announced, broker, smtp)
    check_ready(notifiers)


def test_a_notifier_sends_each_mail_after_a_bad_link_to_the_mail_server(
    broker: Broker, workers: Workers, smtp: SmtpServer, relay_to: RelayTo
) -> None:
    links = Links(relay_to, f"smtp://127.0.0.1:{smtp.port}")

    def notifier(relay: Relay) -> Process:
        return workers.notifier(smtp, SMTP_PORT=str(relay.port), SMTP_TIMEOUT="3")

    notifiers = start(notifier, links)
    links.poison()
    announced = announce(broker)
    wait_until_met(notifiers, SILENT)
    links.resume()
    check_mailed(announced, broker, smtp)
    check_ready(notifiers)
