"""Random requests to every door of a gateway and an auth of their own, counted by their answers."""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy
from schemathesis import Case

from tests.door import strategies
from tests.support import raw, users
from tests.support.auth import new_source, own_auth
from tests.support.files import connect
from tests.support.gateway import own_gateway
from tests.support.normal_user import normal_user
from tests.support.process import Process
from tests.support.stack import Stack

T = TypeVar("T")

TIMEOUT = 30  # seconds
RENEWED = 10  # requests after which the token is renewed, which /logout may have ended
FORESEEN = (501, 505)  # of the failures: an unknown transfer coding, an unknown version


class Flood:
    """`counts` has the answers by door and status, and `wrong` what no request should get."""

    def __init__(self, stack: Stack) -> None:
        self.counts: dict[str, Counter[int | str]] = {}
        self.wrong: list[str] = []
        self._stack = stack
        self._exits = ExitStack()
        self._source = new_source()  # the wrong passwords are not to count for who comes after

    def run(self, count: int, number: int, seconds: float) -> None:
        """Send `count` requests, a fifth to each door, the same for the same number.

        Fewer when the seconds are over; then a normal user does what users do, or it raises.
        """
        self._deadline = time.monotonic() + seconds
        with self._exits:
            auth = self._exits.enter_context(own_auth(self._stack))
            gateway = self._gateway(auth)
            self._user = users.new_user(self._stack)
            described = partial(self._send_case, gateway.url)
            self._each("described", strategies.described(), count // 5, number, described)
            for door, url in (
                ("gateway", gateway.url),
                ("auth", auth.url),
                ("health of gateway", f"//127.0.0.1:{gateway.health_port}"),
                ("health of auth", f"//127.0.0.1:{auth.health_port}"),
            ):
                send = partial(self._send_bytes, urlsplit(url).port or 80)
                self._each(door, strategies.raw(door.split()[0]), count // 5, number, send)
            self._use(gateway)
            self._look_at(gateway, auth)

    def _gateway(self, auth: Process) -> Process:
        address = urlsplit(auth.url).netloc
        trusted = {"AUTH_SVC_ADDRESS": address, "TRUSTED_PROXIES": "127.0.0.0/8"}
        return self._exits.enter_context(own_gateway(self._stack, **trusted))

    def _each(
        self,
        door: str,
        strategy: SearchStrategy[T],
        count: int,
        number: int,
        send: Callable[[T], list[int | str]],
    ) -> None:
        counts = self.counts[door] = Counter()

        @seed(number)
        @settings(
            max_examples=count,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def one(request: T) -> None:
            if time.monotonic() > self._deadline:
                return
            if counts.total() % RENEWED == 0:
                self._user.client.login(self._user.email, users.PASSWORD).raise_for_status()
            for status in send(request) or ["none"]:
                counts[status] += 1
                if status in ("late", "no HTTP") or (
                    isinstance(status, int) and status >= 500 and status not in FORESEEN
                ):
                    self.wrong.append(f"{door}: {status} to {request!r}")

        one()

    def _send_case(self, url: str, case: Case[Any]) -> list[int | str]:
        headers = {
            "Authorization": f"Bearer {self._user.client.token}",
            "X-Forwarded-For": self._source,
        }
        try:
            return [case.call(url, headers=headers, timeout=TIMEOUT).status_code]
        except requests.Timeout:
            return ["late"]
        except (requests.RequestException, ValueError):
            return ["unsendable"]  # what the client's library refuses

    def _send_bytes(self, port: int, request: bytes) -> list[int | str]:
        filled = request.replace(b"TOKEN", self._user.client.token.encode())
        filled = filled.replace(b"SOURCE", self._source.encode())
        try:
            statuses: list[int | str] = [answer.status for answer in raw.exchange(port, filled)]
        except TimeoutError:
            return ["late"]
        # The health port, and whoever refuses a malformed HEAD, send a body with it and hang up.
        if filled.startswith(b"HEAD ") and len(statuses) > 1 and statuses[-1] == 0:
            statuses.pop()
        return ["no HTTP" if status == 0 else status for status in statuses]

    def _use(self, gateway: Process) -> None:
        with connect(self._stack.env["MONGODB_URI"]) as mongo:
            normal_user(self._stack, mongo, gateway.url, bytes(2048)).round()

    def _look_at(self, *services: Process) -> None:
        for service in services:
            for path in ("/livez", "/readyz"):
                if (status := service.probe(path)) != 200:
                    self.wrong.append(f"{path}: {status}")
            self.wrong += [line for line in service.lines if "Unexpected error" in line]
