"""Probes say what is wrong without saying too much, and metrics are beside them."""

import socket
from collections.abc import Iterator

import pytest
import requests

from servicekit import health
from servicekit.errors import UnavailableError
from servicekit.health import Health, HealthSettings

TIMEOUT = 10


class Service:
    """What the probes look at."""

    def __init__(self) -> None:
        self.alive = True
        self.reason = ""

    def check(self) -> None:
        if self.reason:
            raise UnavailableError(self.reason)


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
def url(service: Service) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    checks = {"mongodb": service.check, "rabbitmq": lambda: None}
    server = health.start(HealthSettings("127.0.0.1", port), Health(lambda: service.alive, checks))
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    server.server_close()


def get(url: str) -> tuple[int, str]:
    answer = requests.get(url, timeout=TIMEOUT)
    return answer.status_code, answer.text


def test_a_healthy_service_is_live_and_ready(url: str) -> None:
    assert get(f"{url}/livez") == (200, "ok\n")
    assert get(f"{url}/readyz") == (200, "ok\n")


def test_a_dependency_that_is_down_takes_readiness_only_and_is_named(
    url: str, service: Service
) -> None:
    service.reason = "password hunter2 refused"
    assert get(f"{url}/livez") == (200, "ok\n")
    assert get(f"{url}/readyz") == (503, "mongodb: UnavailableError\n")
    service.reason = ""
    assert get(f"{url}/readyz") == (200, "ok\n")


def test_who_asks_from_inside_is_told_the_whole_reason(url: str, service: Service) -> None:
    service.reason = "the login is refused"
    whole = "mongodb: UnavailableError: the login is refused\n"
    assert get(f"{url}/readyz?verbose") == (503, whole)


def test_who_asks_from_elsewhere_is_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    service = Service()
    service.reason = "the login is refused"
    checks = {"mongodb": service.check}
    server = health.start(HealthSettings("0.0.0.0", port), Health(lambda: True, checks))  # noqa: S104
    try:
        with socket.create_connection(("127.0.0.1", port), TIMEOUT, ("127.0.0.3", 0)) as client:
            client.sendall(b"GET /readyz?verbose HTTP/1.0\r\n\r\n")
            answer = client.makefile("rb").read()
    finally:
        server.shutdown()
        server.server_close()
    assert answer.endswith(b"mongodb: UnavailableError\n")


def test_the_log_says_once_why_a_service_is_not_ready_and_once_that_it_is_again(
    url: str, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "servicekit.health")
    for service.reason in (
        "",
        "no answer from 127.0.0.1:27017 in 2.001 s",
        "no answer from 127.0.0.1:27018 in 1.9 s",
        "access denied",
        "access denied",
        "",
        "",
    ):
        get(f"{url}/readyz")
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "WARNING",
            "Not ready: mongodb: UnavailableError: no answer from 127.0.0.1:27017 in 2.001 s",
        ),
        ("WARNING", "Not ready: mongodb: UnavailableError: access denied"),
        ("INFO", "Ready again: mongodb"),
    ]


def test_a_stuck_service_is_not_live(url: str, service: Service) -> None:
    service.alive = False
    assert get(f"{url}/livez") == (503, "stuck\n")


def test_metrics_are_served_and_nothing_else(url: str) -> None:
    status, text = get(f"{url}/metrics")
    assert status == 200
    assert "python_info" in text
    assert get(f"{url}/")[0] == 404


def test_a_scraper_learns_of_a_dependency_that_went_down_though_nobody_probes(
    url: str, service: Service
) -> None:
    up = 'video2mp3_dependency_up{dependency="mongodb"} '
    assert f"{up}1.0\n" in get(f"{url}/metrics")[1]
    service.reason = "no answer"
    assert f"{up}0.0\n" in get(f"{url}/metrics")[1]


def test_a_client_that_says_nothing_does_not_hold_up_the_probes(url: str) -> None:
    port = int(url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), TIMEOUT):
        assert get(f"{url}/livez") == (200, "ok\n")
