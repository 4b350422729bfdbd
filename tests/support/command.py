"""The command `video2mp3`, run as a user does: a process in a folder of its own."""

import os
import pty
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.project import ROOT

PROGRAM = ROOT / "gateway/cli/video2mp3.py"
TIMEOUT = 60  # seconds
_PIECE = 4096  # bytes


@dataclass(frozen=True)
class Command:
    """Runs it in `folder` with a token, or whatever `environ` says instead."""

    folder: Path
    server: str
    token: str
    environ: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Its end, with what it wrote."""
        return subprocess.run(
            self._line(arguments),
            cwd=self.folder,
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Under way, with its errors in a pipe."""
        return subprocess.Popen(
            self._line(arguments),
            cwd=self.folder,
            env=self._environ(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def on_terminal(self, *arguments: str | Path, typed: str = "") -> tuple[int, str]:
        """Its exit status, and all that a terminal got, on which somebody has `typed`."""
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "r+b", buffering=0) as terminal:
            process = subprocess.Popen(
                self._line(arguments),
                cwd=self.folder,
                env=self._environ(),
                stdin=theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
            )
            os.close(theirs)
            shown, answered = b"", not typed
            while piece := _read(terminal.fileno()):
                shown += piece
                if not answered and b"assword" in shown:
                    answered = bool(terminal.write(f"{typed}\n".encode()))
            return process.wait(TIMEOUT), shown.decode()

    @property
    def memory(self) -> list[Path]:
        """The files in which it remembers uploads."""
        return list(self._state.glob("*/*"))

    @property
    def _state(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}-state")

    def _environ(self) -> dict[str, str]:
        own = {
            "PATH": os.environ["PATH"],
            "XDG_STATE_HOME": str(self._state),
            "VIDEO2MP3_SERVER": self.server,
            "VIDEO2MP3_TOKEN": self.token,
        }
        return own | self.environ

    def _line(self, arguments: tuple[str | Path, ...]) -> list[str | Path]:
        # As a terminal starts it: in the background of a shell, Ctrl-C would be ignored.
        return ["env", "--default-signal=INT", sys.executable, PROGRAM, *arguments]


def _read(terminal: int) -> bytes:
    """What comes next; nothing, which Linux calls an error, once nobody can write any more."""
    try:
        return os.read(terminal, _PIECE)
    except OSError:
        return b""
