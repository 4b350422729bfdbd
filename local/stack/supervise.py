"""The supervisor of the stack's processes, and the processes that outlived one."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from local.stack.paths import Paths
from local.stack.report import Failure, run_logged

CONTROL_TIMEOUT_S = 600  # an update waits for each changed service to end
# The longest stopwaitsecs of the services, then of the servers, with room.
STOP_TIMEOUT_S = 300
TERM_TIMEOUT_S, KILL_TIMEOUT_S = 30, 10
START_TIMEOUT_S = 60


def configuration(paths: Paths) -> Path:
    """The supervisor's configuration."""
    return paths.run / "supervisord.conf"


def client(paths: Paths) -> list[str]:
    """The command line of the supervisor's own client."""
    return [str(paths.venv / "bin/supervisorctl"), "-c", str(configuration(paths))]


def control(paths: Paths, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the supervisor answers; the code is not 0 when it refuses or is down."""
    command = [*client(paths), *arguments]
    try:
        return subprocess.run(
            command, capture_output=True, text=True, timeout=CONTROL_TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"no answer: {error}", "the machine is too busy", "local/down") from error


def is_up(paths: Paths) -> bool:
    """Whether the supervisor answers."""
    return (paths.run / "supervisor.sock").is_socket() and control(paths, "pid").returncode == 0


def start(paths: Paths) -> None:
    """Start the supervisor and, through it, everything; Failure with the log's last lines."""
    # A password that was given goes to the services as a file, not as a variable.
    given = ("MYSQL_PASSWORD", "ACCOUNTS_PASSWORD")
    env = {name: text for name, text in os.environ.items() if name not in given}
    # RabbitMQ is the last to come up: look for it every 2 s at least, not every 10 as in a cluster.
    env.setdefault("RABBITMQ_RECONNECT_DELAY_MAX", "2")
    env["LOCAL_STACK"] = str(paths.folder)
    command = [paths.venv / "bin/supervisord", "-c", configuration(paths)]
    failure = ("the supervisor does not start", f"a fault in {configuration(paths)}")
    run_logged(command, paths.log / "up.log", failure, START_TIMEOUT_S, env)


def stack_pids(paths: Paths) -> Iterator[int]:
    """This stack's processes and nobody else's: each carries LOCAL_STACK in its environment.

    It finds those too that outlived a supervisor which was killed.
    """
    mark = f"LOCAL_STACK={paths.folder}".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile, or is another user's
            if mark in (process / "environ").read_bytes().split(b"\0"):
                yield int(process.name)


def stop(paths: Paths) -> None:
    """End everything in order, and then what an earlier run left behind."""
    if is_up(paths):
        print("Stopping the services, then the servers", flush=True)
        control(paths, "shutdown")
        if not wait_until(lambda: not any(stack_pids(paths)), STOP_TIMEOUT_S):
            print("They take too long.", flush=True)
    stop_orphans(paths)


def stop_orphans(paths: Paths) -> None:
    """End what a killed supervisor left behind; Failure if it does not end."""
    if not any(stack_pids(paths)):
        return
    print("Stopping what an earlier run left behind", flush=True)
    for number, timeout in (signal.SIGTERM, TERM_TIMEOUT_S), (signal.SIGKILL, KILL_TIMEOUT_S):
        for pid in stack_pids(paths):
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if wait_until(lambda: not any(stack_pids(paths)), timeout):
            return
    left = " ".join(map(str, stack_pids(paths)))
    raise Failure(f"some processes do not end: {left}", "a disk that does not answer", "local/down")


def wait_until(true: Callable[[], bool], timeout: float) -> bool:
    """Whether a condition became true within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not true():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.1)
    return True
