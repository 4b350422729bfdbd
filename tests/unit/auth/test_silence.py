"""A MySQL that keeps silent holds few threads; one that refuses at once is asked each time."""

import time

import pytest

import silence
from servicekit.errors import UnavailableError
from silence import Silence
from tests.support.wait import until


def fail(asked: Silence, seconds: float) -> None:
    with pytest.raises(UnavailableError), asked.noted():
        time.sleep(seconds)
        raise UnavailableError("nobody")


def test_who_comes_after_a_silence_does_not_wait_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SLOW", 0.01)
    monkeypatch.setattr(silence, "AWAY", 0.2)
    asked = Silence()
    fail(asked, 0.02)
    assert asked.lasts()
    until(lambda: not asked.lasts(), "it is asked again")


def test_a_quick_failure_and_a_success_begin_none() -> None:
    asked = Silence()
    fail(asked, 0)
    with asked.noted():
        pass
    assert not asked.lasts()
