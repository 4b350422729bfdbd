"""The message with a code is a contract of auth and the notifier, and tells no log the code."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicekit.accounts.message import CodeMessage, Purpose
from servicekit.errors import PermanentError

MESSAGE = CodeMessage("ann@example.com", Purpose.RESET, "the-code", 1_800_000_000)
GOOD = {
    "username": "ann@example.com",
    "purpose": "reset",
    "code": "the-code",
    "expires": 1_800_000_000,
}


def test_it_comes_back_as_it_was() -> None:
    assert json.loads(MESSAGE.encode()) == GOOD
    assert CodeMessage.decode(MESSAGE.encode().encode()) == MESSAGE


def test_no_log_line_has_the_code() -> None:
    assert json.loads(MESSAGE.shown) == GOOD | {"code": "hidden"}
    assert "the-code" not in f"{MESSAGE!r} {MESSAGE.about}"


@pytest.mark.parametrize(
    "changes",
    [
        {"username": ""},
        {"username": None},
        {"code": ""},
        {"code": 7},
        {"code": "\ud800"},
        {"purpose": "gossip"},
        {"purpose": None},
        {"expires": "soon"},
        {"expires": -1},
        {"expires": True},
        {"expires": None},
        {"expires": 10**20},
    ],
)
def test_a_field_that_is_missing_or_malformed_is_permanent(changes: dict[str, object]) -> None:
    with pytest.raises(PermanentError):
        CodeMessage.decode(json.dumps(GOOD | changes).encode())


@given(st.binary())
def test_no_bytes_raise_anything_but_permanent(body: bytes) -> None:
    with pytest.raises(PermanentError):
        CodeMessage.decode(body)
