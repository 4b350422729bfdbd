"""What the documents name is there."""

import functools
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.support.headings import BLOCK, anchors
from tests.support.project import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "tests/README.md"])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
CODE = re.compile(r"`([^`\n]+)`")
PROGRAM = re.compile(r"^(?:\w+=\S+ )*((?:\./)?[\w/.-]+)((?: [^|]*)?)")
OPTION = re.compile(r"(?<= )--[a-z][a-z-]*")
TIMEOUT = 60  # seconds
BRACES = re.compile(r"\{([^{}]*,[^{}]*)\}")

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def spelled_out(name: str) -> list[str]:
    """The paths that a name with braces stands for."""
    match = BRACES.search(name)
    if not match:
        return [name]
    parts = match[1].split(",")
    return [path for p in parts for path in spelled_out(name.replace(match[0], p, 1))]


def paths(text: str) -> set[str]:
    """The paths in a document's code: scripts, and words that begin in one of our folders."""
    first = (code.split()[0] for code in CODE.findall(BLOCK.sub("", text)))
    words = {word.removeprefix("./").partition("::")[0] for word in first}
    tops = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."}
    named = {w for w in words if ("/" in w and w.split("/")[0] in tops) or w.endswith(".sh")}
    return {path for word in named if "<" not in word for path in spelled_out(word)}


@documents
def test_links_lead_to_a_file_and_a_heading(document: Path) -> None:
    for name, anchor in LINK.findall(document.read_text(encoding="utf-8")):
        target = document.parent / name if name else document
        assert target.exists(), name
        assert not anchor or anchor in anchors(target), f"{name}#{anchor}"


@documents
def test_files_that_are_named_exist(document: Path) -> None:
    missing = [p for p in paths(document.read_text(encoding="utf-8")) if not any(ROOT.glob(p))]
    assert not missing


def options(text: str) -> set[tuple[str, str]]:
    """Each of our programs that the document runs, with each option that it is given there.

    Those of a part of it that has a help of its own are not among them.
    """
    blocks = "".join(BLOCK.findall(text)).splitlines()
    lines = [" ".join(line.split()) for line in (*CODE.findall(BLOCK.sub("", text)), *blocks)]
    commands = filter(None, map(PROGRAM.match, lines))
    return {
        (program, option)
        for program, rest in (command.groups() for command in commands)
        if (ROOT / program).is_file() and os.access(ROOT / program, os.X_OK)
        for option in {*OPTION.findall(rest)} - {"--help"}
        if f"{program} {rest.split()[0]} --help" not in usage(program)
    }


@functools.cache
def usage(program: str) -> str:
    """What it says of itself."""
    command = [str(ROOT / program), "--help"]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=TIMEOUT)
    return told.stdout


@documents
def test_a_program_knows_the_options_that_it_is_given(document: Path) -> None:
    given = options(document.read_text(encoding="utf-8"))
    assert [each for each in given if each[1] not in usage(each[0])] == []


def test_the_options_of_the_scripts_are_found_in_the_documents() -> None:
    given = options((ROOT / "docs/operations.md").read_text(encoding="utf-8"))
    assert {("./deploy.sh", "--keda"), ("./setup-host.sh", "--mongodb-auth")} <= given
