"""What is counted of the requests is bounded, whatever clients invent."""

import logging

import pytest
from flask import Blueprint, Response
from prometheus_client import REGISTRY

from servicekit.http.app import make_app
from servicekit.http.responses import text


def _series() -> int:
    return sum(
        len(family.samples)
        for family in REGISTRY.collect()
        if family.name.startswith("video2mp3_http_")
    )


def test_invented_methods_and_paths_are_one_series() -> None:
    client = make_app("any").test_client()
    client.open("/healthz", method="INVENTED")
    client.open("/invented", method="INVENTED")
    before = _series()
    for n in range(20):
        client.open("/healthz", method=f"INVENTED{n}")
        client.open(f"/invented{n}", method=f"INVENTED{n}")
    assert _series() == before


def test_known_methods_are_counted_by_name() -> None:
    labels = {"method": "GET", "endpoint": "healthz", "code": "200"}
    before = REGISTRY.get_sample_value("video2mp3_http_requests_total", labels) or 0
    make_app("any").test_client().get("/healthz")
    assert REGISTRY.get_sample_value("video2mp3_http_requests_total", labels) == before + 1


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
@pytest.mark.parametrize(
    "path", ["/links/hidden/", "/feed/hidden.rss", "/feed/hidden/1", "/feed/hidden"]
)
def test_a_secret_in_an_address_is_not_logged(
    path: str, method: str, caplog: pytest.LogCaptureFixture
) -> None:
    door = Blueprint("door", __name__)

    @door.get("/links/<path:secret>")
    @door.get("/feed/<secret>.rss")
    @door.get("/feed/<secret>/<number>")
    def link(secret: str, number: str = "") -> Response:
        return text(secret + number, 200)

    with caplog.at_level(logging.DEBUG):
        make_app("any", door).test_client().open(path, method=method)
    assert "hidden" not in caplog.text
    assert f"{method} {path.partition('hidden')[0]}<" in caplog.text
