"""A program outlives neither its time limit, nor its job, nor the process that started it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from convert.process import ERROR_TAIL, run
from servicekit.errors import StoppedError
from tests.support.machine import alive
from tests.support.project import ROOT
from tests.support.wait import until

# A shell that starts a child, writes both process ids to a file, and never ends.
FAMILY = 'cat <"$0" & echo $$ $! >"$1.new"; mv "$1.new" "$1"; wait'


@pytest.fixture
def family(tmp_path: Path) -> tuple[list[str], Path]:
    """The command of a parent with a child that end only when killed, and where their ids are."""
    os.mkfifo(tmp_path / "never")
    pids = tmp_path / "pids"
    return ["bash", "-c", FAMILY, str(tmp_path / "never"), str(pids)], pids


def gone(pids: Path) -> bool:
    return not any(alive(int(pid)) for pid in pids.read_text().split())


def test_past_the_time_limit_the_whole_group_is_killed(family: tuple[list[str], Path]) -> None:
    command, pids = family
    with pytest.raises(TimeoutError):
        run(command, 1.0, threading.Event())
    until(lambda: gone(pids), "the program and its child are gone")


def test_an_abort_kills_the_whole_group(family: tuple[list[str], Path]) -> None:
    command, pids = family
    abort = threading.Event()

    def stop() -> None:
        until(pids.exists, "the program runs")
        abort.set()

    stopper = threading.Thread(target=stop)
    stopper.start()
    with pytest.raises(StoppedError):
        run(command, 60, abort)
    stopper.join()
    until(lambda: gone(pids), "the program and its child are gone")


def test_a_program_dies_with_its_killed_parent(tmp_path: Path) -> None:
    fifo, pid_file = tmp_path / "never", tmp_path / "pid"
    os.mkfifo(fifo)
    program = f'echo $$ >"{pid_file}.new"; mv "{pid_file}.new" "{pid_file}"; read -r _ <"{fifo}"'
    code = (
        "import sys, threading; from convert.process import ERROR_TAIL, run;"
        "run(['bash', '-c', sys.argv[1]], 600, threading.Event())"
    )
    environ = {"PYTHONPATH": f"{ROOT / 'converter'}:{ROOT}", "PATH": os.environ["PATH"]}
    with subprocess.Popen([sys.executable, "-c", code, program], env=environ) as parent:
        until(pid_file.exists, "the program runs")
        child = int(pid_file.read_text())
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
    until(lambda: not alive(child), "the program is gone")


def test_a_failing_program_tells_its_code_and_its_last_errors() -> None:
    ended = run(["bash", "-c", "echo out; echo err >&2; exit 3"], 10, threading.Event())
    assert (ended.code, ended.stdout, ended.stderr) == (3, "out\n", "err")


def test_a_flood_of_errors_is_kept_short() -> None:
    ended = run(["bash", "-c", "seq 200000 >&2"], 30, threading.Event())
    assert len(ended.stderr) <= ERROR_TAIL
    assert ended.stderr.endswith("200000")


def test_a_program_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSQL_PASSWORD", "swordfish")
    assert "swordfish" not in run(["env"], 10, threading.Event()).stdout
