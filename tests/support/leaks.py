"""Secrets, and where of all that the product shows one of them stands."""

import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.support.closing import Closing
from tests.support.stack import Stack

INTERVAL = 0.002  # seconds between two looks at the processes; curl's shortest life is 10 ms


def secrets_of(stack: Stack) -> dict[str, str]:
    """The values of the stack's secrets by their files' names, and the passwords in its URLs.

    The password of MariaDB is left out where it is the tutorial's, which is no secret.
    """
    files = [*(stack.folder / "secrets").iterdir(), stack.folder / "rabbitmq/.erlang.cookie"]
    values = {file.name: file.read_text().strip() for file in files}
    if values["mysql_password"] == "Auth123!":  # noqa: S105
        del values["mysql_password"]
    for name, value in list(values.items()):
        if password := urlsplit(value).password:
            values[f"{name}: password"] = password
    return values


def leaks(secrets: Mapping[str, str], shown: Mapping[str, str]) -> list[str]:
    """Which secret stands where, among texts by their names."""
    return [f"{name} in {place}" for place, text in shown.items() for name in _in(secrets, text)]


def _in(secrets: Mapping[str, str], text: str) -> Iterable[str]:
    return (name for name, value in secrets.items() if value in text)


class CommandLines(Closing):
    """Notes, while it is open, the command lines of all processes of this machine."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="command lines")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        """Look no longer."""
        self._closing.set()
        self._thread.join()

    @property
    def text(self) -> str:
        """All that were seen, one a line."""
        return "\n".join(self._seen)

    def _run(self) -> None:
        while not self._closing.wait(INTERVAL):
            for process in Path("/proc").iterdir():
                with suppress(OSError):  # it has ended
                    line = (process / "cmdline").read_text(errors="replace")
                    self._seen.add(line.replace("\0", " "))
