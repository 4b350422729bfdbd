"""local/up, local/down, local/ctl and the servers' configuration."""

import os
import re
import socket
import stat
import subprocess
import uuid

import pytest

from tests.support.machine import alive
from tests.support.project import DEMO, ROOT
from tests.support.stack import UP_TIMEOUT, Stack
from tests.support.wait import eventually


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / command[0], *command[1:]],
        check=False,
        capture_output=True,
        text=True,
        timeout=UP_TIMEOUT,
        env=os.environ | environ,
    )


def pids(stack: Stack) -> set[int]:
    """The process ids of all that supervisor runs."""
    return {int(pid) for pid in re.findall(r" RUNNING +pid (\d+),", stack.ctl("status"))}


def dead_lines(stack: Stack, text: str) -> list[str]:
    return [line for line in stack.ctl("dead", "list").splitlines() if text in line]


def test_up_while_up_disturbs_nothing(stack: Stack) -> None:
    before = pids(stack)
    assert run("local/up").returncode == 0
    assert pids(stack) == before


def test_up_makes_the_demos_user_unless_told_not_to(stack: Stack) -> None:
    def there() -> bool:
        return bool(stack.sql("SELECT 1 FROM user WHERE email = %s", DEMO[0]))

    stack.sql("DELETE FROM user WHERE email = %s", DEMO[0])
    assert run("local/up", "--no-demo").returncode == 0
    assert not there()
    assert run("local/up").returncode == 0
    assert there()
    assert run("local/up", "--no-demo").returncode == 0
    assert there()


def test_up_starts_what_is_down(stack: Stack) -> None:
    name = stack.processes("converter")[0]
    stack.stop(name, "mailcatcher")
    assert run("local/up").returncode == 0
    assert stack.ready(name)
    assert stack.pid("mailcatcher") > 0


def test_every_queue_is_a_quorum_queue_that_a_plain_declare_matches(stack: Stack) -> None:
    table = stack.ctl("rabbitmqctl", "-q", "list_queues", "name", "type", "policy")
    rows = {tuple(line.split("\t")) for line in table.splitlines()[1:]}
    assert {("video", "quorum", "jobs"), ("mp3", "quorum", "jobs")} <= rows
    assert ("dead", "quorum", "") in rows
    with stack.channel() as open_channel:
        for queue in ("video", "mp3", "dead"):
            open_channel.queue_declare(queue, durable=True)


def test_dead_messages_can_be_seen_requeued_and_purged(stack: Stack) -> None:
    text = f"not JSON {uuid.uuid4().hex}"
    with stack.channel() as open_channel:
        open_channel.basic_publish("", "video", text.encode())
    first = eventually(lambda: one(dead_lines(stack, text)))
    assert first.split("\t")[1:] == ["video", "rejected", text]
    assert dead_lines(stack, text) == [first]  # looking changes nothing

    stack.ctl("dead", "requeue")
    again = eventually(lambda: one(dead_lines(stack, text)))
    assert again.split("\t")[1:] == ["video", "rejected", text]

    stack.ctl("dead", "purge")
    assert dead_lines(stack, text) == []


def one(lines: list[str]) -> str:
    (line,) = lines
    return line


def test_only_the_owner_can_read_the_folder_and_its_secrets(stack: Stack) -> None:
    assert stat.S_IMODE(stack.folder.stat().st_mode) == 0o700
    secrets = list((stack.folder / "secrets").iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in secrets} == {0o600}
    configuration = (stack.folder / "run/supervisord.conf").read_text()
    assert not [file for file in secrets if file.read_text().strip() in configuration]


def test_nothing_listens_beyond_loopback(stack: Stack) -> None:
    sockets = subprocess.run(["ss", "-Hltnp"], check=True, capture_output=True, text=True).stdout
    running = pids(stack)
    ours = [
        line.split()[3]
        for line in sockets.splitlines()
        if any(int(pid) in running for pid in re.findall(r"pid=(\d+)", line))
    ]
    assert ours
    assert not [address for address in ours if not address.startswith(("127.0.0.1:", "[::1]:"))]


def test_nothing_outlives_down_even_if_the_supervisor_was_killed(stack: Stack) -> None:
    processes = pids(stack)
    count = stack.sql("SELECT COUNT(*) FROM user")
    os.kill(int((stack.folder / "run/supervisord.pid").read_text()), 9)
    stack.down()
    assert not [pid for pid in processes if alive(pid)]

    port = int(stack.env["GATEWAY_URL"].rpartition(":")[2])
    with socket.create_server(("127.0.0.1", port)):
        refused = run("local/up")
    assert refused.returncode == 1
    assert f"port {port} is taken" in refused.stderr
    assert f"LOCAL_PORT_BASE={port + 1000} " in refused.stderr

    assert run("local/up").returncode == 0
    assert stack.sql("SELECT COUNT(*) FROM user") == count


@pytest.mark.parametrize(
    ("command", "environ"),
    [
        (("local/up", "now"), {}),
        (("local/down", "--everything"), {}),
        (("local/up",), {"CONVERTERS": "many"}),
        (("local/up",), {"GATEWAYS": "11"}),
        (("local/up",), {"LOCAL_PORT_BASE": "80"}),
        (("local/up",), {"LOCAL_DIR": "/tmp/with space"}),  # noqa: S108 refused before it is made
    ],
)
def test_misuse_is_refused_with_code_2(command: tuple[str, ...], environ: dict[str, str]) -> None:
    answer = run(*command, **environ)
    assert answer.returncode == 2
    assert answer.stderr
