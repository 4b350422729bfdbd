"""A known vulnerability fails the lint, and silence is not taken for safety."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.project import ROOT

CLEAN = {"name": "flask", "version": "3.1.0", "vulns": []}
SKIPPED = {"name": "pika", "skip_reason": "Dependency not found on PyPI and could not be audited"}
BAD = {
    "name": "jinja2",
    "version": "3.0.0",
    "vulns": [{"id": "PYSEC-2024-1", "fix_versions": ["3.1.4"], "description": "an escape"}],
}


def run(folder: Path, answer: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The audit of the checkout, where pip-audit prints `answer`."""
    program = folder / "pip-audit"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{answer}\nEND\n")
    program.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "scripts/audit.py"],
        cwd=ROOT,
        env=os.environ | {"PATH": path, "AUDIT": ""} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def told(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies})


def test_a_known_vulnerability_is_named_and_fails(tmp_path: Path) -> None:
    done = run(tmp_path, told(CLEAN, BAD, SKIPPED))
    assert done.returncode == 1
    assert "jinja2 3.0.0: PYSEC-2024-1, mended in 3.1.4" in done.stderr


def test_packages_without_one_pass_in_silence(tmp_path: Path) -> None:
    done = run(tmp_path, told(CLEAN))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("answer", [told(CLEAN, SKIPPED), told(), "", "Traceback"])
def test_silence_is_told_and_fails_where_an_audit_is_required(tmp_path: Path, answer: str) -> None:
    done = run(tmp_path, answer)
    assert done.returncode == 0
    assert done.stderr.startswith("NOT AUDITED")
    assert run(tmp_path, answer, AUDIT="required").returncode == 1
