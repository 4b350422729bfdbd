"""A queue can be paused, resumed and drained; no job is lost or done twice for it."""

import signal
import socket
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from tests.support import tools
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.ffmpeg import Gate
from tests.support.jobs import Jobs
from tests.support.multipart import form, part
from tests.support.process import Process, sweep
from tests.support.rabbitmq import Server
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers

USER, OTHER = "paused@example.com", "waiting@example.com"
PAUSED, RESUMED, TAKES = "Paused: video", "Resumed: video", "Waiting for messages..."
DONE = "Conversion complete!"
METRIC = 'video2mp3_queue_paused{queue="video"}'
QUICK = {"ANNOUNCE_INTERVAL": "0.2", "ANNOUNCE_UNCONFIRMED_AFTER": "1", "ANNOUNCE_LOST_AFTER": "2"}
LONG_AGO = datetime.now(UTC) - timedelta(days=2)


def pause(broker: Broker, queue: str = "video") -> None:
    assert tools.run(broker, "queue", "pause", queue) == f"{queue} is paused\n"


def resume(broker: Broker, queue: str = "video") -> None:
    assert tools.run(broker, "queue", "resume", queue) == f"{queue} runs\n"


def states(broker: Broker) -> dict[str, list[str]]:
    """What `queue show` prints, by the queue."""
    _, *lines = tools.run(broker, "queue", "show").splitlines()
    return {line.split()[0]: line.split()[1:] for line in lines}


def one_held(broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes) -> Process:
    """A worker with a job at the gate."""
    worker = workers.converter(PATH=gate.path)
    broker.submit(jobs.store(clip, USER), USER)
    gate.wait_until_held()
    return worker


