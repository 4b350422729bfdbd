"""Text lines are bare, as the tutorial shows them; JSON lines are objects with fields."""

import json
import logging
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from servicekit import about, logs
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
    assert datetime.fromisoformat(fields.pop("time")).utcoffset() == timedelta(0)
    assert fields == {
        "level": "WARNING",
        "message": "two\nlines",
        "event": "two\nlines",
        "service": "converter",
        "pod": socket.gethostname(),
        "job_id": "7",
        "duration": 1.5,
    }


def test_json_says_what_the_thread_is_about_and_names_the_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    logs.configure(LogSettings("json", "INFO"), "converter")
    with about.about(request_id="r", job_id="7", user=""):
        logging.getLogger("any").info("Took %d", 3, extra={"job_id": "8"})
        about.add(step="cover")
        logging.getLogger("any").info("More")
    logging.getLogger("any").info("Else")
    took, more, other = map(json.loads, capsys.readouterr().out.splitlines())
    assert (took["event"], took["message"]) == ("Took %d", "Took 3")
    assert (took["request_id"], took["job_id"]) == ("r", "8")
    assert (more["request_id"], more["job_id"], more["step"]) == ("r", "7", "cover")
    assert "user" not in more
    assert not {"request_id", "job_id", "step"} & set(other)


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


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("/a\n200 GET /forged", r"/a\n200 GET /forged"),
        ("/\x1b[2J\x07\x7f\x9b", r"/\x1b[2J\x07\x7f\x9b"),
        ("/\u2028\u202e\ud800", r"/\u2028\u202e\ud800"),
        ("/häß 😀", "/häß 😀"),
    ],
)
def test_what_a_stranger_sends_stays_in_its_line(
    capsys: pytest.CaptureFixture[str], sent: str, shown: str
) -> None:
    logs.configure(LogSettings("text", "INFO"), "gateway")
    logging.getLogger("any").info("GET %s 404", sent)
    assert capsys.readouterr().out == f"GET {shown} 404\n"


def test_a_line_has_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("text", "INFO"), "gateway")
    logging.getLogger("any").info("x" * 100_000)
    assert len(capsys.readouterr().out) < 10_000


def test_an_exception_forges_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(LogSettings("text", "INFO"), "gateway")
    try:
        raise ValueError("boom\nGET /forged 200\x1b[2J")
    except ValueError:
        logging.getLogger("any").exception("failed")
    first, *others = capsys.readouterr().out.splitlines()
    assert first == "failed"
    assert all(line.startswith("  ") for line in others)
    assert others[-1] == r"  GET /forged 200\x1b[2J"
