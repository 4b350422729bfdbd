"""A token says who its owner is, until it ends, and nobody else can make one."""

import json
import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import TokenSettings
from tests.support.tokens import forged, part
from tokens import InvalidTokenError, Tokens

SECRET = "k" * 64
TOKENS = Tokens(TokenSettings(SECRET, "", 86400))


def signed(claims: dict[str, object], key: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, key, algorithm=algorithm)


def claims(**changes: object) -> dict[str, object]:
    return {"username": "ann@example.com", "exp": int(time.time()) + 60} | changes


def assert_refused(token: str) -> None:
    with pytest.raises(InvalidTokenError):
        TOKENS.claims(token)


def test_the_payload_is_exactly_the_username_and_the_end_a_day_later() -> None:
    before = int(time.time())
    token = TOKENS.issue("ann@example.com")
    payload = jwt.decode(token, SECRET, algorithms=["HS256"])
    assert list(payload) == ["username", "exp"]
    assert payload["username"] == "ann@example.com"
    assert before + 86400 <= payload["exp"] <= time.time() + 86400
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}


@given(st.text())
def test_a_token_gives_back_the_name_it_was_issued_for(username: str) -> None:
    assert TOKENS.claims(TOKENS.issue(username))["username"] == username


def test_an_expired_token_is_refused() -> None:
    assert_refused(signed(claims(exp=int(time.time()) - 1)))


def test_a_token_that_never_ends_is_refused() -> None:
    assert_refused(signed({"username": "ann@example.com"}))


@pytest.mark.parametrize("username", [None, 7, ["ann"], {}])
def test_a_token_without_a_name_is_refused(username: object) -> None:
    assert_refused(signed(claims(username=username)))
    assert_refused(signed({"exp": int(time.time()) + 60}))


def test_an_unsigned_token_is_refused() -> None:
    assert_refused(jwt.encode(claims(), None, algorithm="none"))
    header, payload, _ = TOKENS.issue("ann@example.com").split(".")
    assert_refused(f"{header}.{payload}.")


def test_a_token_signed_with_another_key_is_refused() -> None:
    assert_refused(signed(claims(), key="x" * 64))


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_of_another_algorithm_is_refused_even_with_our_key(algorithm: str) -> None:
    assert_refused(signed(claims(), algorithm=algorithm))


def test_a_token_that_names_another_algorithm_is_refused_whatever_its_signature() -> None:
    for algorithm in ("RS256", "ES256", "none", "hs256", "", None, ["HS256"]):
        assert_refused(forged(algorithm, claims(), SECRET, "sha256"))


def test_a_payload_changed_after_the_signature_is_refused() -> None:
    header, _, signature = TOKENS.issue("ann@example.com").split(".")
    changed = part(json.dumps(claims(username="root@example.com")).encode())
    assert_refused(f"{header}.{changed}.{signature}")


def test_a_header_of_deep_arrays_is_refused() -> None:
    assert_refused(f"{part(b'[' * 5000)}.e30.e30")


@given(st.text())
def test_garbage_is_refused(garbage: str) -> None:
    assert_refused(garbage)


@given(st.binary(), st.binary(), st.binary())
def test_garbage_in_the_form_of_a_token_is_refused(one: bytes, two: bytes, three: bytes) -> None:
    assert_refused(".".join(map(part, (one, two, three))))


def test_the_secret_does_not_show_in_a_log() -> None:
    assert SECRET not in repr(TOKENS)
