"""Writes what `bench/run --json` saved into docs/performance.md, as its tables.

`python -m bench.table FILE...`: of the same row in several files, the last one counts.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from bench import report
from bench.options import PARTS
from bench.report import Row, Spread
from tests.support.project import ROOT

DOCUMENT = ROOT / "docs/performance.md"
BEGIN, END = "<!-- bench.table: begin -->", "<!-- bench.table: end -->"


def tables(machine: dict[str, object], rows: Iterable[Row]) -> str:
    """The machine in a sentence, and a table for each part that has rows."""
    about = ", ".join(f"{name} {value}" for name, value in machine.items())
    found = list(rows)
    parts = (_part(name, [row for row in found if row.part == name]) for name in PARTS)
    return "\n".join([f"Measured on: {about}.", *(line for part in parts for line in part)])


def fill(document: str, content: str) -> str:
    """The document with `content` between its two marks; ValueError when it has none."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"there is no {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{content}\n\n{END}{after}"


def merged(files: Sequence[list[Row]]) -> list[Row]:
    """The rows of several files, in the order in which they first come."""
    latest = {(row.part, row.what, row.unit, row.against): row for rows in files for row in rows}
    return list(latest.values())


def main() -> None:
    """Fill the document from the files that are named."""
    loaded = [report.load(Path(name)) for name in sys.argv[1:]]
    if not loaded:
        raise SystemExit("Usage: python -m bench.table FILE.json...")
    content = tables(loaded[-1][0], merged([rows for _, rows in loaded]))
    DOCUMENT.write_text(fill(DOCUMENT.read_text(encoding="utf-8"), content), encoding="utf-8")


def _part(name: str, rows: list[Row]) -> Iterator[str]:
    if not rows:
        return
    yield from ("", f"### {name}: {PARTS[name]}".replace("`", ""), "")
    yield from ("| what | unit | ours | plain way | ours / plain | against |", "| --- " * 6 + "|")
    for (what, unit), same in groupby(rows, lambda row: (row.what, row.unit)):
        yield from _lines(what, unit, list(same))


def _lines(what: str, unit: str, rows: list[Row]) -> Iterator[str]:
    """A line for each plain way; ours stands in the first only."""
    for number, row in enumerate(rows):
        first = (what, unit, _cell(row.ours)) if number == 0 else ("", "", "")
        plain = _cell(row.plain) if row.plain else ""
        against = f"`{row.against}`" if row.against.startswith(("-", "ffmpeg")) else row.against
        cells = [*first, plain, _comparison(row), against]
        yield "|" + "".join(f" {cell} |" if cell else " |" for cell in cells)


def _cell(values: Spread) -> str:
    return f"{values}, n={values.n}" if values.n > 1 else str(values)


def _comparison(row: Row) -> str:
    """The ratio, or of decibels the difference."""
    if row.unit == "dB" and row.plain:
        return f"{row.ours.median - row.plain.median:+.1f} dB"
    return "" if row.ratio is None else f"{row.ratio:.2f}"


if __name__ == "__main__":
    main()
