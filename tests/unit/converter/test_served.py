"""A video is read by the name that its job knows, as long as the job lasts, and by nobody else."""

import http.client
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from bson import ObjectId

from convert.source import Source
from served import VideoServer
from servicekit.gridfs.file import GridFile
from servicekit.gridfs.mongodb import Client, MongoSettings, connect

TIMEOUT = 10  # seconds
VIDEO = GridFile(ObjectId(), "a.mp4", 100, 255 * 1024, datetime.now(UTC))


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of no server, for what is refused before anything is read."""
    with connect(MongoSettings("mongodb://127.0.0.1:1", 0.1)) as client:
        yield client


def status(source: Source, path: str, first: int = 0) -> int:
    """The answer to a request for the bytes from `first` on."""
    connection = http.client.HTTPConnection("127.0.0.1", source.port, timeout=TIMEOUT)
    connection.request("GET", path, headers={"Range": f"bytes={first}-"})
    answer = connection.getresponse().status
    connection.close()
    return answer


def test_only_the_job_s_own_name_leads_to_its_video(client: Client) -> None:
    with VideoServer(client).hand_out(VIDEO) as source:
        assert [status(source, path) for path in ("/", "/video", "/%00")] == [404] * 3
        assert status(source, urlsplit(source.address).path, first=100) == 416


def test_after_the_job_its_name_leads_nowhere(client: Client) -> None:
    server = VideoServer(client)
    with server.hand_out(VIDEO) as source:
        pass
    with server.hand_out(VIDEO) as other:
        assert source.address != other.address
        assert status(source, urlsplit(source.address).path, first=100) == 404


def test_no_other_address_of_the_machine_has_it(client: Client) -> None:
    with VideoServer(client).hand_out(VIDEO) as source, pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", source.port), timeout=TIMEOUT)
