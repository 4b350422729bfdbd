"""Whoever asks, by whatever id: nobody gets or changes what is another user's."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support import users
from tests.support.files import Mongo
from tests.support.gateway import own_gateway
from tests.support.people import EVERYBODY, Files, Person, person, store_files
from tests.support.process import Process
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.system.door.ownership import ROUTES, Form, Route

TIMEOUT = 30  # seconds

Answered = tuple[int, str]


@pytest.fixture(scope="module")
def gateway(stack: Stack) -> Iterator[Process]:
    with own_gateway(stack) as process:
        yield process


def test_every_route_of_the_description_has_a_row() -> None:
    paths = json.loads((ROOT / "gateway/openapi.json").read_text(encoding="utf-8"))["paths"]
    described = {
        f"{method.upper()} {path}"
        for path, methods in paths.items()
        for method in methods.keys() - {"parameters"}
    }
    assert set(ROUTES) == described


@pytest.mark.parametrize("who", EVERYBODY)
@pytest.mark.parametrize("name", ROUTES)
def test_an_id_gives_its_owner_the_file_and_nobody_else(
    name: str, who: str, stack: Stack, gateway: Process, mongo: Mongo
) -> None:
    route, asking = ROUTES[name], person(stack, who)
    strangers = store_files(mongo, users.unused_email())
    wrong = {}
    for form, write in route.all_forms().items():
        owner = users.unused_email() if who in ("nobody", "another") else asking.email
        files = store_files(mongo, owner)
        before = _stored(mongo, files, strangers)
        file_id = _written(route, write, files, strangers)
        status, body = _send(gateway, name.split()[0], file_id, route, asking)
        due, pattern = route.answer(who, form)
        if name.startswith("HEAD "):  # of it only the status comes
            pattern = ""
        pattern = pattern.replace("ID", str(files.video)).replace("OWNER", re.escape(owner))
        if status != due or not re.fullmatch(pattern, body, re.DOTALL):
            wrong[form] = (status, body[:200])
        assert strangers.email not in body, form
        if not route.is_owners(who, form):
            assert asking.email == owner or owner not in body, form
            assert _stored(mongo, files, strangers) == before, form
    assert not wrong


def _written(route: Route, write: Form, files: Files, strangers: Files) -> str:
    """An id of the route's database, in one form."""
    if route.database == "mp3":
        return write(files.mp3, files.video, strangers.mp3)
    return write(files.video, files.mp3, strangers.video)


def _send(gateway: Process, method: str, file_id: str, route: Route, asking: Person) -> Answered:
    """The status and the body; the id goes out as it is."""
    headers = route.headers | (asking.basic if route.password else asking.bearer)
    if route.kind:
        headers = headers | {"Content-Type": route.kind}
    path, sent = route.target.format(id=file_id), route.body.replace(b"{id}", file_id.encode())
    connection = http.client.HTTPConnection(urlsplit(gateway.url).netloc, timeout=TIMEOUT)
    with closing(connection):
        connection.request(method, path, sent, headers)
        response = connection.getresponse()
        return response.status, response.read().decode(errors="replace")


def _stored(mongo: Mongo, *of: Files) -> list[dict[str, Any] | None]:
    """The documents of these files, None for one that is gone."""
    return [
        mongo[database]["fs.files"].find_one(file_id)
        for files in of
        for database, file_id in (("videos", files.video), ("mp3s", files.mp3))
    ]
