"""The storm of `tests/chaos`, and the proof that follows it."""

import argparse
import random
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pika

from servicekit.jobs.message import JobMessage
from tests.support import media
from tests.support.client import Client
from tests.support.jobs import Jobs
from tests.support.load import Load, check_all_ended
from tests.support.mailbox import Mailbox
from tests.support.stack import SERVICES, Stack
from tests.support.wait import until

CALM = (1.0, 6.0)  # seconds between two faults
OUTAGE = (1.0, 8.0)  # seconds that a stopped or frozen server stays away
SETTLED_WITHIN = 300.0  # seconds for all that was accepted to end after the storm
SERVERS = ("rabbitmq", "mongod", "mariadb", "mailcatcher")
LARGE_MB = 60


class Storm:
    """One fault after the other, as its random numbers have it."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._stack = stack
        self._random = random.Random(seed)  # noqa: S311 to be repeated, not to be secret
        self._pause = threading.Event()
        self.faults: Counter[str] = Counter()

    def rage(self, seconds: float) -> None:
        """Go on for that long; then all is started again."""
        end = time.monotonic() + seconds
        faults = [self._kill_service] * 4 + [self._end_service] * 2
        faults += [self._kill_server, self._restart_server, self._stop_server, self._freeze_server]
        while time.monotonic() < end:
            self._wait(CALM)
            self._do(self._random.choice(faults))

    def _do(self, fault: Callable[[], str]) -> None:
        try:
            what = fault()
        except subprocess.CalledProcessError as error:  # it was just down: that is chaos
            what = f"missed: {str(error.output).strip()[:80]}"
        self.faults[what.split(":")[0]] += 1
        say(what)

    def _wait(self, bounds: tuple[float, float]) -> None:
        self._pause.wait(self._random.uniform(*bounds))

    def _service(self) -> str:
        program = self._random.choice([*SERVICES, "converter", "converter"])  # they hold the jobs
        return self._random.choice(self._stack.processes(program))

    def _kill_service(self) -> str:
        process = self._service()
        self._stack.signal("KILL", process)
        return f"kill -9: {process}"

    def _end_service(self) -> str:
        process = self._service()
        self._stack.signal("TERM", process)
        return f"SIGTERM: {process}"

    def _kill_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.signal("KILL", server)
        return f"kill -9: {server}"

    def _restart_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.restart(server)
        return f"restart: {server}"

    def _stop_server(self) -> str:
        server = self._random.choice(SERVERS)
        self._stack.stop(server)
        self._wait(OUTAGE)
        self._stack.start(server)
        return f"stop: {server}"

    def _freeze_server(self) -> str:
        server = self._random.choice(SERVERS)
        with self._stack.frozen(server):
            self._wait(OUTAGE)
        return f"freeze: {server}"


def say(text: str) -> None:
    """One line for who watches."""
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {text}\n")
    sys.stdout.flush()


def samples(folder: Path) -> dict[str, Path]:
    """A file of each kind, good ones oftener."""
    good = media.with_sound(folder / "good.mp4", 2)
    return {
        "good": good,
        "silent": media.silent(folder / "silent.mp4", 2),
        "large": media.large(folder / "large.mkv", LARGE_MB),
        "corrupt": media.truncated(folder / "corrupt.mp4"),
    }


def new_user(stack: Stack) -> tuple[str, Client]:
    """A user, logged in before the storm."""
    email, password = f"chaos-{uuid.uuid4().hex[:8]}@example.com", "SecurePass123"
    stack.sql("INSERT INTO user (email, password) VALUES (%s, %s)", email, password)
    client = Client(stack.env["GATEWAY_URL"])
    client.login(email, password).raise_for_status()
    return email, client


def prove(stack: Stack, load: Load, email: str) -> None:
    """AssertionError or TimeoutError says what does not hold."""
    jobs = Jobs(stack.env["MONGODB_URI"])
    with jobs.client:
        check_all_ended(load, email, jobs, Mailbox(stack.env["MAIL_DIR"]), SETTLED_WITHIN)
        say(f"proved: all {len(load.accepted)} accepted jobs ended as they should, and were told")
        until(lambda: not any(depths(stack, "video", "mp3")), "empty queues", SETTLED_WITHIN)
        check_dead(stack, jobs, load)
        say("proved: the queues are empty, and what is dead was told, or never accepted")
        until(jobs.swept, "no chunk without a file")
        names = jobs.mp3s["fs.files"].distinct("metadata.video_fid")
        assert len(names) == jobs.mp3s["fs.files"].count_documents({}), "a video has two MP3s"
        say("proved: one MP3 a video, no chunk without a file")
    left = list((stack.folder / "work").glob("*/*"))
    assert left == [], left
    say("proved: no temporary file is left")


def depths(stack: Stack, *queues: str) -> list[int]:
    """How many messages each queue has, those with a worker included."""
    listed = stack.ctl("rabbitmqctl", "list_queues", "--quiet", "name", "messages").splitlines()
    found = {line.split()[0]: int(line.split()[1]) for line in listed[1:]}
    return [found[queue] for queue in queues]


def check_dead(stack: Stack, jobs: Jobs, load: Load) -> None:
    """A dead message is of a job that was told as failed, or whose upload was never accepted."""
    with pika.BlockingConnection(pika.URLParameters(stack.env["RABBITMQ_URL"])) as connection:
        channel = connection.channel()
        for _ in range(depths(stack, "dead")[0]):
            _, _, body = channel.basic_get("dead")
            message = JobMessage.decode(body)
            assert message.mp3_fid is None, f"a mail was given up: {body!r}"
            if str(message.video_fid) in load.accepted:
                assert jobs.record(message.video_fid)["state"] == "failed", body


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    parser = argparse.ArgumentParser(prog="tests/chaos", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    return parser.parse_args()


def main() -> int:
    """0: all is proved."""
    options = arguments()
    say(f"seed {options.seed}, {options.minutes:g} minutes")
    stack = Stack.up()
    email, client = new_user(stack)
    storm = Storm(stack, options.seed)
    with tempfile.TemporaryDirectory() as folder:
        files = samples(Path(folder))
        with Load(client, files, threads=3, pause=2) as load:
            storm.rage(options.minutes * 60)
    say(f"{dict(storm.faults)}; {len(load.accepted)} uploads accepted, {load.refused} refused")
    Stack.up()
    prove(stack, load, email)
    stack.down("--purge")
    return 0


if __name__ == "__main__":
    sys.exit(main())
