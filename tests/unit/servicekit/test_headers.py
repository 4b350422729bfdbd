"""No browser or cache keeps an answer, guesses its type, or gives it to another site."""

import pytest
from flask import Blueprint, Response

from servicekit.errors import UnavailableError
from servicekit.http.app import make_app
from servicekit.http.errors import RefusedError
from servicekit.http.responses import text

ERRORS = {
    "unavailable": UnavailableError("nobody"),
    "refused": RefusedError("No"),
    "unexpected": ValueError("boom"),
}


@pytest.mark.parametrize("path", ["/healthz", "/unknown", *ERRORS])
def test_every_answer_says_so(path: str) -> None:
    door = Blueprint("door", __name__)

    @door.get("/<error>")
    def fail(error: str) -> Response:
        raise ERRORS[error] if error in ERRORS else RefusedError("Not Found", 404)

    headers = make_app("any", door).test_client().get(path).headers
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/healthz", "/unknown"])
def test_whoever_comes_over_tls_is_told_to_stay_with_it(path: str) -> None:
    client = make_app("any").test_client()
    over_tls = client.get(path, base_url="https://video2mp3.com").headers
    assert over_tls["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"
    assert "Strict-Transport-Security" not in client.get(path).headers


def test_a_view_may_know_better() -> None:
    door = Blueprint("door", __name__)

    @door.get("/kept")
    def kept() -> Response:
        return text("kept", 200, {"Cache-Control": "no-cache"})

    answer = make_app("any", door).test_client().get("/kept")
    assert answer.headers.getlist("Cache-Control") == ["no-cache"]
