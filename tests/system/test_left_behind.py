"""What clients invent leaves nothing behind in a gateway."""

import http.client
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.gateway import own_gateway
from tests.support.multipart import BOUNDARY, answer, begun_upload, form, part
from tests.support.process import Process
from tests.support.stack import Stack
from tests.support.tree import Tree
from tests.support.users import User

TIMEOUT = 30  # seconds
LEFT = 5.0  # MiB
FIELDS = 500_000  # 31 MB of them
LENGTH = 10**9  # bytes of a body that does not end

# Sends a request of one kind, the n-th of them, with a token that holds.
Send = Callable[[http.client.HTTPConnection, int, str], None]


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    with own_gateway(stack) as gateway:
        yield gateway


def method(connection: http.client.HTTPConnection, n: int, _token: str) -> None:
    connection.request(f"INVENTED{n}", "/jobs")


def path(connection: http.client.HTTPConnection, n: int, token: str) -> None:
    connection.request("GET", f"/jobs/{n}?a{n}=1", headers=_bearer(token))


def header(connection: http.client.HTTPConnection, n: int, _token: str) -> None:
    connection.request("GET", "/healthz", headers={f"X-{n}-{i}": "x" * 50 for i in range(50)})


def forged_token(connection: http.client.HTTPConnection, n: int, _token: str) -> None:
    connection.request("GET", "/jobs", headers=_bearer(f"forged{n}"))


def form_without_file(connection: http.client.HTTPConnection, n: int, token: str) -> None:
    boundary = f"{BOUNDARY}{n}"
    body = form(part(f"field{n}", b"x" * 4000)).replace(BOUNDARY.encode(), boundary.encode())
    kind = f"multipart/form-data; boundary={boundary}"
    headers = _bearer(token) | {"Content-Type": kind, "Idempotency-Key": f"{n}" * 20}
    connection.request("POST", "/upload", body, headers)


@pytest.mark.parametrize(
    ("send", "count"),
    [(method, 5000), (path, 1500), (header, 1500), (forged_token, 1500), (form_without_file, 500)],
)
def test_a_flood_leaves_nothing_behind(
    gateway: Process, user: User, send: Send, count: int
) -> None:
    memory = Tree([gateway.pid]).memory
    _flood(gateway, user, send, range(count, count + count // 4))  # what is made once
    before = memory()
    _flood(gateway, user, send, range(count))
    assert memory() - before <= LEFT


def test_fields_without_end_are_refused_before_they_take_memory(
    gateway: Process, user: User
) -> None:
    _send_fields(gateway, user, FIELDS // 10)
    before = _peak(gateway)
    _send_fields(gateway, user, FIELDS)
    assert _peak(gateway) - before <= LEFT


def _flood(gateway: Process, user: User, send: Send, numbers: range) -> None:
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=TIMEOUT)
    with closing(connection):
        for n in numbers:
            send(connection, n, user.client.token)
            response = connection.getresponse()
            response.read()
            assert response.status < 500, response.status


def _send_fields(gateway: Process, user: User, count: int) -> None:
    with begun_upload(gateway.url, user.client.token, LENGTH) as connection:
        with suppress(ConnectionError):  # it is refused long before its end
            connection.send(b"".join(part(f"{n}", b"") for n in range(count)))
        assert answer(connection)[0] == 400


def _peak(gateway: Process) -> float:
    """MiB that the gateway's processes ever held at once."""
    return sum(_high_water(pid) for pid in Tree([gateway.pid]).pids())


def _high_water(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
