"""The table of the verification standard is whole, and what it names exists."""

import csv
import re
from collections import Counter
from typing import NamedTuple

import pytest
import yaml

from tests.support.project import ROOT

DOCUMENT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
STATES = {"met", "n/a", "accepted"}
ABSENT = ("10.", "17.")  # OAuth and WebRTC
_ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([12]) \| ([a-z/]+) \| (.+) \|$", re.MULTILINE)
_CODE = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    """A requirement, and what the document says of it."""

    number: str
    level: str
    state: str
    words: str


ROWS = [Row(*found) for found in _ROW.findall(DOCUMENT)]


def test_every_requirement_of_both_levels_has_one_row() -> None:
    with (ROOT / "tests/unit/docs/asvs-5.0.0.csv").open(encoding="utf-8") as file:
        wanted = {row["id"]: row["level"] for row in csv.DictReader(file)}
    assert len(wanted) == 253
    there = {number: level for number, level in wanted.items() if not number.startswith(ABSENT)}
    assert [(row.number, row.level) for row in ROWS] == list(there.items())


def test_every_row_has_a_state_and_a_reason() -> None:
    assert {row.state for row in ROWS} == STATES
    assert all(len(row.words) > 5 for row in ROWS)


def test_the_counts_are_those_of_the_table() -> None:
    count = Counter(row.state for row in ROWS)
    share = 100 * count["met"] // (count["met"] + count["accepted"])
    assert share >= 90
    text = " ".join(DOCUMENT.split())
    assert (
        f"{count['met']} are met, {count['n/a']} do not apply, and {count['accepted']} are "
        f"accepted as they are: {share} % of those that apply are met"
    ) in text


def test_there_are_times_to_close_the_holes_of_packages_and_an_audit_finds_them() -> None:
    promised = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    assert re.findall(
        r"^\| .*(?:vulnerability|newer versions).* \| (.+) \|$", promised, re.MULTILINE
    ) == [
        "7 days",
        "30 days",
        "once a quarter",
    ]
    assert "check audit python scripts/audit.py" in (ROOT / "scripts/lint").read_text(
        encoding="utf-8"
    )
    ci = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert ci[True]["schedule"]  # YAML 1.1 reads `on` as true
    (test,) = (step for step in ci["jobs"]["test"]["steps"] if step["name"] == "Test")
    assert test["env"]["AUDIT"] == "required"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.number)
def test_what_a_row_names_exists(row: Row) -> None:
    for name in _CODE.findall(row.words):
        path, _, test = name.partition("::")
        if test:
            assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), name
        elif "/" in name and not name.startswith("/"):
            assert (ROOT / name).exists(), name
