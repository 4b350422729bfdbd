"""Prints, as JSON, each setting that a class of the module `settings` reads, with its default.

A process of its own for each service, with the service on PYTHONPATH: their modules share a name.
"""

import importlib
import json
import sys

from servicekit.settings import Env


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
