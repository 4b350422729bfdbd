"""A second local stack beside that of the tests, with one process of each service."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.project import SERVICES
from tests.support.stack import Stack

PORTS_OF_A_STACK = 100


@contextmanager
def another_stack(stack: Stack, folder: Path) -> Iterator[Stack]:
    """Empty, in `folder`; inside, what reads LOCAL_DIR means this one. It is gone afterwards."""
    _borrow(stack.folder, folder, "venv")
    _borrow(stack.folder, folder, "mongodb/bin")
    base = int(stack.env["GATEWAY_URL"].rpartition(":")[2])
    settings = {f"{name.upper()}S": "1" for name in SERVICES}
    settings |= {"LOCAL_DIR": str(folder), "LOCAL_PORT_BASE": str(base + PORTS_OF_A_STACK)}
    with pytest.MonkeyPatch.context() as environ:
        for name, value in settings.items():
            environ.setenv(name, value)
        try:
            yield Stack.up()
        finally:
            Stack().down("--purge")


def _borrow(source: Path, target: Path, name: str) -> None:
    """What takes a minute to install, where it is not the machine's own."""
    if (source / name).exists():
        (target / name).parent.mkdir(exist_ok=True)
        (target / name).symlink_to(source / name)
