"""What the documents name is there."""

import re
from pathlib import Path

import pytest

from tests.support.headings import BLOCK, anchors
from tests.support.project import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "tests/README.md"])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#]*)(?:#([^)]*))?\)")
CODE = re.compile(r"`([^`\n]+)`")
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
