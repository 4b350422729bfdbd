"""The id of an upload's request leads through all services: one search tells the whole story."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import requests

from tests.support.auth import own_auth
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.jobs import Jobs
from tests.support.multipart import FORM_TYPE, form, part
from tests.support.process import Process
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers

JSON = {"LOG_FORMAT": "json"}
ID = "order-66.a"
# Each service's part of the story of a job that ends well.
STORY = [
    ("gateway", "%s %s %d %.3fs"),
    ("converter", "Received message: %s"),
    ("converter", "Downloading video from MongoDB..."),
    ("converter", "Converting video to MP3..."),
    ("converter", "Uploading MP3 to MongoDB..."),
    ("converter", "Publishing to mp3 queue..."),
    ("converter", "Conversion complete!"),
    ("notification", "Received message: %s"),
    ("notification", "Sending email to: %s"),
    ("notification", "Email sent successfully!"),
]


def lines_of(processes: Sequence[Process]) -> list[dict[str, Any]]:
    """All their log lines, in the order of time."""
    lines = [json.loads(line) for process in processes for line in process.lines if line[0] == "{"]
    return sorted(lines, key=lambda line: line["time"])


def upload(
    gateway: Process, token: str, content: bytes, name: str = "talk.mp4"
) -> requests.Response:
    """The answer to an upload with the request's id `ID`."""
    body = form(part("file", content, name))
    headers = {"Content-Type": FORM_TYPE, "X-Request-Id": ID}
    answer = Client(gateway.url, token).request("POST", "/upload", data=body, headers=headers)
    assert answer.headers["X-Request-Id"] == ID
    return answer


def test_one_id_tells_the_story_of_a_job_in_all_services_in_order(
    stack: Stack,
    workers: Workers,
    smtp: SmtpServer,
    jobs: Jobs,
    new_user: NewUser,
    clip: bytes,
    exits: ExitStack,
) -> None:
    auth = exits.enter_context(own_auth(stack, **JSON))
    gateway = workers.gateway(AUTH_SVC_ADDRESS=auth.url.removeprefix("http://"), **JSON)
    others = [workers.converter(**JSON), workers.notifier(smtp, **JSON)]
    email, client = new_user()
    job = upload(gateway, client.token, clip).headers["X-Job-Id"]
    (mail,) = smtp.wait_for_mails(1)
    assert mail.message["X-Request-Id"] == ID
    assert jobs.videos["fs.files"].find_one({"metadata.request_id": ID})
    others[1].wait_for_line("Email sent successfully!")

    told = [line for line in lines_of([auth, gateway, *others]) if line.get("request_id") == ID]
    assert ("auth", "%s %s %d %.3fs") in [(line["service"], line["event"]) for line in told]
    of_job = [line for line in told if line.get("job_id") == job]
    events = [(line["service"], line["event"]) for line in of_job]
    assert sorted(events) == sorted(STORY)
    for service in ("converter", "notification"):  # the mail may go before its sender says so
        assert [e for e in events if e[0] == service] == [e for e in STORY if e[0] == service]
    (user,) = {line["user"] for line in of_job if "user" in line}
    assert email not in user


def test_a_job_that_is_announced_again_keeps_its_id(
    workers: Workers, broker: Broker, jobs: Jobs, new_user: NewUser, clip: bytes, smtp: SmtpServer
) -> None:
    gateway = workers.gateway(ANNOUNCE_INTERVAL="0.2", ANNOUNCE_LOST_AFTER="1")
    assert upload(gateway, new_user().client.token, clip).ok
    assert len(broker.take("video")) == 1  # as an operator would, by hand
    until(lambda: broker.ready("video") == 1, "the job is announced again")
    converter = workers.converter(**JSON)
    workers.notifier(smtp)
    converter.wait_for_line("Conversion complete!")
    assert [line["event"] for line in lines_of([converter]) if line.get("request_id") == ID]
    (mail,) = smtp.wait_for_mails(1)
    assert mail.message["X-Request-Id"] == ID


def test_what_a_stranger_calls_a_file_stays_one_harmless_line(
    workers: Workers, smtp: SmtpServer, new_user: NewUser, clip: bytes
) -> None:
    processes = [
        workers.gateway(**JSON),
        workers.converter(**JSON),
        workers.converter(),
        workers.notifier(smtp),
    ]
    token = new_user().client.token
    for name in ("a\n200 GET /forged.mp4", "\x1b[2J.mp4", "x" * 10_000 + ".mp4"):
        assert upload(processes[0], token, clip, name).ok
    smtp.wait_for_mails(3)
    lines = [line for process in processes for line in process.lines]
    assert all(line.isprintable() and len(line) < 10_000 for line in lines)
    assert not any(line.startswith("200 GET") for line in lines)
