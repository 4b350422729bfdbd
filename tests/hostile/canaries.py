"""Traps that a harmless conversion never touches: a port, and files with a secret."""

import ctypes
import os
import secrets
import socket
import struct
import threading
from pathlib import Path

from tests.hostile.formats import riff
from tests.support.closing import Closing

_IN_OPEN = 0x20  # inotify(7)
_EVENT = struct.Struct("iIII")  # watch, mask, cookie, length of the name
_SECONDS = 700  # of the playable canary: more than a run takes, so copied sound would show


class Canaries(Closing):
    """`hits` names what was touched: connections to `port`, by TCP or UDP, and files opened.

    The folder holds `secret.txt` with the `secret`, and `sound.wav`, which ffmpeg can play.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secret = secrets.token_hex(16)
        self.text, self.sound = folder / "secret.txt", folder / "sound.wav"
        folder.mkdir()
        self.text.write_text(self.secret)
        self.sound.write_bytes(riff.wav(bytes(_SECONDS * 1000), rate=1000, bits=8))
        self._touched: list[str] = []
        self._tcp, self._udp = socket.create_server(("127.0.0.1", 0)), _udp()
        self.port = int(self._tcp.getsockname()[1])
        self._udp_port = int(self._udp.getsockname()[1])
        self._inotify = _watch(folder)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """An address behind which somebody would notice a visitor."""
        return f"127.0.0.1:{self.port}"

    @property
    def udp(self) -> str:
        """The same for datagrams."""
        return f"127.0.0.1:{self._udp_port}"

    def hits(self) -> list[str]:
        """All that was touched until now, each once."""
        try:
            self._udp.recv(1)
        except BlockingIOError:
            pass
        else:
            self._touched.append("a datagram")
        self._touched += _opened(self._inotify)
        return sorted(set(self._touched))

    def close(self) -> None:
        """Take the traps away."""
        self._tcp.shutdown(socket.SHUT_RDWR)  # wakes the accept
        self._thread.join(10)
        self._tcp.close()
        self._udp.close()
        os.close(self._inotify)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            connection.close()
            self._touched.append("a connection")


def _udp() -> socket.socket:
    trap = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    trap.bind(("127.0.0.1", 0))
    trap.setblocking(False)
    return trap


def _watch(folder: Path) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if descriptor < 0 or libc.inotify_add_watch(descriptor, os.fsencode(folder), _IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), "inotify is not to be had")
    return int(descriptor)


def _opened(inotify: int) -> set[str]:
    names: set[str] = set()
    try:
        events = os.read(inotify, 1 << 16)
    except BlockingIOError:
        return names
    while events:
        length = _EVENT.unpack_from(events)[3]
        names.add(os.fsdecode(events[_EVENT.size : _EVENT.size + length].rstrip(b"\0")) or "folder")
        events = events[_EVENT.size + length :]
    return names
