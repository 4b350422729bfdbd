"""One log line an event: plain text for people, JSON for machines."""

import logging
import socket
import sys
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from servicekit import about
from servicekit.settings import Env

MAX_MESSAGE = 8192  # characters of a line of text

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


@dataclass(frozen=True)
class LogSettings:
    """How a service logs: `LOG_FORMAT` is text or json, `LOG_LEVEL` a level of `logging`."""

    format: str
    level: str

    @classmethod
    def read(cls, env: Env) -> "LogSettings":
        """Read `LOG_FORMAT` and `LOG_LEVEL`; problems are left with `env`."""
        return cls(
            format=env.choice("LOG_FORMAT", "text", ("text", "json")),
            level=env.choice("LOG_LEVEL", "INFO", LEVELS),
        )


def configure(settings: LogSettings, service: str) -> None:
    """Send all logs to standard output.

    Fields, those of `extra=` and of what the thread is about, appear in the JSON form only.
    """
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_TextFormatter("%(message)s"))
    if settings.format == "json":
        handler.setFormatter(
            _JsonFormatter(
                "{asctime}{levelname}{message}",
                style="{",
                rename_fields={"asctime": "time", "levelname": "level"},
                static_fields={"service": service, "pod": socket.gethostname()},
            )
        )
        handler.addFilter(_complete)
    logging.basicConfig(level=settings.level, handlers=[handler], force=True)
    # pika reports each failed attempt with a traceback; whoever calls it says it in one line.
    logging.getLogger("pika").setLevel(logging.CRITICAL)


def _complete(record: logging.LogRecord) -> bool:
    """Add the name of the event, which is the same for all lines of a kind, and what is known."""
    for name, value in {"event": str(record.msg), **about.fields()}.items():
        record.__dict__.setdefault(name, value)
    return True


class _JsonFormatter(JsonFormatter):
    """Its time is UTC, and says so."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class _TextFormatter(logging.Formatter):
    """A message is one line, and a traceback is indented, whatever a stranger put into them."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        message = super().formatMessage(record)
        return _visible(message[:MAX_MESSAGE]) + ("..." if len(message) > MAX_MESSAGE else "")

    def formatException(self, ei: Any) -> str:
        lines = super().formatException(ei).splitlines()
        return textwrap.indent("\n".join(map(_visible, lines)), "  ")


def _visible(text: str) -> str:
    """The text with what a terminal would obey, as a new line or a colour, written out."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
