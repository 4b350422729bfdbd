"""Who came over TLS is told to stay with it, and nobody else can have that said."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.support import certificate
from tests.support.gateway import own_gateway
from tests.support.ingress import ingress
from tests.support.process import Process
from tests.support.stack import Stack

TIMEOUT = 10  # seconds
HSTS = "Strict-Transport-Security"
FORGED = {"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on", "X-Forwarded-Protocol": "ssl"}
# Of the page, of a view, of a refusal, and of no view.
ANSWERS = {"/": 200, "/openapi.json": 200, "/jobs": 401, "/unknown": 404}


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    """A gateway that trusts a proxy on this machine."""
    with own_gateway(stack, TRUSTED_PROXIES="127.0.0.0/8") as process:
        yield process


def ask(url: str, path: str, verify: str | None = None, **headers: str) -> requests.Response:
    """An answer by the name that the Ingress serves."""
    sent = {"Host": "video2mp3.com"} | headers
    return requests.get(url + path, headers=sent, verify=verify, timeout=TIMEOUT)


def test_every_answer_over_tls_says_to_stay_with_it(gateway: Process, tmp_path: Path) -> None:
    _, ca_file = certificate.make(tmp_path)
    with ingress(gateway.url, tls=tmp_path) as port:
        for path, status in ANSWERS.items():
            answer = ask(f"https://localhost:{port}", path, str(ca_file))
            assert answer.status_code == status
            assert answer.headers[HSTS] == "max-age=31536000; includeSubDomains"


def test_over_plain_http_nothing_says_so_whatever_a_client_claims(gateway: Process) -> None:
    with ingress(gateway.url) as port:
        for path, status in ANSWERS.items():
            answer = ask(f"http://127.0.0.1:{port}", path, **FORGED)
            assert answer.status_code == status
            assert HSTS not in answer.headers


def test_who_is_no_trusted_proxy_is_not_believed(stack: Stack) -> None:
    with own_gateway(stack) as gateway:
        for path, status in ANSWERS.items():
            answer = ask(gateway.url, path, **FORGED)
            assert answer.status_code == status
            assert HSTS not in answer.headers
