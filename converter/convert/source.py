"""Where ffmpeg reads a video from."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self


@dataclass(frozen=True)
class Source:
    """An address that ffmpeg opens, the protocols that it needs for it, and what lies there.

    `length` is in bytes. `port` is the server's on this machine, `file` the file's path: the one
    of the two that the address names. Neither may end in a suffix, for ffmpeg takes any text that
    is called .mp4 for a broken video.
    """

    address: str
    protocols: str
    length: int
    port: int | None = None
    file: Path | None = None

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """A file on this machine."""
        return cls(f"file:{path}", "file", path.stat().st_size, file=path)

    @classmethod
    def of_server(cls, port: int, name: str, length: int) -> Self:
        """What an HTTP server on this machine's loopback address calls `name`."""
        return cls(f"http://127.0.0.1:{port}/{name}", "http,tcp", length, port=port)
