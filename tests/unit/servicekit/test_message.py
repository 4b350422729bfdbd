"""The message is a public contract; what is none of it is refused for good."""

import json

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from servicekit.errors import PermanentError
from servicekit.jobs.message import JobMessage

VIDEO, MP3 = ObjectId("6908d08362046551e1ec6efa"), ObjectId("6908d08362046551e1ec6efb")
GOOD = {"video_fid": str(VIDEO), "mp3_fid": None, "username": "ann@example.com"}

ids = st.binary(min_size=12, max_size=12).map(ObjectId)
messages = st.builds(JobMessage, ids, st.text(min_size=1), st.none() | ids) | st.builds(
    JobMessage, ids, st.text(min_size=1), error=st.text(min_size=1), retries=st.integers(0)
)


def test_a_new_job_is_exactly_the_tutorials_message() -> None:
    assert json.loads(JobMessage(VIDEO, "ann@example.com").encode()) == GOOD


def test_only_a_failed_job_has_an_error() -> None:
    failed = json.loads(JobMessage(VIDEO, "ann@example.com", error="no audio track").encode())
    assert failed == GOOD | {"error": "no audio track"}


def test_only_a_job_that_failed_after_a_retry_says_how_often() -> None:
    failed = JobMessage(VIDEO, "ann@example.com", error="no audio track", retries=2)
    assert json.loads(failed.encode()) == GOOD | {"error": "no audio track", "retries": 2}


@given(messages)
def test_every_message_comes_back_as_it_was(message: JobMessage) -> None:
    assert JobMessage.decode(message.encode().encode()) == message


def test_a_message_written_by_hand_is_understood() -> None:
    body = b'{"username": "ann@example.com", "video_fid": "%s", "more": 1}' % str(VIDEO).encode()
    assert JobMessage.decode(body) == JobMessage(VIDEO, "ann@example.com")


@pytest.mark.parametrize(
    "changes",
    [
        {"video_fid": None},
        {"video_fid": 7},
        {"video_fid": ""},
        {"video_fid": "test123"},
        {"video_fid": "x" * 24},
        {"mp3_fid": ""},
        {"mp3_fid": 7},
        {"mp3_fid": "test123"},
        {"username": None},
        {"username": ""},
        {"username": ["ann"]},
        {"username": "ann\ud800"},
        {"error": 7},
        {"error": "\udfff"},
        {"retries": "1"},
        {"retries": -1},
        {"retries": True},
    ],
)
def test_a_field_that_is_missing_or_malformed_is_permanent(changes: dict[str, object]) -> None:
    with pytest.raises(PermanentError):
        JobMessage.decode(json.dumps(GOOD | changes).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"7", b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_permanent(body: bytes) -> None:
    with pytest.raises(PermanentError):
        JobMessage.decode(body)


@given(st.binary())
def test_no_bytes_raise_anything_but_permanent(body: bytes) -> None:
    with pytest.raises(PermanentError):
        JobMessage.decode(body)
