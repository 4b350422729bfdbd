"""Measures the parts that were asked for on the running stack of LOCAL_DIR; see `bench/run`."""

import importlib
import sys
import tempfile
from pathlib import Path

from bench import options, report
from bench.service import Service


def main() -> None:
    """Print each row as it is found, and save what there is even when a part fails."""
    asked = options.parse(sys.argv[1:])
    service = Service()
    rows: list[report.Row] = []
    report.heading()
    try:
        for name in asked.parts:
            part = importlib.import_module(f"bench.parts.{name}")
            with tempfile.TemporaryDirectory(prefix="bench-", dir=service.folder) as folder:
                for row in part.measure(service, asked, Path(folder)):
                    rows.append(row)
                    report.show(row)
    finally:
        if asked.json:
            report.save(rows, asked.json)


if __name__ == "__main__":
    main()
