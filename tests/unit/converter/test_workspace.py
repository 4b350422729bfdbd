"""No crash leaves files behind for long."""

import os
import subprocess
from pathlib import Path

from workspace import claim


def test_a_worker_removes_the_files_of_a_killed_one(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as dead:
        pass
    leftover = tmp_path / f"video2mp3-{dead.pid}"
    leftover.mkdir()
    (leftover / "video").write_bytes(b"half")
    claim(tmp_path)
    assert not leftover.exists()


def test_a_worker_leaves_the_files_of_a_living_one(tmp_path: Path) -> None:
    other = tmp_path / f"video2mp3-{os.getppid()}"
    other.mkdir()
    claim(tmp_path)
    assert other.exists()


def test_a_worker_leaves_files_that_are_not_ours(tmp_path: Path) -> None:
    other = tmp_path / "someone-elses"
    other.mkdir()
    claim(tmp_path)
    assert other.exists()


def test_a_worker_restarted_under_the_same_pid_begins_empty(tmp_path: Path) -> None:
    mine = claim(tmp_path)
    (mine / "video").write_bytes(b"half")
    assert list(claim(tmp_path).iterdir()) == []
