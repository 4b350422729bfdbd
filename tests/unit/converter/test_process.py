"""A program outlives neither its time limit, nor its job, nor the process that started it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from convert import cage
from convert.cage import Cage, Limits
from convert.cage.launch import Launch
from convert.process import ERROR_TAIL, LINE_MAX, OUTPUT_MAX, run, try_out
from servicekit.errors import StoppedError
from tests.support.machine import alive
from tests.support.project import ROOT
from tests.support.wait import until

# A shell that starts a child, writes both process ids to a file, and never ends.
FAMILY = 'cat <"$0" & echo $$ $! >"$1.new"; mv "$1.new" "$1"; wait'
CAGE = Cage(Limits(cpu=60, file_size=2**30))


@pytest.fixture
def open_cage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that knows no cage: there a program may start others."""
    monkeypatch.setattr(cage, "LAYERS", ())


@pytest.fixture
def family(open_cage: None, tmp_path: Path) -> tuple[list[str], Path]:
    """The command of a parent with a child that end only when killed, and where their ids are."""
    os.mkfifo(tmp_path / "never")
    pids = tmp_path / "pids"
    return ["bash", "-c", FAMILY, str(tmp_path / "never"), str(pids)], pids


def gone(pids: Path) -> bool:
    return not any(alive(int(pid)) for pid in pids.read_text().split())


def test_past_the_time_limit_the_whole_group_is_killed(family: tuple[list[str], Path]) -> None:
    command, pids = family
    with pytest.raises(TimeoutError):
        run(command, 1.0, threading.Event(), CAGE)
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
        run(command, 60, abort, CAGE)
    stopper.join()
    until(lambda: gone(pids), "the program and its child are gone")


def test_a_program_dies_with_its_killed_parent(tmp_path: Path) -> None:
    fifo, pid_file = tmp_path / "never", tmp_path / "pid"
    os.mkfifo(fifo)
    pid_file.touch()
    code = (
        "import sys, threading; from pathlib import Path; from convert.cage import Cage, Limits;"
        "from convert.process import run; fifo, pid_file = map(Path, sys.argv[1:]);"
        "run(['bash', '-c', f'echo $$ >{pid_file}; read -r _ <{fifo}'], 600, threading.Event(),"
        "Cage(Limits(cpu=60, file_size=2**20), reads=(fifo,), writes=(pid_file,)))"
    )
    environ = {"PYTHONPATH": f"{ROOT / 'converter'}:{ROOT}", "PATH": os.environ["PATH"]}
    command = [sys.executable, "-c", code, str(fifo), str(pid_file)]
    with subprocess.Popen(command, env=environ) as parent:
        until(lambda: pid_file.read_text().endswith("\n"), "the program runs")
        child = int(pid_file.read_text())
        assert alive(child)
        parent.send_signal(signal.SIGKILL)
    until(lambda: not alive(child), "the program is gone")


def test_a_failing_program_tells_its_code_and_its_last_errors() -> None:
    ended = run(["bash", "-c", "echo out; echo err >&2; exit 3"], 10, threading.Event(), CAGE)
    assert (ended.code, ended.stdout, ended.stderr) == (3, "out\n", "err")


def test_a_flood_of_errors_is_kept_short() -> None:
    flood = "for ((i = 1; i <= 200000; i++)); do echo $i; done >&2"
    ended = run(["bash", "-c", flood], 30, threading.Event(), CAGE)
    assert len(ended.stderr) <= ERROR_TAIL
    assert ended.stderr.endswith("200000")


def test_a_program_sees_none_of_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MYSQL_PASSWORD", "swordfish")
    assert "swordfish" not in run(["env"], 10, threading.Event(), CAGE).stdout


@pytest.mark.parametrize("flood", ["while :; do echo much; done", "while :; do printf much; done"])
def test_a_flood_of_output_does_not_fill_our_memory(flood: str) -> None:
    with pytest.raises(RuntimeError, match=f"more than {OUTPUT_MAX}"):
        run(["bash", "-c", flood], 60, threading.Event(), CAGE)


def test_a_line_that_never_ends_comes_in_pieces() -> None:
    pieces: list[str] = []
    line = "for ((i = 0; i < 20000; i++)); do printf 0123456789; done"
    run(["bash", "-c", line], 60, threading.Event(), CAGE, pieces.append)
    assert len("".join(pieces)) == 200_000
    assert max(map(len, pieces)) <= LINE_MAX


def test_a_program_that_is_not_there_is_named() -> None:
    with pytest.raises(FileNotFoundError, match="no-such-program"):
        run(["no-such-program"], 10, threading.Event(), CAGE)


def test_no_program_starts_without_its_cage(monkeypatch: pytest.MonkeyPatch) -> None:
    def impossible(launch: Launch, cage: Cage) -> None:
        launch.call("landlock_restrict_self", -1, 0)

    monkeypatch.setattr(cage, "LAYERS", (impossible,))
    with pytest.raises(RuntimeError, match="no cage"):
        run(["bash", "-c", "exit 0"], 10, threading.Event(), CAGE)


def test_what_the_cage_lacks_is_found_before_the_first_job() -> None:
    try_out(["bash", "-c", "exit 0"])
    with pytest.raises(RuntimeError, match="ended with 1 in its cage"):
        try_out(["bash", "-c", "exit 1"])
