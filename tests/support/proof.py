"""What holds of a stack at rest: nothing is on its way, given up untold, or left over."""

import re
import subprocess
from collections.abc import Callable, Collection

import pika

from servicekit.jobs.message import JobMessage
from tests.support.jobs import Jobs
from tests.support.stack import Stack
from tests.support.wait import until

# The queues themselves are asked: what the broker lists is as old as 5 s (measured).
_COUNT = """[element(2, element(2, ra:leader_query({list_to_atom("%s_" ++ Queue), node()},
    fun rabbit_fifo:query_messages_total/1))) || Queue <- ["video", "mp3"]]."""


def nothing_on_its_way(rabbitmqctl: Callable[..., str], vhost: str = "/") -> bool:
    """Whether `video` and `mp3` are empty, also of what a worker has; no while nobody says."""
    try:
        counts = rabbitmqctl("eval", _COUNT % vhost.replace("/", "%2F"))
    except subprocess.CalledProcessError:  # the broker is on its way back
        return False
    return re.sub(r"\s", "", counts) == "[0,0]"


def check_dead(broker_url: str, jobs: Jobs, email: str, accepted: Collection[str]) -> None:
    """A user's dead messages are of jobs that failed, or that nobody was promised."""
    with pika.BlockingConnection(pika.URLParameters(broker_url)) as connection:
        channel = connection.channel()
        for _, _, body in iter(lambda: channel.basic_get("dead"), (None, None, None)):
            message = JobMessage.decode(body)
            if message.username != email:
                continue
            assert message.mp3_fid is None, f"a mail was given up: {body!r}"
            if str(message.video_fid) in accepted:
                assert jobs.record(message.video_fid)["state"] == "failed", body


def check_nothing_left(stack: Stack, jobs: Jobs) -> None:
    """One MP3 a video; no chunk without a file once it is swept; no temporary file."""
    files = jobs.mp3s["fs.files"]
    assert len(files.distinct("metadata.video_fid")) == files.count_documents({}), "two MP3s"
    until(lambda: jobs.orphans() == 0 or jobs.swept(), "no chunk without a file")
    left = list((stack.folder / "work").glob("*/*"))
    assert left == [], left
