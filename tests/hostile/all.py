"""The whole corpus: importing a module of it adds its cases."""

import fnmatch
from collections.abc import Sequence
from importlib import import_module

from tests.hostile.corpus import CASES, Case
from tests.hostile.quick import QUICK

MODULES = (
    "canary",
    "lengths",
    "waves",
    "movies",
    "samples",
    "webs",
    "chains",
    "tracks",
    "text",
    "chapters",
    "pictures",
    "codecs",
    "broadcast",
    "archives",
    "not_media",
    "broken",
)


def corpus() -> list[Case]:
    """Every case, module by module."""
    for module in MODULES:
        import_module(f"tests.hostile.{module}")
    return list(CASES.values())


def named(names: Sequence[str]) -> list[Case]:
    """The cases that one of the names fits, in which * stands for anything."""
    return [case for case in corpus() if any(fnmatch.fnmatch(case.name, name) for name in names)]


def quick() -> list[Case]:
    """The short form of the corpus."""
    return named(QUICK)
