"""Debian's nginx, configured as who runs it says."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.raw import answers
from tests.support.wait import until

STOP_TIMEOUT = 10  # seconds
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program() -> str | None:
    """Where nginx is; Debian's is in nobody's PATH but root's."""
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def temporary(folder: Path) -> str:
    """The directives that keep nginx's temporary files in a folder."""
    return "\n  ".join(f"{kind}_temp_path {folder}/{kind};" for kind in _TEMPORARY)


@contextmanager
def running(folder: Path, port: int, configuration: str) -> Iterator[None]:
    """An nginx that listens on `port`, as its configuration says; FileNotFoundError without one."""
    found = program()
    if found is None:
        raise FileNotFoundError("there is no nginx")
    file = folder / "nginx.conf"
    file.write_text(configuration, encoding="utf-8")
    command = [found, "-p", str(folder), "-e", "stderr", "-c", str(file)]
    with subprocess.Popen(command) as process:
        try:
            until(lambda: answers(port), "nginx answers", STOP_TIMEOUT)
            yield
        finally:
            process.terminate()
            process.wait(STOP_TIMEOUT)
