"""A call to auth as the gateway makes it, and in a session of its own: `python -m bench.validate`.

Reads the token from standard input, and needs gateway's folder on the path. Prints the
milliseconds of each call as JSON.
"""

import json
import os
import sys
import time
from collections.abc import Callable

import requests
from flask import Flask

import deadline  # type: ignore[import-not-found]
from auth_svc import access  # type: ignore[import-not-found]
from servicekit.settings import Env
from settings import AuthSettings  # type: ignore[import-not-found]

CALLS = 99
TIMEOUT = 10  # seconds


def main() -> None:
    """Call in turns, so that a busy moment of the machine hits both."""
    authorization = f"Bearer {sys.stdin.read()}"
    auth = AuthSettings.read(Env(os.environ))
    headers = {"Authorization": authorization}

    def alone() -> None:
        url = f"http://{auth.address}/validate"
        requests.post(url, headers=headers, timeout=TIMEOUT).raise_for_status()

    def ours() -> None:
        access.call(auth, "/validate", authorization)

    app = Flask(__name__)
    deadline.register(app)

    ways: dict[str, Callable[[], object]] = {
        "ours": ours,
        "alone": alone,
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(CALLS):
        for name, call in ways.items():
            with app.test_request_context():  # each call is a request's first
                app.preprocess_request()
                started = time.perf_counter()
                call()
                times[name].append((time.perf_counter() - started) * 1000)
    print(json.dumps(times))  # noqa: T201


if __name__ == "__main__":
    main()
