"""The peak memory of a service's processes over a stretch of time, as Linux counts it."""

from collections.abc import Iterator
from pathlib import Path

RESET_PEAK = "5"  # proc(5), /proc/PID/clear_refs


class Peak:
    """Resets the peak of the processes of `service`, found by the folder that they run in."""

    def __init__(self, service: str) -> None:
        self._processes = list(_running_in(service))
        for process in self._processes:
            (process / "clear_refs").write_text(RESET_PEAK)

    def mib(self) -> int:
        """The largest resident set of one of them since then."""
        return max(_high_water_kib(process) for process in self._processes) // 1024


def _running_in(service: str) -> Iterator[Path]:
    folder = Path(service).resolve()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder:
                yield process
        except OSError:
            continue


def _high_water_kib(process: Path) -> int:
    status = (process / "status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
