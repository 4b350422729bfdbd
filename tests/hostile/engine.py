"""The engine in a child process, so that a crash is seen and all that it takes is counted."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.usage import Usage, watch
from tests.support.project import ROOT

_GRACE = 10.0  # seconds past the job's limit, after which the tree is killed: it hangs


@dataclass(frozen=True)
class Ending:
    """`ended`: mp3, the code of a told failure, or the name of what else came of it.

    `text` says more, `left` is the number of processes that outlived the job; `written` and
    `largest` are bytes: what the tree wrote, and the most that one process of the engine held.
    """

    ended: str
    text: str
    usage: Usage
    written: int = 0
    left: int = 0
    largest: int = 0

    @property
    def memory(self) -> int:
        """The peak in bytes, also where it was too short to be seen from outside."""
        return max(self.usage.memory, self.largest)


def convert(
    source: Path,
    target: Path,
    *,
    limit: float,
    max_duration: float,
    options: Mapping[str, str],
    elsewhere: Path,
) -> Ending:
    """Convert `source` as one job; `elsewhere` becomes its home, and stays empty if all is well."""
    task = {
        "source": str(source),
        "target": str(target),
        "limit": limit,
        "max_duration": max_duration,
        "options": dict(options),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.worker", json.dumps(task)],
        cwd=elsewhere,
        env=_environ(elsewhere),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        usage = watch(process, limit + _GRACE)
        assert process.stdout is not None
        output = process.stdout.read().strip()
    last = output.rpartition("\n")[2]
    if not usage.ended:
        return Ending("hangs", f"still runs {_GRACE:g} s after its limit", usage)
    if process.returncode or not last.startswith("{"):
        return Ending(f"exit {process.returncode}", last, usage)
    return Ending(usage=usage, **json.loads(last))


def _environ(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "FFMPEG_BINARY") if name in os.environ}
    paths = f"{ROOT}{os.pathsep}{ROOT / 'converter'}"
    return {
        **kept,
        "PYTHONPATH": paths,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LC_ALL": "C.UTF-8",
    }
