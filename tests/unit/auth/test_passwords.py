"""Only the right password matches, whatever form it is stored in, and the old forms go away."""

import bcrypt
import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from hypothesis import given, settings
from hypothesis import strategies as st

from passwords import COMMON, MAX_BYTES, matches, refusal, upgrade

WEAK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def bcrypt_hash(password: bytes) -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(rounds=4)).decode()


def assert_argon2id(stored: str | None) -> None:
    assert stored is not None
    parameters = extract_parameters(stored)
    cost = (parameters.memory_cost, parameters.time_cost, parameters.parallelism)
    assert (parameters.type, cost) == (Type.ID, (19456, 2, 1))


@pytest.mark.parametrize("stored", ["Admin123", bcrypt_hash(b"Admin123"), WEAK.hash("Admin123")])
def test_every_stored_form_takes_the_right_password_only(stored: str) -> None:
    assert matches("Admin123", stored)
    for wrong in ("admin123", "Admin12", "Admin1234", " Admin123", ""):
        assert not matches(wrong, stored)


@pytest.mark.parametrize("stored", ["Admin123", bcrypt_hash(b"Admin123"), WEAK.hash("Admin123")])
def test_an_old_form_is_replaced_by_argon2id_of_the_same_password(stored: str) -> None:
    better = upgrade("Admin123", stored)
    assert_argon2id(better)
    assert matches("Admin123", better)
    assert not matches("Admin124", better)


def test_a_hash_of_today_stays() -> None:
    today = upgrade("Admin123", "Admin123")
    assert today
    assert upgrade("Admin123", today) is None


def test_two_users_with_one_password_have_two_hashes() -> None:
    assert upgrade("Admin123", "Admin123") != upgrade("Admin123", "Admin123")


def test_an_unknown_user_has_no_password() -> None:
    assert not matches("Admin123", None)


@pytest.mark.parametrize("form", ["argon2id", "bcrypt"])
def test_a_stolen_hash_is_no_password(form: str) -> None:
    stored = WEAK.hash("Admin123") if form == "argon2id" else bcrypt_hash(b"Admin123")
    assert not matches(stored, stored)
    assert not matches(stored[:-9], stored[:-9])


@pytest.mark.parametrize("stored", ["", "Admin123", WEAK.hash("")])
def test_an_empty_password_never_matches(stored: str) -> None:
    assert not matches("", stored)


def test_a_password_beyond_the_bound_never_matches() -> None:
    assert matches("x" * MAX_BYTES, "x" * MAX_BYTES)
    assert not matches("x" * (MAX_BYTES + 1), "x" * (MAX_BYTES + 1))
    assert not matches("ä" * (MAX_BYTES // 2 + 1), "ä" * (MAX_BYTES // 2 + 1))


def test_a_long_password_with_a_bcrypt_hash_logs_in_but_keeps_the_hash() -> None:
    stored = bcrypt_hash(b"x" * 72)
    assert matches("x" * 80, stored)
    assert upgrade("x" * 80, stored) is None
    assert not matches("x" * 71, stored)


def test_a_nul_byte_is_part_of_the_password() -> None:
    assert not matches("Admin123\0", "Admin123")
    assert not matches("Admin123\0", WEAK.hash("Admin123"))
    assert not matches("Admin123\0", bcrypt_hash(b"Admin123"))


@pytest.mark.parametrize(
    "stored", ["$2b$12$", "$2b$99$" + "x" * 53, "$argon2id$", "$argon2id$v=19$m"]
)
def test_a_damaged_hash_matches_nothing(stored: str) -> None:
    assert not matches("Admin123", stored)
    assert not matches(stored, stored)


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40), st.text(max_size=40))
def test_any_text_can_be_a_password(password: str, other: str) -> None:
    stored = WEAK.hash(password)
    assert matches(password, stored)
    assert matches(other, stored) == (other == password)


@pytest.mark.parametrize("new", ["Sonne-im-Oktober", "eightlet", "\U0001f511" * 8, "x" * MAX_BYTES])
def test_a_new_password_may_be_any_text_that_is_long_enough(new: str) -> None:
    assert refusal(new) is None


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        ("", "8 characters"),
        ("sevenle", "8 characters"),
        ("x" * (MAX_BYTES + 1), "1024 bytes"),
        ("ä" * (MAX_BYTES // 2 + 1), "1024 bytes"),
        ("half a character \ud83d", "not text"),
        ("Password1", "common"),
        ("my-Video2MP3-login", "name of this service"),
        ("ADMIN123", "common"),
        ("1234567890", "common"),
    ],
)
def test_a_bad_new_password_is_refused_with_the_reason(new: str, reason: str) -> None:
    assert reason in (refusal(new) or "")


def test_the_most_frequent_passwords_of_breaches_are_refused() -> None:
    lines = COMMON.read_text(encoding="ascii").splitlines()
    common = [line for line in lines if not line.startswith("# ")]
    assert len(set(common)) == 8346
    assert all("common" in (refusal(password.title()) or "") for password in common)
