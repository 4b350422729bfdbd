"""What one conversion may take, whatever its file says of itself."""

from dataclasses import dataclass
from pathlib import Path

from convert.cage import Cage, Limits
from convert.source import Source

# Seconds to look at a file: by the clock, for storage may be slow, and of CPU.
LOOK_TIME, LOOK_CPU = 60.0, 5
# A program's threads together; the clock ends a conversion before, unless they are many.
_CORES = 4
_BITRATE = 320_000  # of the largest MP3
_BESIDE_THE_SOUND = 64 * 2**20  # bytes for tags and a cover


@dataclass(frozen=True)
class Bounds:
    """The longest sound and the longest conversion, in seconds, and ffmpeg's memory in bytes."""

    max_duration: float
    time_limit: float
    memory: int = Limits.memory

    def look(self, source: Source) -> Cage:
        """The cage of a program that only reads the head of the source."""
        limits = Limits(cpu=LOOK_CPU, file_size=0, memory=self.memory)
        return Cage(limits, reads=_readable(source), port=source.port)

    def conversion(self, source: Source, *writes: Path) -> Cage:
        """The cage of a program that makes `writes` of the source, or reads them."""
        largest = int(self.max_duration * _BITRATE / 8) + _BESIDE_THE_SOUND
        limits = Limits(
            cpu=int(self.time_limit * _CORES) + 1, file_size=largest, memory=self.memory
        )
        return Cage(limits, reads=_readable(source), writes=writes, port=source.port)


def _readable(source: Source) -> tuple[Path, ...]:
    return (source.file,) if source.file else ()
