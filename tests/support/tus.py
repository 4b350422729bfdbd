"""A client of /uploads, as thin as curl: one request of tus 1.0.0 at a time."""

import base64

import requests
from bson import ObjectId

from tests.support.client import Client

VERSION = {"Tus-Resumable": "1.0.0"}
PART = VERSION | {"Content-Type": "application/offset+octet-stream"}


def metadata(**values: str) -> dict[str, str]:
    """The header that names a file and says what is wanted of it."""
    pairs = (f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in values.items())
    return {"Upload-Metadata": ",".join(pairs)}


def begin(
    client: Client, length: int, body: bytes = b"", filename: str = "talk.mp4", **options: str
) -> requests.Response:
    """POST: an upload of `length` bytes, with its first ones."""
    headers = {"Upload-Length": str(length)} | metadata(filename=filename, **options)
    return client.request("POST", "/uploads", (PART if body else VERSION) | headers, data=body)


def begun(client: Client, length: int) -> str:
    """The address of a new upload."""
    answer = begin(client, length)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


def id_of(url: str) -> ObjectId:
    """That of an upload, and of the job that it becomes."""
    return ObjectId(url.rpartition("/")[2])


def add(client: Client, url: str, offset: int, body: bytes, **headers: str) -> requests.Response:
    """PATCH: the bytes from `offset` on; header names have underscores."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request("PATCH", url, PART | {"Upload-Offset": str(offset)} | more, data=body)


def offset(client: Client, url: str) -> int:
    """HEAD: how many bytes have come."""
    answer = client.request("HEAD", url, VERSION)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return int(answer.headers["Upload-Offset"])
