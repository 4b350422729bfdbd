"""Clients that dawdle: many connections of one kind, in a process of their own.

In the test's process they would slow down what it measures.
"""

import asyncio
import multiprocessing
import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.synchronize import Event
from typing import Protocol, Self, TypeAlias

from tests.support.closing import Closing

PAUSE = 2.0  # seconds between two bytes of one client
RETURN = (5.0, 15.0)  # seconds after which one that was turned away comes again
CONNECTS_AT_ONCE = 100
BLOCK = bytes(64 * 1024)
START, END = 60.0, 10.0  # seconds for all of them to connect, and to go

Reader: TypeAlias = asyncio.StreamReader
Writer: TypeAlias = asyncio.StreamWriter


class Way(Protocol):
    """What the client of a number does with its connection, for as long as it may."""

    def __call__(self, reader: Reader, writer: Writer, number: int) -> Coroutine[None, None, None]:
        """Dawdle."""


class SlowClients(Closing):
    """`count` clients of one `way`; a context manager that ends them."""

    def __init__(self, port: int, count: int, way: Way) -> None:
        context = multiprocessing.get_context("spawn")
        self._connected = context.Event()
        self._process = context.Process(target=_run, args=(port, count, way, self._connected))

    def __enter__(self) -> Self:
        self._process.start()
        assert self._connected.wait(START), "some did not connect"
        return self

    def close(self) -> None:
        """End them."""
        self._process.kill()
        self._process.join(END)


def _run(port: int, count: int, way: Way, connected: Event) -> None:
    asyncio.run(_Crowd(port, way, count, connected).run())


class _Crowd:
    def __init__(self, port: int, way: Way, count: int, connected: Event) -> None:
        self._port, self._way, self._count, self._connected = port, way, count, connected
        self._turns = asyncio.Semaphore(CONNECTS_AT_ONCE)
        self._missing = set(range(count))

    async def run(self) -> None:
        await asyncio.gather(*(self._dawdle(number) for number in range(self._count)))

    async def _dawdle(self, number: int) -> None:
        """Do it, and again after the server has closed the connection."""
        while True:
            with suppress(OSError):
                async with self._turns:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                self._missing.discard(number)
                if not self._missing:
                    self._connected.set()
                try:
                    await self._way(reader, writer, number)
                finally:
                    writer.transport.abort()
            await asyncio.sleep(random.uniform(*RETURN))  # noqa: S311 no secret


async def half_a_header(reader: Reader, writer: Writer, number: int) -> None:
    """A field of the header now and then, and never an end."""
    writer.write(b"POST /login HTTP/1.1\r\nHost: slow\r\n")
    while True:
        writer.write(b"X-Slow: 1\r\n")
        await writer.drain()
        await asyncio.sleep(PAUSE)


async def idle(reader: Reader, writer: Writer, number: int) -> None:
    """One request, and then nothing on a connection that is kept."""
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: slow\r\n\r\n")
    while await reader.read(65536):
        pass


@dataclass(frozen=True)
class Trickle:
    """A byte of a large body now and then, after a whole header."""

    path: str
    authorizations: tuple[str, ...]

    async def __call__(self, reader: Reader, writer: Writer, number: int) -> None:
        """Until the server closes."""
        writer.write(_header(self.path, self.authorizations[number % len(self.authorizations)]))
        while not reader.at_eof():
            writer.write(b"x")
            await writer.drain()
            with suppress(TimeoutError):
                await asyncio.wait_for(reader.read(1024), PAUSE)


@dataclass(frozen=True)
class SendOn:
    """A body of `length` bytes that does not end for an answer, a block every `pause` seconds."""

    path: str
    authorization: str
    length: int
    pause: float

    async def __call__(self, reader: Reader, writer: Writer, number: int) -> None:
        """Until the server closes."""
        writer.write(_header(self.path, self.authorization, self.length))
        while True:
            writer.write(BLOCK)
            await writer.drain()
            await asyncio.sleep(self.pause)


@dataclass(frozen=True)
class ReadNothing:
    """Requests whose answers are not read; a path and an `Authorization` for each."""

    downloads: tuple[tuple[str, str], ...]

    async def __call__(self, reader: Reader, writer: Writer, number: int) -> None:
        """Until the server closes."""
        path, authorization = self.downloads[number % len(self.downloads)]
        head = f"GET {path} HTTP/1.1\r\nHost: slow\r\nAuthorization: {authorization}\r\n\r\n"
        writer.write(head.encode())
        reader._transport.pause_reading()  # type: ignore[attr-defined] # the window fills up
        while not writer.is_closing():
            await asyncio.sleep(PAUSE)


def _header(path: str, authorization: str, length: int = 10**9) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: slow\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: {length}\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.mp4"\r\n\r\n'
    ).encode()
