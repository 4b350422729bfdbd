"""What must hold once the faults have ended and all is started again."""

import pika

from servicekit.jobs.message import JobMessage
from tests.faults.log import say
from tests.support.jobs import Jobs
from tests.support.load import Load, check_all_ended
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack
from tests.support.wait import until

SETTLED_WITHIN = 300.0  # seconds for all that was accepted to end


def prove(stack: Stack, load: Load, email: str) -> None:
    """AssertionError or TimeoutError says what does not hold."""
    with Jobs(stack.env["MONGODB_URI"]) as jobs:
        check_all_ended(load, email, jobs, Mailbox(stack.env["MAIL_DIR"]), SETTLED_WITHIN)
        say(f"proved: all {len(load.accepted)} accepted jobs ended as they should, and were told")
        until(lambda: not any(_depths(stack, "video", "mp3")), "empty queues", SETTLED_WITHIN)
        _check_dead(stack, jobs, load)
        say("proved: the queues are empty, and what is dead was told, or never accepted")
        until(jobs.swept, "no chunk without a file")
        names = jobs.mp3s["fs.files"].distinct("metadata.video_fid")
        assert len(names) == jobs.mp3s["fs.files"].count_documents({}), "a video has two MP3s"
        say("proved: one MP3 a video, no chunk without a file")
    left = list((stack.folder / "work").glob("*/*"))
    assert left == [], left
    say("proved: no temporary file is left")


def _depths(stack: Stack, *queues: str) -> list[int]:
    """How many messages each queue has, those with a worker included."""
    listed = stack.ctl("rabbitmqctl", "list_queues", "--quiet", "name", "messages").splitlines()
    found = {line.split()[0]: int(line.split()[1]) for line in listed[1:]}
    return [found[queue] for queue in queues]


def _check_dead(stack: Stack, jobs: Jobs, load: Load) -> None:
    """A dead message is of a job that was told as failed, or whose upload was never accepted."""
    with pika.BlockingConnection(pika.URLParameters(stack.env["RABBITMQ_URL"])) as connection:
        channel = connection.channel()
        for _ in range(_depths(stack, "dead")[0]):
            _, _, body = channel.basic_get("dead")
            message = JobMessage.decode(body)
            assert message.mp3_fid is None, f"a mail was given up: {body!r}"
            if str(message.video_fid) in load.accepted:
                assert jobs.record(message.video_fid)["state"] == "failed", body