def test_a_pause_lets_the_running_job_end_and_takes_no_other_until_it_is_over(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = one_held(broker, workers, jobs, gate, clip)
    pause(broker)
    worker.wait_for_line(PAUSED)
    broker.submit(jobs.store_waiting(clip, OTHER), OTHER)  # which the express lane would take
    assert (worker.probe("/livez"), worker.probe("/readyz"), worker.metric(METRIC)) == (200, 200, 1)
    gate.let_through(2)
    worker.wait_for_line(DONE)
    until(lambda: broker.consumers("video") == 0, "nobody consumes")
    assert states(broker)["video"] == ["1", "0", "paused"]
    assert (worker.count("Received message"), len(gate.held())) == (1, 1)
    resume(broker)
    worker.wait_for_line(DONE, count=2)
    assert worker.metric(METRIC) == 0
    assert [worker.count(line) for line in (PAUSED, RESUMED, TAKES)] == [1, 1, 2]
    assert len(broker.take("mp3")) == 2


def test_what_is_uploaded_in_a_pause_is_accepted_and_done_once_after_it(
    broker: Broker, workers: Workers, jobs: Jobs, new_user: NewUser, clip: bytes
) -> None:
    email, client = new_user()
    client = Client(workers.gateway().url, client.token)
    pair = [workers.converter() for _ in range(2)]
    pause(broker)
    for worker in pair:
        worker.wait_for_line(PAUSED)
    answers = [client.send_form(form(part("file", clip, "v.mp4"))) for _ in range(5)]
    assert {answer.text for answer in answers} == {"success!"}
    assert jobs.states(email) == {"queued": 5}
    assert broker.ready("video") == 5
    resume(broker)
    ids = {ObjectId(answer.headers["X-Job-Id"]) for answer in answers}
    broker.wait_for("mp3", 5)
    assert {message.video_fid for message in broker.take("mp3")} == ids
    assert [len(jobs.mp3s_of(job)) for job in ids] == [1] * 5
    assert sum(worker.count("Converting video to MP3...") for worker in pair) == 5


def test_a_pause_outlasts_restarts_of_the_worker_and_of_the_broker(
    server: Server, broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    first = workers.converter()
    pause(broker)
    first.wait_for_line(PAUSED)
    assert first.terminate() == 0
    broker.submit(jobs.store(clip, USER), USER)
    second = workers.converter(first_line=PAUSED)
    server.kill()
    second.wait_for_line("Not consuming")
    server.wait_until_up()
    broker.set_up()  # what a broker does with the definitions when it starts
    second.wait_until_ready()
    third = workers.converter(first_line=PAUSED)
    third.wait_until_ready()
    expected = ["1", "0", "paused"]  # but 0 messages while the queue has no leader yet
    until(lambda: states(broker)["video"] == expected, "the message is there, and the pause")
    resume(broker)
    broker.wait_for("mp3", 1, timeout=60)
    until(lambda: broker.consumers("video") == 2, "both take messages")
    assert [second.count(PAUSED), second.count(RESUMED)] == [1, 1]


def test_a_worker_takes_and_pauses_with_a_broker_whose_definitions_are_older(
    broker: Broker, workers: Workers
) -> None:
    broker.delete_exchange("running-video")
    worker = workers.converter()
    pause(broker)
    worker.wait_for_line(PAUSED)
    assert worker.count(TAKES) == 1


def test_a_drain_ends_when_no_worker_holds_a_job(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = one_held(broker, workers, jobs, gate, clip)
    drain = tools.begin(broker, "queue", "drain", "video", "--timeout", "60")
    worker.wait_for_line(PAUSED)
    complaint = tools.run(broker, "queue", "drain", "video", "--timeout", "0", code=1)
    assert "video still has 1 consumers after 0 s" in complaint
    assert drain.poll() is None
    gate.let_through(1)
    assert tools.end(drain).endswith("no worker holds a job of it\n")
    assert worker.count(DONE) == 1
    assert worker.terminate(timeout=10) == 0
    assert broker.ready("video") == 0


def test_a_drain_waits_for_the_express_lane_too(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = one_held(broker, workers, jobs, gate, clip)
    waiting = jobs.store_waiting(clip, OTHER)
    broker.submit(waiting, OTHER)
    gate.wait_until_held(2)
    drain = tools.begin(broker, "queue", "drain", "video", "--timeout", "60")
    worker.wait_for_line(PAUSED)
    gate.let_through(1)  # one of both
    worker.wait_for_line(DONE)
    complaint = tools.run(broker, "queue", "drain", "video", "--timeout", "2", code=1)
    assert "video still has 1 consumers" in complaint
    gate.let_through(1)
    tools.end(drain)
    assert worker.count(DONE) == 2
    assert jobs.record(waiting)["state"] == "done"
    assert [message.video_fid for message in broker.take("video")] == [waiting]  # spent


def test_a_worker_that_is_killed_in_a_drain_leaves_its_job_to_the_queue(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    doomed = one_held(broker, workers, jobs, gate, clip)
    drain = tools.begin(broker, "queue", "drain", "video", "--timeout", "60")
    doomed.wait_for_line(PAUSED)
    doomed.kill()
    tools.end(drain)
    broker.wait_for("video", 1)
    gate.let_through(2)
    workers.converter(first_line=PAUSED)
    resume(broker)
    broker.wait_for("mp3", 1)


def test_a_worker_that_ends_in_a_pause_finishes_its_job(
    broker: Broker, workers: Workers, jobs: Jobs, gate: Gate, clip: bytes
) -> None:
    worker = one_held(broker, workers, jobs, gate, clip)
    pause(broker)
    worker.wait_for_line(PAUSED)
    worker.signal(signal.SIGTERM)
    until(lambda: worker.probe() == 503, "it ends")
    gate.let_through(1)
    assert worker.end() == 0
    assert (worker.count(DONE), broker.ready("video")) == (1, 0)


def test_a_mail_that_waits_for_its_server_goes_back_to_the_queue(
    broker: Broker, workers: Workers, smtp: SmtpServer
) -> None:
    smtp.always("AUTH", "535 bad credentials")
    workers.notifier(smtp, PAUSE_DELAY="60", PAUSE_DELAY_MAX="60")
    broker.publish(
        "mp3", f'{{"video_fid": "{ObjectId()}", "mp3_fid": "{ObjectId()}", "username": "{USER}"}}'
    )
    smtp.wait_for_command("AUTH")
    tools.run(broker, "queue", "drain", "mp3", "--timeout", "30")
    broker.wait_for("mp3", 1)
    smtp.always("AUTH", "235 welcome")
    resume(broker, "mp3")
    smtp.wait_for_mails(1)


def test_no_job_fails_or_goes_for_a_pause_of_two_days(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    worker = workers.converter()
    pause(broker)
    worker.wait_for_line(PAUSED)
    waits = jobs.store_waiting(clip, USER, confirmed=LONG_AGO, announcements=5)
    jobs.videos["fs.files"].update_one({"_id": waits}, {"$set": {"uploadDate": LONG_AGO}})
    broker.submit(waits, USER)
    gateway = workers.gateway(**QUICK)
    shown = jobs.store_waiting(clip, USER)  # its announcement shows that the gateway has looked
    gateway.wait_for_line("Announced again")
    until(lambda: "confirmed" in jobs.record(shown), "noted")
    lost = timedelta(seconds=2 * float(QUICK["ANNOUNCE_LOST_AFTER"]))
    noted = jobs.record(shown)["confirmed"]
    until(lambda: datetime.now(UTC) - noted > lost, "time enough for the second net")
    sweep(jobs.uri, VIDEO_RETENTION_DAYS="1", LOG_LEVEL="WARNING")
    assert (jobs.states(USER)["queued"], broker.ready("video")) == (2, 2)
    resume(broker)
    worker.wait_for_line(DONE, count=2)
    assert len(jobs.mp3s_of(waits)) == len(jobs.mp3s_of(shown)) == 1


def test_a_job_that_lost_its_message_in_a_pause_gets_one_and_no_more(
    broker: Broker, workers: Workers, jobs: Jobs, clip: bytes
) -> None:
    worker = workers.converter()
    pause(broker)
    worker.wait_for_line(PAUSED)
    lost = jobs.store_waiting(clip, USER, confirmed=LONG_AGO)
    gateway = workers.gateway(**QUICK, ANNOUNCE_LIMIT="1")
    broker.wait_for("video", 1)
    until(lambda: jobs.record(lost).get("announcements") == 1, "noted")
    noted = jobs.record(lost)["confirmed"]
    long = timedelta(seconds=2 * float(QUICK["ANNOUNCE_LOST_AFTER"]))
    until(lambda: datetime.now(UTC) - noted > long, "time enough for another")
    assert (gateway.count("Announced again"), jobs.record(lost)["state"]) == (1, "queued")
    resume(broker)
    worker.wait_for_line(DONE)


def test_a_pause_is_of_one_queue_and_as_often_as_one_likes(broker: Broker) -> None:
    for _ in range(2):
        pause(broker)
        assert states(broker) == {
            "video": ["0", "0", "paused"],
            "mp3": ["0", "0", "runs"],
            "dead": ["0", "0", "-"],
        }
    for _ in range(2):
        resume(broker)
        assert states(broker)["video"] == ["0", "0", "runs"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("", "show | pause | resume | drain"),
        ("stop video", "invalid choice"),
        ("pause", "required: name"),
        ("pause dead", "invalid choice"),
        ("show video", "unrecognized"),
        ("drain video --timeout soon", "--timeout"),
        ("drain video --timeout -1", "--timeout"),
    ],
)
def test_misuse_is_told_and_does_nothing(wrong: str, said: str) -> None:
    complaint = tools.run("amqp://127.0.0.1:1", "queue", *wrong.split(), code=2)
    assert complaint.startswith("usage: queue")
    assert said in complaint


@pytest.mark.parametrize(("listens", "why"), [(False, "refused"), (True, "Timeout")])
def test_a_broker_that_does_not_answer_is_told(listens: bool, why: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"amqp://127.0.0.1:{silent.getsockname()[1] if listens else 1}"
        complaint = tools.run(url, "queue", "pause", "video", code=1)
    assert complaint.startswith("queue: RabbitMQ: ")
    assert why in complaint


@pytest.mark.usefixtures("local_broker")
def test_the_local_stack_has_a_command_for_it(stack: Stack) -> None:
    assert "consumers" in stack.ctl("queue", "show")
