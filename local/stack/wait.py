"""Waiting until a part of the stack is ready."""

import base64
import sys
import time
import urllib.request
from collections.abc import Callable

from local.stack.paths import Paths
from local.stack.report import Failure, last_lines
from local.stack.supervise import control

HTTP_TIMEOUT_S = 5
INTERVAL_S, STATUS_INTERVAL_S = 0.2, 5
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))

# What keeps a part from being ready, or "" when it is.
Problem = Callable[[], str]


def http_problem(url: str, login: str = "") -> str:
    """Why `url` does not answer 200; `login` is NAME:PASSWORD."""
    request = urllib.request.Request(url)  # noqa: S310 the stack's own
    if login:
        request.add_header("Authorization", f"Basic {base64.b64encode(login.encode()).decode()}")
    try:
        _direct.open(request, timeout=HTTP_TIMEOUT_S).close()
    except OSError as error:
        return str(error)
    return ""


def gave_up(paths: Paths) -> str:
    """What the supervisor no longer tries to start; empty when there is none."""
    lines = control(paths, "status").stdout.splitlines()
    return next((" ".join(line.split()) for line in lines if "FATAL" in line), "")


def wait_ready(paths: Paths, name: str, problem: Problem, timeout: float) -> None:
    """Wait up to `timeout` seconds, less when it will never be; Failure, after the log's end."""
    deadline = time.monotonic() + timeout
    next_look = time.monotonic() + STATUS_INTERVAL_S
    while reason := problem():
        given_up = ""
        if time.monotonic() >= min(next_look, deadline):
            next_look = time.monotonic() + STATUS_INTERVAL_S
            given_up = gave_up(paths)
        if given_up or time.monotonic() >= deadline:
            log = paths.log / f"{name}.log"
            print(f"\nlast lines of {log}:\n{last_lines(log, 8)}", file=sys.stderr)
            raise Failure(
                f"{name} is not ready. {given_up}".strip(),
                f"see the lines above; {reason}",
                f"local/ctl status; less {log}",
            )
        time.sleep(INTERVAL_S)
    print(f"  ready: {name}", flush=True)
