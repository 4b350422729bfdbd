"""Every request has an id: the client's if it is one, else a new one."""

import pytest

from servicekit import about
from servicekit.http.app import make_app

HEADER = "X-Request-Id"


def answered(sent: dict[str, str]) -> str:
    """The id in the answer to a request with these headers."""
    return make_app("any").test_client().get("/healthz", headers=sent).headers[HEADER]


@pytest.mark.parametrize(
    "sent",
    [
        "7",
        "6f1c2f7e-8c5e-4d59-93a4-0e6a6e3a3b51",
        "01J9Z3NDEKTSV4RRFFQ69G5FAV",
        "Root=1-67891233-abcdef012345678912345678",
        "a" * 128,
    ],
)
def test_an_id_of_a_clients_own_stays(sent: str) -> None:
    assert answered({HEADER: sent}) == sent


@pytest.mark.parametrize("sent", ["", "two words", "a" * 129, "\x1b[2J", "<b>", "é", "a\tb", "%0a"])
def test_what_is_no_id_is_replaced_by_a_new_one(sent: str) -> None:
    assert about.sane(answered({HEADER: sent})) not in ("", sent)


def test_each_request_without_an_id_gets_one_of_its_own() -> None:
    assert answered({}) != answered({})


def test_a_refused_request_has_an_id_too() -> None:
    answer = make_app("any").test_client().get("/nowhere", headers={HEADER: "mine"})
    assert (answer.status_code, answer.headers[HEADER]) == (404, "mine")
