"""Text lines are bare, as the tutorial shows them; JSON lines are objects with fields."""

import json
import logging
from collections.abc import Iterator

import pytest

from servicekit import logs
from servicekit.logs import LogSettings


@pytest.fixture(autouse=True)
def root_logger_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def test_text_is_the_message_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("text", "INFO"), "converter")
    logging.getLogger("any").info("Waiting for %s...", "messages", extra={"job_id": "7"})
    assert capsys.readouterr().out == "Waiting for messages...\n"


def test_json_is_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("json", "INFO"), "converter")
    logging.getLogger("any").warning("two\nlines", extra={"job_id": "7", "duration": 1.5})
    (line,) = capsys.readouterr().out.splitlines()
    fields = json.loads(line)
    assert fields.pop("time")
    assert fields == {
        "level": "WARNING",
        "message": "two\nlines",
        "service": "converter",
        "job_id": "7",
        "duration": 1.5,
    }


def test_a_json_exception_stays_in_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("json", "INFO"), "auth")
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("any").exception("failed")
    (line,) = capsys.readouterr().out.splitlines()
    assert "ValueError: boom" in json.loads(line)["exc_info"]


def test_lines_below_the_level_do_not_appear(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("text", "WARNING"), "auth")
    logging.getLogger("any").info("quiet")
    logging.getLogger("any").warning("loud")
    assert capsys.readouterr().out == "loud\n"
