"""What a program is let do, as its caller says it."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """What a program may use; `cpu` is in seconds over all its threads, sizes are in bytes.

    `memory` is address space, so the program's own code counts too: 170 MB of a static ffmpeg. With
    it a 4K frame takes 320 MB in one thread, one of 8K 580 (ffmpeg 5.1 and 9.0).
    """

    cpu: int
    file_size: int
    memory: int = 512 * 2**20
    stack: int = 2 * 2**20  # of each thread, of which there are more on more cores
    open_files: int = 64


@dataclass(frozen=True)
class Cage:
    """The files that a program may read, those that it may write, and the one TCP port that it may
    connect to. Nothing else is in its reach but its own libraries.

    The files to write are made beforehand, so that the program may make none.
    """

    limits: Limits
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    port: int | None = None
