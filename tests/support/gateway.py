"""Gateways of a test's own, requests that no polite client sends, and what they leave behind."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pymongo
from bson import ObjectId

from servicekit.gridfs.upload import UploadStream
from tests.support.process import Process, free_port
from tests.support.stack import Stack

Mongo = pymongo.MongoClient[dict[str, Any]]

BOUNDARY = "xYzZy"
FORM_TYPE = f"multipart/form-data; boundary={BOUNDARY}"
TIMEOUT = 30  # seconds without a byte


@contextmanager
def own_gateway(stack: Stack, **settings: str) -> Iterator[tuple[Process, str]]:
    """A gateway on the stack's servers with settings of its own: the process and its URL."""
    port = str(free_port())
    environ = {
        "HOST": "127.0.0.1",
        "PORT": port,
        "MONGODB_URI": stack.env["MONGODB_URI"],
        "RABBITMQ_URL": stack.env["RABBITMQ_URL"],
        "AUTH_SVC_ADDRESS": urlsplit(stack.env["AUTH_URL"]).netloc,
    }
    with Process("gateway", environ | settings) as process:
        process.wait_until_ready()
        yield process, f"http://127.0.0.1:{port}"


def part(name: str, content: bytes, filename: str | None = None) -> bytes:
    """One part of a form; with a filename it is a file."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'
    if filename is not None:
        head += f'; filename="{filename}"'
    return f"{head}\r\n\r\n".encode() + content + b"\r\n"


def form(*parts: bytes) -> bytes:
    """A whole form."""
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


@contextmanager
def begun_upload(url: str, token: str, length: int) -> Iterator[http.client.HTTPConnection]:
    """A connection on which the head of an upload of `length` bytes is sent, and no body yet."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)
    connection.putrequest("POST", "/upload")
    connection.putheader("Authorization", f"Bearer {token}")
    connection.putheader("Content-Type", FORM_TYPE)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        yield connection
    finally:
        connection.close()


def answer(connection: http.client.HTTPConnection) -> tuple[int, str]:
    """The status and text that a begun upload gets."""
    response = connection.getresponse()
    return response.status, response.read().decode()


def store_video(
    mongo: Mongo,
    username: str,
    content: bytes = b"x",
    **metadata: Any,
) -> ObjectId:
    """A video that no message was sent for; its id."""
    with UploadStream(mongo["videos"]) as upload:
        upload.write(content)
        upload.finish("film.mp4", "video/mp4", {"username": username} | metadata)
    return upload.file_id


def videos_of(mongo: Mongo, username: str) -> list[dict[str, Any]]:
    """The documents of a user's videos."""
    return list(mongo["videos"]["fs.files"].find({"metadata.username": username}))


def orphans(mongo: Mongo, database: str = "videos") -> set[Any]:
    """The ids of files that have chunks and no document."""
    files = mongo[database]["fs.files"].distinct("_id")
    return set(mongo[database]["fs.chunks"].distinct("files_id")) - set(files)
