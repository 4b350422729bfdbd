"""How far ffmpeg is."""

from collections.abc import Callable

Progress = Callable[[float], None]


class Meter:
    """Reads `ffmpeg -progress`: `seconds` of the file's own clock are written."""

    def __init__(self, progress: Progress, expected: float | None) -> None:
        self.seconds = 0.0
        self._progress = progress
        self._expected = expected

    def __call__(self, line: str) -> None:
        """Take a line, which is key=value; out_time_us is N/A until something is written."""
        key, _, value = line.strip().partition("=")
        if key == "out_time_us" and value.isdigit():
            self.seconds = int(value) / 1_000_000
            if self._expected:
                self._progress(min(100.0, 100 * self.seconds / self._expected))
