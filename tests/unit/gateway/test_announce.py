"""Jobs are looked for whatever becomes of the gauges."""

import threading
from unittest.mock import create_autospec

import pytest
from pymongo.errors import NetworkTimeout

from announce import Announcer
from gauges import Gauges
from servicekit.amqp.broker import BrokerSettings
from servicekit.jobs.jobs import Jobs
from settings import AnnounceSettings


def test_a_count_that_takes_too_long_keeps_no_job_from_being_announced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked, ended = threading.Event(), threading.Event()

    def look(_: Announcer) -> None:
        looked.set()
        ended.wait()  # the thread looks once, and ends with the process

    monkeypatch.setattr(Announcer, "look", look)
    gauges = create_autospec(Gauges)
    gauges.update.side_effect = NetworkTimeout("too many files")
    settings = AnnounceSettings(0.01, 30, 60, 5)
    Announcer(create_autospec(Jobs), gauges, create_autospec(BrokerSettings), settings).start()
    assert looked.wait(10)
    gauges.update.assert_called()
