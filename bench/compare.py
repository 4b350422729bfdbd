"""Ours and the plain ways on one video, in turns, so that a busy moment of the machine hits all."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench import plain
from bench.plain import Cost
from bench.report import Row, row
from bench.service import Service

OURS = "ours"
Costs = dict[str, list[Cost]]
UNITS = {"cpu": "CPU s", "wall": "s", "peak": "MiB"}


def compare(service: Service, video: Path, ways: Sequence[str], runs: int) -> Costs:
    """What each run of each way cost."""
    costs: Costs = {OURS: [], **{way: [] for way in ways}}
    for _ in range(runs):
        costs[OURS].append(service.job(video))
        for way in ways:
            costs[way].append(plain.run(way, video))
    return costs


def rows(
    part: str, what: str, costs: Costs, measures: Sequence[str] = tuple(UNITS)
) -> Iterator[Row]:
    """A row for each measure and each plain way."""
    for measure in measures:
        values = {way: [getattr(cost, measure) for cost in found] for way, found in costs.items()}
        ours = values.pop(OURS)
        for way, others in values.items():
            yield row(part, what, UNITS[measure], ours, others, plain.NAMES[way])
