"""Settings are read once, checked all together, and reported without their values."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Self

import pytest

from servicekit.settings import Env, EnvSettings, SettingsError


def problems(environ: dict[str, str], read: Callable[[Env], object]) -> str:
    env = Env(environ)
    read(env)
    with pytest.raises(SettingsError) as raised:
        env.check()
    return str(raised.value)


def test_an_unset_or_empty_setting_has_its_default() -> None:
    for environ in ({}, {"N": ""}):
        env = Env(environ)
        assert env.text("N", "d") == "d"
        assert env.integer("N", 7, 1, 9) == 7
        assert env.seconds("N", 0.5, 0, 9) == 0.5
        assert env.choice("N", "a", ("a", "b")) == "a"
        assert env.url("N", "amqp://host", ("amqp",)) == "amqp://host"
        assert env.networks("N", "10.0.0.0/8") == (ip_network("10.0.0.0/8"),)
        assert env.networks("N", "") == ()
        env.check()


def test_good_values_are_taken() -> None:
    env = Env(
        {
            "T": "x",
            "I": "9",
            "S": "1.5",
            "C": "b",
            "U": "amqps://u:p@h:1/v",
            "W": "10.0.0.0/8,fd00::1",
        }
    )
    assert (env.text("T"), env.integer("I", 1, 1, 9), env.seconds("S", 1, 0, 2)) == ("x", 9, 1.5)
    assert env.choice("C", "a", ("a", "b")) == "b"
    assert env.url("U", "amqp://h", ("amqp", "amqps")) == "amqps://u:p@h:1/v"
    assert env.networks("W", "") == (ip_network("10.0.0.0/8"), ip_network("fd00::1"))
    env.check()


@pytest.mark.parametrize("value", ["10.0.0.1/8", "10.0.0.0/33", "localhost", "10.0.0.0/8; ::1"])
def test_a_bad_network_is_told(value: str) -> None:
    assert "W must be networks" in problems({"W": value}, lambda env: env.networks("W", ""))


@pytest.mark.parametrize("value", ["ten", "1.5", "", "0", "10", "1e1", "nan"])
def test_a_number_out_of_bounds_or_no_number_is_named_and_not_shown(value: str) -> None:
    text = problems({"N": value or "-"}, lambda env: env.integer("N", 5, 1, 9))
    assert text.startswith("N must be ")
    assert text.count("N ") == 1


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "soon"])
def test_seconds_are_finite_and_within_bounds(value: str) -> None:
    assert "WAIT must be" in problems({"WAIT": value}, lambda env: env.seconds("WAIT", 1, 0, 60))


@pytest.mark.parametrize("value", ["http://host", "amqp:/host", "host", "amqp://", "amqp://[::1"])
def test_a_url_has_a_known_scheme_and_a_host(value: str) -> None:
    text = problems({"URL": value}, lambda env: env.url("URL", "amqp://host", ("amqp",)))
    assert text == "URL must be a URL like amqp://host"


def test_all_problems_come_at_once_and_show_no_value() -> None:
    environ = {"SHORT": "hunter2", "COUNT": "hunter3", "MODE": "hunter4"}

    def read(env: Env) -> None:
        env.text("MISSING")
        env.secret("SHORT", min_bytes=32)
        env.integer("COUNT", 1, 1, 9)
        env.choice("MODE", "a", ("a", "b"))

    text = problems(environ, read)
    assert text == (
        "MISSING is not set; SHORT must have at least 32 bytes; "
        "COUNT must be a whole number; MODE must be one of a, b"
    )


def test_a_secret_may_come_from_a_file_and_loses_its_line_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("s3cret\n", encoding="utf-8")
    assert Env({"KEY_FILE": str(file)}).secret("KEY") == "s3cret"
    assert Env({"KEY_FILE": str(file), "KEY": ""}).secret("KEY") == "s3cret"
    assert Env({"KEY_FILE": str(file), "KEY": "own"}).secret("KEY") == "own"


def test_a_secret_file_that_is_missing_or_no_text_is_a_problem(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for file in (tmp_path / "missing", tmp_path, binary):
        text = problems({"KEY_FILE": str(file)}, lambda env: env.secret("KEY", min_bytes=8))
        assert "KEY_FILE cannot be read" in text
        assert str(file) not in text


@dataclass(frozen=True)
class Two(EnvSettings):
    """Two settings that must be there."""

    a: str
    b: str

    @classmethod
    def read(cls, env: Env) -> Self:
        return cls(env.text("A"), env.secret("B"))


def test_bad_settings_end_the_process_with_one_line() -> None:
    with pytest.raises(SystemExit) as ended:
        Two.load({})
    assert ended.value.code == "cannot start: A is not set; B is not set"


def test_every_setting_that_is_read_can_be_listed() -> None:
    env = Env({"A": "x"})
    Two.read(env)
    assert env.asked == {"A", "B"}
