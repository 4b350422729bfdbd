"""A server that restarts under load loses no job, and neither does a broker that loses its disk."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bson import ObjectId

from tests.support import media
from tests.support.jobs import Jobs
from tests.support.load import Load, check_all_ended
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until

pytestmark = pytest.mark.usefixtures("local_broker")

READY_WITHIN = 30.0  # seconds; the promise
ANNOUNCED_WITHIN = 75.0  # seconds; the same of a job without a message
KILLS = int(os.environ.get("KILLS", "1"))
UNDER_WAY, QUEUED = 4, 50  # jobs; the stack has four converters


@pytest.fixture
def jobs(stack: Stack) -> Iterator[Jobs]:
    """Those of the whole stack, whose servers go."""
    with Jobs(stack.env["MONGODB_URI"]) as jobs:
        yield jobs


@pytest.fixture
def good(tmp_path: Path, clip: bytes) -> Path:
    path = tmp_path / "good.mp4"
    path.write_bytes(clip)
    return path


@pytest.mark.parametrize("how", ["restart", "kill"])
@pytest.mark.parametrize("server", ["rabbitmq", "mongod", "mariadb"])
def test_a_server_gone_under_load_loses_nothing(
    server: str,
    how: str,
    stack: Stack,
    jobs: Jobs,
    mailbox: Mailbox,
    new_user: NewUser,
    good: Path,
) -> None:
    email, client = new_user()
    with Load(client, {"good": good}) as load:
        for _ in range(KILLS if how == "kill" else 1):
            load.wait_for_more(3)
            if how == "restart":
                stack.restart(server)
            else:
                stack.signal("KILL", server)
            stack.wait_ready(timeout=READY_WITHIN)
        load.wait_for_more(3)
    check_all_ended(load.accepted, email, jobs, mailbox, timeout=ANNOUNCED_WITHIN + 60)
    until(lambda: not jobs.open(email), "every job of the user has ended, and was told")


def test_a_broker_that_loses_its_disk_loses_no_job(
    stack: Stack, jobs: Jobs, mailbox: Mailbox, new_user: NewUser, good: Path, tmp_path: Path
) -> None:
    email, client = new_user()
    long = media.piped_sound(tmp_path / "long.flac", minutes=90)
    ids = [ObjectId(client.upload(long).headers["X-Job-Id"]) for _ in range(UNDER_WAY)]
    ids += [ObjectId(client.upload(good).headers["X-Job-Id"]) for _ in range(QUEUED)]
    until(lambda: jobs.states(email) == {"converting": UNDER_WAY, "queued": QUEUED}, "all wait")
    stack.stop("rabbitmq")
    shutil.rmtree(stack.folder / "rabbitmq" / "data")
    stack.start("rabbitmq")
    stack.wait_ready(timeout=READY_WITHIN)
    until(lambda: jobs.states(email) == {"done": len(ids)}, "all are done", ANNOUNCED_WITHIN + 150)
    until(lambda: not jobs.open(email), "all are told")
    mp3s = {str(mp3) for job in ids for mp3 in jobs.mp3s_of(job)}
    until(lambda: mailbox.message_ids(email) == mp3s, "all mails are there")
    assert len(mailbox.mails(email)) == len(mp3s) == len(ids)
