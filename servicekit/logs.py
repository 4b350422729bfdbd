"""One log line an event: plain text for people, JSON for machines."""

import logging
import sys
from dataclasses import dataclass

from pythonjsonlogger.json import JsonFormatter

from servicekit.settings import Env

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
    """Send all logs to standard output; `extra=` fields appear in the JSON form only."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    if settings.format == "json":
        handler.setFormatter(
            JsonFormatter(
                "{asctime}{levelname}{message}",
                style="{",
                rename_fields={"asctime": "time", "levelname": "level"},
                static_fields={"service": service},
            )
        )
    logging.basicConfig(level=settings.level, handlers=[handler], force=True)
    # pika reports each failed attempt with a traceback; whoever calls it says it in one line.
    logging.getLogger("pika").setLevel(logging.CRITICAL)
