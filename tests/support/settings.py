"""The settings that a service reads, with their defaults.

Run as a program, it prints them: a process of its own for each service, with the service on
PYTHONPATH, since their modules share a name.
"""

import importlib
import json
import os
import subprocess
import sys
from functools import cache

from servicekit.settings import Env
from tests.support.project import ROOT

TIMEOUT = 60  # seconds
NEEDED = {"LINK_SECRET": "l" * 32}  # what has no default, and a value that does for a test


@cache
def read_settings(folder: str, name: str) -> dict[str, str | None]:
    """What the class `name` of a service's module `settings` reads; None for a required setting."""
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / folder}"}
    command = [sys.executable, "-m", "tests.support.settings", name]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, timeout=TIMEOUT, check=True
    )
    defaults: dict[str, str | None] = json.loads(done.stdout)
    return defaults


class Recorder(Env):
    """An empty environment that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__({})
        self.defaults: dict[str, str | None] = {}

    def text(self, name: str, default: str | None = None) -> str:
        self.defaults[name] = default
        return super().text(name, default)

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        self.defaults[name] = str(default)
        return super().integer(name, default, low, high)

    def seconds(self, name: str, default: float, low: float, high: float) -> float:
        self.defaults[name] = f"{default:g}"
        return super().seconds(name, default, low, high)


if __name__ == "__main__":
    recorder = Recorder()
    getattr(importlib.import_module("settings"), sys.argv[1]).read(recorder)
    json.dump(dict.fromkeys(recorder.asked) | recorder.defaults, sys.stdout)
