"""How the page's files are served: compressed, and kept by browsers."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import page
from servicekit.http.app import make_app
from static_files import StaticFiles


@pytest.fixture
def client() -> Iterator[FlaskClient]:
    with make_app("page", page.blueprint()).test_client() as client:
        yield client


def addresses(text: str) -> set[str]:
    return set(re.findall(r'"(/static/[^"]+)"', text))


def test_what_the_page_names_is_kept_for_ever(client: FlaskClient) -> None:
    named = addresses(client.get("/").text)
    assert len(named) > 8
    for address in named:
        answer = client.get(address)
        assert answer.status_code == 200
        assert answer.cache_control.immutable
        assert (answer.cache_control.max_age or 0) > 30_000_000
    style = next(address for address in named if address.endswith("speaker.css"))
    (mask,) = addresses(client.get(style).text)
    assert client.get(mask).cache_control.immutable


def test_the_page_itself_is_asked_for_each_time(client: FlaskClient) -> None:
    first = client.get("/")
    assert first.headers["Cache-Control"] == "no-cache"
    assert client.get("/", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_a_version_of_another_gateway_is_answered_and_not_kept(client: FlaskClient) -> None:
    answer = client.get("/static/0123456789abcdef/js/main.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_change_of_any_file_changes_the_addresses(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text('<link href="/static/a.css">')
    (tmp_path / "a.css").write_text("a {}")
    before = page_of(tmp_path)
    (tmp_path / "a.css").write_text("b {}")
    assert page_of(tmp_path) != before


def page_of(folder: Path) -> bytes:
    app = make_app("page")
    with app.test_request_context("/") as context:
        answer = StaticFiles(folder).answer(context.request, "index.html")
    assert answer is not None
    return answer.get_data()


def test_who_takes_gzip_gets_fewer_bytes(client: FlaskClient) -> None:
    plain, small = 0, 0
    for address in addresses(client.get("/").text) | {"/"}:
        whole = client.get(address)
        packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in whole.headers
        assert gzip.decompress(packed.data) == whole.data
        assert packed.headers["ETag"] != whole.headers["ETag"]
        assert packed.headers["Vary"] == whole.headers["Vary"] == "Accept-Encoding"
        plain, small = plain + len(whole.data), small + len(packed.data)
    assert small < plain / 2.5


def test_who_refuses_gzip_gets_none(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in answer.headers
    assert "<!doctype html>" in answer.text


@pytest.mark.parametrize("path", ["../server.py", "..%2fserver.py", "js", "", "x/y/js/main.js"])
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}").status_code == 404
