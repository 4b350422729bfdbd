"""An error is plain text, as ever, and a problem by RFC 9457 for who asks for JSON."""

import pytest
from flask import Blueprint, Response
from werkzeug.test import TestResponse

from servicekit.errors import UnavailableError
from servicekit.http import problem
from servicekit.http.app import make_app
from servicekit.http.errors import RefusedError
from servicekit.http.problem import PROBLEM, Code

JSON = "application/json"
ERRORS = {
    "job": RefusedError("Job not found", 404, Code.JOB_NOT_FOUND),
    "bad": RefusedError("limit must be a whole number"),
    "sum": RefusedError("Checksum Mismatch", 460, Code.CHECKSUM_MISMATCH),
    "unavailable": UnavailableError("nobody is told this"),
    "defect": ValueError("nor this"),
}


def ask(path: str, accept: str | None, method: str = "GET") -> TestResponse:
    door = Blueprint("door", __name__)

    @door.get("/errors/<error>")
    def fail(error: str) -> Response:
        raise ERRORS[error]

    headers = {"Accept": accept} if accept else {}
    return make_app("any", door).test_client().open(path, method=method, headers=headers)


@pytest.mark.parametrize(
    "accept",
    [
        JSON,
        PROBLEM,
        "Application/JSON; charset=utf-8",
        "application/json, text/plain, */*",  # axios
        "text/plain;q=0.5, application/json",
        "text/html, application/json;q=0.9",
    ],
)
def test_who_asks_for_json_gets_a_problem(accept: str) -> None:
    answer = ask("/errors/job", accept)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == PROBLEM
    assert answer.json == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Job not found",
        "code": "job_not_found",
    }


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "*/*",  # curl
        "text/plain",
        "text/plain, application/json;q=0.9",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",  # a browser
        "application/json;q=0",
        "nonsense",
    ],
)
def test_everybody_else_gets_the_text_alone(accept: str | None) -> None:
    answer = ask("/errors/job", accept)
    assert (answer.text, answer.headers["Content-Type"]) == (
        "Job not found",
        "text/plain; charset=utf-8",
    )


def test_a_cache_keeps_both_apart() -> None:
    assert ask("/errors/job", None).headers["Vary"] == "Accept"
    assert ask("/errors/job", JSON).headers["Vary"] == "Accept"


@pytest.mark.parametrize(
    ("path", "method", "status", "title", "code"),
    [
        ("/errors/bad", "GET", 400, "Bad Request", "bad_request"),
        ("/errors/sum", "GET", 460, "Checksum Mismatch", "checksum_mismatch"),
        ("/errors/unavailable", "GET", 503, "Service Unavailable", "unavailable"),
        ("/errors/defect", "GET", 500, "Internal Server Error", "internal"),
        ("/unknown", "GET", 404, "Not Found", "not_found"),
        ("/healthz", "DELETE", 405, "Method Not Allowed", "method_not_allowed"),
    ],
)
def test_every_kind_of_error_has_a_code(
    path: str, method: str, status: int, title: str, code: str
) -> None:
    answer = ask(path, JSON, method)
    assert answer.json is not None
    found = {name: answer.json[name] for name in ("title", "status", "code")}
    assert found == {"title": title, "status": status, "code": code}
    assert answer.status_code == status


def test_a_problem_has_the_headers_of_the_text_and_says_no_more() -> None:
    unavailable = ask("/errors/unavailable", JSON)
    assert unavailable.headers["Retry-After"] == "5"
    assert "nobody" not in unavailable.text
    defect = ask("/errors/defect", JSON)
    assert defect.json is not None
    assert defect.json["error_id"] == defect.headers["X-Error-Id"]
    assert "nor this" not in defect.text
    assert ask("/healthz", JSON, "DELETE").headers["Allow"]


def test_an_unknown_code_of_another_service_is_that_of_its_status() -> None:
    assert problem.read({"code": "of_tomorrow", "detail": "No"}, 409) == ("No", Code.CONFLICT)
    assert problem.read({"code": "account_exists", "detail": "No"}, 409) == (
        "No",
        Code.ACCOUNT_EXISTS,
    )
