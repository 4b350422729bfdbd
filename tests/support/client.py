"""A client of the gateway, as thin as curl."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import requests

from tests.support.multipart import FORM_TYPE, StreamedForm

TIMEOUT = 120  # seconds without a byte
UNAVAILABLE_WITHIN = 15.0  # seconds; the promise to a client during an outage


class Client:
    """One user of a gateway."""

    def __init__(self, gateway_url: str, token: str = "") -> None:
        self.url = gateway_url
        self.token = token

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **options: Any
    ) -> requests.Response:
        """Any request, with the token if there is one."""
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        sent = own | (headers or {})
        return requests.request(method, self.url + path, headers=sent, timeout=TIMEOUT, **options)

    def login(self, email: str, password: str) -> requests.Response:
        """Log in, and keep the token if it goes well."""
        answer = self.request(
            "POST", "/login", auth=requests.auth.HTTPBasicAuth(email.encode(), password.encode())
        )
        if answer.ok:
            self.token = answer.text
        return answer

    def upload(self, path: Path, filename: str | None = None, **fields: str) -> requests.Response:
        """Upload the file at `path`, under another name if one is given."""
        return self.send_form(StreamedForm.of_file(path, filename or path.name, **fields))

    def send_form(self, body: bytes | Iterable[bytes], **headers: str) -> requests.Response:
        """Upload a form of `multipart`, whole or in pieces; header names have underscores."""
        return self.request(
            "POST", "/upload", {"Content-Type": FORM_TYPE} | _named(headers), data=body
        )

    def download(self, fid: str, **headers: str) -> requests.Response:
        """Download an MP3; header names have underscores."""
        return self.request("GET", "/download", _named(headers), params={"fid": fid})


def assert_unavailable(send: Callable[[], requests.Response]) -> None:
    """The request gets 503 with `Retry-After`, in time."""
    started = time.monotonic()
    answer = send()
    assert time.monotonic() - started < UNAVAILABLE_WITHIN
    assert (answer.status_code, answer.text) == (503, "Service Unavailable")
    assert int(answer.headers["Retry-After"]) > 0


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
