"""The operator's programs of the broker's image, `dead` and `queue`, on a test's own queues."""

import os
import subprocess
import sys

from tests.support.broker import Broker
from tests.support.project import ROOT

TIMEOUT = 60  # seconds


def begin(broker: Broker | str, *command: str) -> subprocess.Popen[str]:
    """Start a program, whose output is kept, on a broker or at an address."""
    url = broker if isinstance(broker, str) else broker.admin_url
    return subprocess.Popen(
        [sys.executable, ROOT / "broker" / command[0], *command[1:]],
        env={"PATH": os.environ["PATH"], "RABBITMQ_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(program: subprocess.Popen[str], code: int = 0) -> str:
    """What it printed, or its complaint for another code than 0; the code must be this one."""
    output, errors = program.communicate(timeout=TIMEOUT)
    assert program.returncode == code, output + errors
    return errors if code else output


def run(broker: Broker | str, *command: str, code: int = 0) -> str:
    """Begin and end it."""
    return end(begin(broker, *command), code)
