"""The stack's settings in a folder of the test's own; nothing is started."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack.settings import Settings

Read = Callable[..., Settings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the settings of an environment in which only LOCAL_DIR is set, and what is given."""
    return lambda **environ: Settings.read({"LOCAL_DIR": str(tmp_path)} | environ)
