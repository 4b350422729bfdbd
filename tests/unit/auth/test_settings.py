"""The auth service starts with good settings only, and tells which are bad without their values."""

import subprocess
import sys
from pathlib import Path

import pytest

from servicekit.settings import SettingsError
from settings import Settings

AUTH = Path(__file__).parents[3] / "auth"
GOOD = {"MYSQL_PASSWORD": "Auth123!", "JWT_SECRET": "s" * 32}


def test_two_secrets_are_enough_and_the_rest_has_the_documented_defaults() -> None:
    settings = Settings.from_env(GOOD)
    mysql = settings.mysql
    assert (mysql.hosts, mysql.port, mysql.user, mysql.database, mysql.timeout) == (
        (("localhost",), 3306, "auth_user", "auth", 3)
    )
    assert settings.tokens.lifetime == 86400
    assert (settings.server.port, settings.server.threads, settings.server.grace) == (5000, 16, 20)


def test_all_bad_settings_are_named_at_once_and_no_value_is_shown() -> None:
    environ = {
        "JWT_SECRET": "too short",
        "MYSQL_PORT": "no port",
        "MYSQL_TIMEOUT": "999",
        "TOKEN_LIFETIME": "-5",
    }
    with pytest.raises(SettingsError) as raised:
        Settings.from_env(environ)
    text = str(raised.value)
    for name in ("MYSQL_PASSWORD", *environ):
        assert name in text
    for value in environ.values():
        assert value not in text


def test_a_short_secret_is_measured_in_bytes() -> None:
    with pytest.raises(SettingsError, match="JWT_SECRET"):
        Settings.from_env(GOOD | {"JWT_SECRET": "s" * 31})
    assert Settings.from_env(GOOD | {"JWT_SECRET": "ä" * 16}).tokens.secret == "ä" * 16


def test_no_secret_shows_when_the_settings_are_printed() -> None:
    shown = repr(Settings.from_env(GOOD))
    assert "Auth123!" not in shown
    assert GOOD["JWT_SECRET"] not in shown


def test_a_service_with_bad_settings_ends_with_one_line_and_code_1() -> None:
    environ = {"PYTHONPATH": str(AUTH.parent), "JWT_SECRET": "too short"}
    ended = subprocess.run(
        [sys.executable, "server.py"],
        cwd=AUTH,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert ended.stderr.startswith("cannot start: MYSQL_PASSWORD is not set; JWT_SECRET must")
    assert "too short" not in ended.stderr
