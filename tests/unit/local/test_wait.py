"""Waiting for a part of the stack, and what is said when it does not come."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from local.stack import wait
from local.stack.report import Failure, run_logged
from local.stack.settings import Settings
from local.stack.supervise import stack_pids

Read = Callable[..., Settings]


class Door(BaseHTTPRequestHandler):
    """Answers 200 to guest:guest and 503 to everybody else."""

    def do_GET(self) -> None:  # noqa: N802 the library's name
        known = self.headers["Authorization"] == "Basic Z3Vlc3Q6Z3Vlc3Q="
        self.send_response(200 if known else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_only_200_is_ready(url: str) -> None:
    assert wait.http_problem(url, "guest:guest") == ""
    assert "503" in wait.http_problem(url)
    assert wait.http_problem("http://127.0.0.1:9/") != ""


def test_a_part_that_does_not_come_is_told_with_the_end_of_its_log(
    read: Read, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = read().paths
    paths.make()
    (paths.log / "mariadb.log").write_text("".join(f"line {n}\n" for n in range(20)))
    monkeypatch.setattr(wait, "gave_up", lambda paths: "mariadb FATAL Exited too quickly")
    with pytest.raises(Failure) as failure:
        wait.wait_ready(paths, "mariadb", lambda: "it does not listen yet", timeout=0)
    shown = capsys.readouterr().err
    assert "line 12\n" in shown
    assert "line 11\n" not in shown
    text = str(failure.value)
    assert "Error: mariadb is not ready. mariadb FATAL Exited too quickly" in text
    assert "it does not listen yet" in text
    assert f"Next: local/ctl status; less {paths.log}/mariadb.log" in text


def test_a_part_may_come_late(read: Read, capsys: pytest.CaptureFixture[str]) -> None:
    problems = iter(["not yet", ""])
    wait.wait_ready(read().paths, "mongod", lambda: next(problems), timeout=30)
    assert capsys.readouterr().out == "  ready: mongod\n"


def test_a_failed_command_is_told_with_the_end_of_its_output(tmp_path: Path) -> None:
    log = tmp_path / "log"
    command = [sys.executable, "-c", "print('no space left'); exit(3)"]
    with pytest.raises(Failure) as failure:
        run_logged(command, log, ("the database could not be prepared", "the disk is full"), 30)
    assert str(failure.value) == (
        "Error: the database could not be prepared: no space left\n"
        f"Likely cause: the disk is full\nNext: less {log}"
    )


def sleeper(environ: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that has begun, and waits to be killed."""
    command = [sys.executable, "-c", "import sys; print(); sys.stdout.flush(); sys.stdin.read()"]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, env=environ, stdin=pipe, stdout=pipe)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def test_only_this_stacks_processes_are_found(read: Read) -> None:
    paths = read().paths
    mark = os.environ | {"LOCAL_STACK": str(paths.folder)}
    other = os.environ | {"LOCAL_STACK": f"{paths.folder}-other"}
    process, stranger = sleeper(mark), sleeper(other)
    try:
        assert list(stack_pids(paths)) == [process.pid]
    finally:
        for each in (process, stranger):
            each.kill()
            each.communicate()
