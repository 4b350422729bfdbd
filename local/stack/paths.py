"""Where the parts of a local stack lie."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from local.stack.report import Misuse

# The servers' configuration files have no way to quote other signs.
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._@+-]+")
MAX_LENGTH = 80  # a socket's path has at most 107 letters, and run/supervisor.sock.<pid> follows


@dataclass(frozen=True)
class Paths:
    """The checkout, the stack's own folder LOCAL_DIR, and the folders inside it."""

    root: Path
    folder: Path
    venv: Path
    run: Path  # sockets, ids of processes, the supervisor's configuration
    log: Path
    mail: Path
    secrets: Path

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read `LOCAL_DIR`; Misuse if the servers could not use the path."""
        root = Path(__file__).resolve().parents[2]
        folder = Path(environ.get("LOCAL_DIR") or root / ".local").resolve()
        if not PLAIN_PATH.fullmatch(f"{folder}{root}"):
            raise Misuse(
                f"LOCAL_DIR and the checkout must have no spaces or signs in their paths: {folder}"
            )
        if len(str(folder)) > MAX_LENGTH:
            raise Misuse(
                f"LOCAL_DIR is longer than {MAX_LENGTH} letters, too long for a socket's path"
            )
        inside = (folder / name for name in ("venv", "run", "log", "mail", "secrets"))
        return cls(root, folder, *inside)

    def make(self) -> None:
        """Make the folders that are missing; who may look is left to the umask."""
        servers = ("work", "mariadb", "mongodb/data", "rabbitmq/data", "rabbitmq/log")
        inside = [self.folder / name for name in servers]
        for folder in (self.run, self.log, self.mail, self.secrets, *inside):
            folder.mkdir(parents=True, exist_ok=True)


def read_variables(file: Path) -> dict[str, str]:
    """The NAME=value lines of a file for a shell; none when there is no file."""
    if not file.exists():
        return {}
    words = shlex.split(file.read_text(encoding="utf-8"), comments=True)
    return dict(word.split("=", 1) for word in words)


def replace(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.write_text(text, encoding="utf-8")
    new.replace(file)
