"""A receiver of webhooks on loopback, which checks and keeps what comes and answers as told."""

import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.support.closing import Closing
from tests.support.wait import until


@dataclass(frozen=True)
class Received:
    """One attempt, and when it came by the monotonic clock."""

    headers: Mapping[str, str]
    body: bytes
    at: float

    @property
    def id(self) -> str:
        """The webhook's id."""
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Its content, by Standard Webhooks' own package; WebhookVerificationError."""
        content: dict[str, Any] = Webhook(secret).verify(self.body, dict(self.headers))
        return content


class Receiver(Closing):
    """Takes webhooks as long as the context manager; its address is named, not numbered."""

    def __init__(self, *answers: int, slow: float = 0, host: str = "127.0.0.1") -> None:
        """The first ones get `answers`, all others 200, each after `slow` seconds."""
        self.received: list[Received] = []
        self.location = ""  # where a redirect leads
        self._answers = deque(answers)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver._take(self)

            do_GET = do_POST

            def log_message(self, format: str, *args: object) -> None:
                """What came is in `received`."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self._ended = threading.Event()
        self._slow = slow
        self.url = f"http://localhost:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Take no more."""
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    def wait_for(self, count: int, timeout: float = 30) -> list[Received]:
        """The first `count` attempts, once they came."""
        return until(
            lambda: self.received[:count] if len(self.received) >= count else [],
            f"{count} webhooks, of which came {len(self.received)}",
            timeout,
        )

    def _take(self, handler: BaseHTTPRequestHandler) -> None:
        headers = {name.lower(): value for name, value in handler.headers.items()}
        body = handler.rfile.read(int(headers.get("content-length", "0")))
        self.received.append(Received(headers, body, time.monotonic()))
        self._ended.wait(self._slow)
        handler.send_response(self._answers.popleft() if self._answers else 200)
        if self.location:
            handler.send_header("Location", self.location)
        handler.send_header("Content-Length", "0")
        handler.end_headers()
