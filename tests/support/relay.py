"""A TCP relay on loopback that passes, spoils or cuts links, now or when certain bytes pass."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from tests.support.closing import Closing
from tests.support.toxics import WELL, Flow, Silent, Toxic

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)  # SO_LINGER on, 0 seconds: close() sends RST
_OVERLAP = 64  # bytes kept so that a pattern is found across two reads
_WINDOW = (
    64 * 1024
)  # bytes held of a direction, about as many as a socket's buffer: no more is read
_TICK = 0.05  # seconds between two looks at what is held
_DEADLINE = 10.0  # seconds for the relay's own thread to do what it is told

# What a client sends at the moment at which a test breaks its link.
AMQP_PUBLISH = b"\x00\x3c\x00\x28"  # class basic, method publish
AMQP_ACK = b"\x00\x3c\x00\x50"
MONGO_FIND_CHUNKS = b"\x02find\x00\x0a\x00\x00\x00fs.chunks"
MONGO_INSERT_CHUNKS = b"\x02insert\x00\x0a\x00\x00\x00fs.chunks"
MONGO_INSERT_FILE = b"\x02findAndModify\x00\x09\x00\x00\x00fs.files"


@dataclass(frozen=True)
class _Trigger:
    pattern: bytes
    action: Callable[[], None]
    hold_it: bool  # whether the server does not get the bytes with the pattern


class Relay(Closing):
    """Links clients to the server of a URL, or to the first of several.

    Its methods act before they return.
    """

    def __init__(self, url: str) -> None:
        target = urlsplit(url)
        self._target = target._replace(netloc=target.netloc.split(",")[0])
        self.port = 0
        self.triggered = threading.Event()
        self.toxic: Toxic = WELL
        self.refusing = False
        self._ends: set[_End] = set()
        self._trigger: _Trigger | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)

    @property
    def url(self) -> str:
        """The server's URL, by way of the relay."""
        account, at, _ = self._target.netloc.rpartition("@")
        return self._target._replace(netloc=f"{account}{at}{self.address}").geturl()

    @property
    def address(self) -> str:
        """The relay's own `host:port`."""
        return f"127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        listening = self._loop.create_server(lambda: _End(self), "127.0.0.1", 0)
        self._server: asyncio.Server = self._do(listening)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def close(self) -> None:
        """Cut every connection, and listen no more."""
        self._do(_as_coroutine(self._server.close))
        self.cut()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_DEADLINE)
        self._loop.close()

    def stall(self) -> None:
        """From now on take connections and bytes, and hold them."""
        self.poison(Silent())

    def poison(self, toxic: Toxic) -> None:
        """From now on this is wrong with every connection, until `resume`."""
        self._do(_as_coroutine(lambda: self._poison(toxic)))

    def cut(self) -> None:
        """Reset every connection, and each new one until `resume`."""
        self._do(_as_coroutine(self._cut))

    def resume(self) -> None:
        """Pass what was held, and everything after it."""
        self._do(_as_coroutine(self._resume))

    def stall_before(self, pattern: bytes) -> None:
        """Stall once a client sends `pattern`, and keep it from the server; sets `triggered`."""
        self._arm(_Trigger(pattern, self._stall, hold_it=True))

    def stall_after(self, pattern: bytes) -> None:
        """Let a client's `pattern` through, then hold every answer; sets `triggered`."""
        self._arm(_Trigger(pattern, self._stall, hold_it=False))

    def cut_after(self, pattern: bytes) -> None:
        """Let a client's `pattern` through, then cut before any answer; sets `triggered`."""
        self._arm(_Trigger(pattern, self._cut, hold_it=False))

    def _arm(self, trigger: _Trigger) -> None:
        self.triggered.clear()
        self._trigger = trigger

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_DEADLINE)

    def _poison(self, toxic: Toxic) -> None:
        self.toxic = toxic
        for end in tuple(self._ends):
            end.flow.passed = 0

    def _stall(self) -> None:
        self._poison(Silent())

    def _cut(self) -> None:
        self.refusing = True
        for end in tuple(self._ends):
            end.reset()

    def _resume(self) -> None:
        self.toxic, self.refusing = WELL, False
        for end in tuple(self._ends):
            end.pass_on()

    # From here on: called by the ends, in the relay's thread.

    def joined(self, end: "_End") -> None:
        self._ends.add(end)
        if self.refusing:
            end.reset()
        elif end.peer is None:
            self._loop.create_task(self._link(end))

    def left(self, end: "_End") -> None:
        self._ends.discard(end)

    async def _link(self, client: "_End") -> None:
        try:
            await self._loop.create_connection(
                lambda: _End(self, client), str(self._target.hostname), int(self._target.port or 0)
            )
        except OSError:
            client.reset()

    def looked_at(self, recent: bytes) -> Callable[[], None] | None:
        """What to do after these bytes of a client are sent; to hold them, stall now."""
        trigger = self._trigger
        if trigger is None or trigger.pattern not in recent:
            return None
        self._trigger = None
        if trigger.hold_it:
            trigger.action()
        self.triggered.set()
        return None if trigger.hold_it else trigger.action


RelayTo = Callable[[str], Relay]


class _End(asyncio.Protocol):
    """One end of a link: the client's, or the server's, which knows its client as `peer`."""

    def __init__(self, relay: Relay, peer: "_End | None" = None) -> None:
        self.peer = peer
        self._relay = relay
        self._is_client = peer is None
        self.flow = Flow(of_client=self._is_client)
        self._timer: asyncio.TimerHandle | None = None
        self._recent = b""
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if self.peer:
            self.peer.peer = self
        self._relay.joined(self)
        if self.peer:
            self.peer.pass_on()

    def data_received(self, data: bytes) -> None:
        self.flow.put(data)
        then = None
        if self._is_client:
            self._recent = self._recent[-_OVERLAP:] + data
            then = self._relay.looked_at(self._recent)
        self.pass_on()
        if then:
            then()

    def pass_on(self) -> None:
        """Send to the other end what the toxic lets through, and look again while some is held."""
        if not (self.peer and self.peer._transport):
            return
        toxic = self._relay.toxic
        self.peer._transport.write(self.flow.take(toxic.passes(self.flow)))
        if toxic.breaks(self.flow):
            self.reset()
            self.peer.reset()
        elif self.flow.size:
            self._look_again()
        elif self._transport is None:
            self._end()
        self._heed_window()

    def _look_again(self) -> None:
        if self._timer is None or self._timer.when() <= self._loop.time():
            self._timer = self._loop.call_later(_TICK, self.pass_on)

    def _heed_window(self) -> None:
        if self._transport and self.flow.size > _WINDOW:
            self._transport.pause_reading()
        elif self._transport:
            self._transport.resume_reading()

    def reset(self) -> None:
        if self._transport:
            link: socket.socket = self._transport.get_extra_info("socket")
            link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._transport.abort()

    def connection_lost(self, error: Exception | None) -> None:
        """Close the other end too, at once or after what is held has arrived there."""
        self._transport = None
        if error or not self._relay.toxic.drains or not self.flow.size:
            self._end()

    def _end(self) -> None:
        self._relay.left(self)
        if self._timer:
            self._timer.cancel()
        if self.peer and self.peer._transport:
            self.peer._transport.close()


async def _as_coroutine(action: Callable[[], None]) -> None:
    action()
