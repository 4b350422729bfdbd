"""docs/performance.md names the parts of the bench, and takes its tables."""

import re
import subprocess
from importlib.util import find_spec

import pytest

from bench import report, table
from bench.options import PARTS, parse
from tests.support.project import ROOT

DOCUMENT = (ROOT / "docs/performance.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def test_the_document_names_the_parts_that_there_are() -> None:
    assert ROW.findall(DOCUMENT) == list(PARTS)


@pytest.mark.parametrize("name", PARTS)
def test_every_part_has_a_module(name: str) -> None:
    assert find_spec(f"bench.parts.{name}")


def test_parts_run_in_their_own_order_and_all_of_them_when_none_is_named() -> None:
    assert parse(["small", "quality", "--minutes", "0.5"]).parts == ("quality", "small")
    assert parse([]).parts == tuple(PARTS)


@pytest.mark.parametrize(
    "wrong",
    [
        ["speed"],
        ["--minutes", "0"],
        ["--minutes", "x"],
        ["--runs", "0"],
        ["--hel"],
        ["--megabytes", "0"],
    ],
)
def test_a_wrong_argument_is_misuse_before_anything_starts(wrong: list[str]) -> None:
    command = [str(ROOT / "bench/run"), *wrong]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 2
    assert "usage: bench/run" in done.stderr


def test_help_starts_nothing_and_names_every_part() -> None:
    command = [str(ROOT / "bench/run"), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert all(f"  {name}" in done.stdout for name in PARTS)


def test_saved_rows_become_the_tables_of_the_document(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    old = [report.row("small", "job of 1 s", "s", [9.0], [1.0], "ffmpeg -vn")]
    new = [
        report.row("small", "job of 1 s", "s", [0.1, 0.3, 0.2], [0.4], "ffmpeg -vn"),
        report.row("quality", "speech", "dB", [-9.0], [-8.0], "-b:a 192k"),
    ]
    file = tmp_path_factory.mktemp("bench") / "rows.json"
    report.save(new, file)
    machine, loaded = report.load(file)
    assert loaded == new
    filled = table.fill(DOCUMENT, table.tables(machine, table.merged([old, loaded])))
    assert "| job of 1 s | s | 0.20 (0.10..0.30), n=3 | 0.40 | 0.50 | `ffmpeg -vn` |" in filled
    assert "| speech | dB | -9.00 | -8.00 | -1.0 dB | `-b:a 192k` |" in filled
    assert filled.index("### quality") < filled.index("### small")
    assert table.fill(filled, "again") == table.fill(DOCUMENT, "again")
