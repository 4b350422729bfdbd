"""A client of the gateway, as thin as curl."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

TIMEOUT = 120  # seconds without a byte
PIECE = 1 << 20


class FormFile:
    """A multipart body with one file, read as it is sent: `requests` would hold it in memory."""

    def __init__(self, path: Path, filename: str, fields: dict[str, str]) -> None:
        boundary = uuid.uuid4().hex
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
            for name, value in fields.items()
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
        head += f'filename="{filename}"\r\nContent-Type: video/mp4\r\n\r\n'
        self._head, self._tail = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._path = path
        self.content_type = f"multipart/form-data; boundary={boundary}"

    def __len__(self) -> int:
        return len(self._head) + self._path.stat().st_size + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        with self._path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece
        yield self._tail


class Client:
    """One user's view of a gateway."""

    def __init__(self, gateway_url: str, token: str | None = None) -> None:
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
        form = FormFile(path, filename or path.name, fields)
        return self.request("POST", "/upload", {"Content-Type": form.content_type}, data=form)

    def download(self, fid: str, **headers: str) -> requests.Response:
        """Download an MP3; header names are given with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.request("GET", "/download", named, params={"fid": fid})
