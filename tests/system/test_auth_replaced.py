"""An auth process that ends under load costs no request: the gateway keeps connections to it."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.stack import Stack
from tests.support.users import User
from tests.support.wait import until

CLIENTS = 4
MORE = 100  # requests before and after each end


def replace(stack: Stack, process: str, end: str) -> None:
    """Kill or stop a process, and return once the next one is ready."""
    before = stack.pid(process)
    if end == "KILL":
        stack.kill(process)
    else:
        stack.signal(end, process)
    until(lambda: stack.pid(process) not in (0, before), "the next process")
    until(lambda: stack.ready(process), "ready")


@pytest.mark.parametrize("end", ["KILL", "TERM"])
def test_no_request_fails_when_an_auth_process_ends(stack: Stack, user: User, end: str) -> None:
    processes = stack.processes("auth")
    assert len(processes) > 1
    answers: Counter[int] = Counter()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers[user.client.request("GET", "/jobs").status_code] += 1

    def more() -> None:
        goal = answers.total() + MORE
        until(lambda: answers.total() >= goal, "more answers")

    with ThreadPoolExecutor(CLIENTS) as clients:
        asking = [clients.submit(ask) for _ in range(CLIENTS)]
        try:
            for process in processes:
                more()
                replace(stack, process, end)
                more()
        finally:
            over.set()
        for each in asking:
            each.result()
    assert set(answers) == {200}
