"""Long polls never take all threads."""

import threading

from jobs.long_poll import LongPolls
from servicekit.http.places import Places


def test_one_long_poll_too_many_is_answered_at_once() -> None:
    polls, inside, release = LongPolls(Places(1)), threading.Event(), threading.Event()

    def look() -> bool:
        inside.set()
        return release.is_set()

    first = threading.Thread(target=polls.until, args=(bool, look, 30, "first"))
    first.start()
    assert inside.wait(10)
    assert polls.until(bool, lambda: False, seconds=300, holder="second") is False
    assert first.is_alive()
    release.set()
    first.join(10)
    assert not first.is_alive()
