"""A job is read from whatever document is there: an older version's, an operator's, a full one."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from servicekit.gridfs.file import CHUNK_SIZE
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Failure, Reason
from servicekit.jobs.state import State
from servicekit.jobs.tracks import Track

ID = ObjectId()
NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 13, tzinfo=UTC)


def test_a_full_record_is_read_whole() -> None:
    job = Job.from_document(
        {
            "_id": ID,
            "filename": "talk.mp4",
            "length": 7,
            "chunkSize": 5,
            "uploadDate": NOON,
            "metadata": {
                "username": "ann@example.com",
                "state": "failed",
                "error": "no audio track",
                "error_code": "no_audio_track",
                "options": {"bitrate": "128k"},
                "progress": 12.5,
                "idempotency_key": "k",
                "confirmed": NOON,
                "retried": LATER,
                "retries": 2,
                "told": False,
                "removed": NOON,
                "tracks": [{"language": "ger", "codec": "aac", "channels": 2, "default": True}],
            },
        }
    )
    assert job.tracks == (Track(1, "ger", None, "aac", 2, None, default=True),)
    assert (job.id, job.file.filename, job.file.length, job.file.chunk_size) == (
        ID,
        "talk.mp4",
        7,
        5,
    )
    assert (job.username, job.state, job.percent) == ("ann@example.com", State.FAILED, 12.5)
    assert job.failure == Failure.of(Reason.NO_AUDIO_TRACK)
    assert job.options == Options(bitrate="128k")
    assert (job.idempotency_key, job.confirmed, job.removed) == ("k", True, NOON)
    assert (job.queued, job.retries, job.told) == (LATER, 2, False)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"metadata": None},
        {"metadata": {}},
        {"metadata": {"state": "paused", "options": "loud", "progress": "half", "removed": "no"}},
        {"metadata": {"retried": "yes", "retries": "two", "told": "yes"}},
        {"filename": None, "uploadDate": None, "metadata": {"error": "", "options": None}},
    ],
)
def test_what_a_document_lacks_or_spells_wrong_has_a_default(document: dict[str, Any]) -> None:
    job = Job.from_document({"_id": ID, **document})
    assert (job.state, job.options, job.percent) == (State.QUEUED, Options(), 0)
    assert (job.failure, job.removed, job.confirmed) == (None, None, False)
    assert job.file.filename == str(ID)
    assert (job.file.length, job.file.chunk_size) == (0, CHUNK_SIZE)
    assert job.file.uploaded == job.queued == ID.generation_time
    assert (job.retries, job.told) == (0, None)


def test_a_failure_of_an_older_version_keeps_its_text() -> None:
    job = Job.from_document({"_id": ID, "metadata": {"state": "failed", "error": "no sound"}})
    assert job.failure == Failure(None, "no sound")


def test_an_mp3_without_metadata_is_nobodys() -> None:
    assert Mp3.from_document({"_id": ID}).video_id == ""


def test_every_reason_has_a_code_of_its_own_and_a_text() -> None:
    assert len({reason.value for reason in Reason}) == len({r.text for r in Reason}) == len(Reason)
    for reason in Reason:
        assert reason.value.replace("_", "").isalpha() and reason.value.islower()
        assert reason.text and not reason.text.endswith(".")


def test_a_reasons_text_is_filled_in() -> None:
    failure = Failure.of(Reason.TOO_LONG, hours=12.0)
    assert failure == Failure("too_long", "longer than 12 hours")


def test_tracks_that_are_written_by_hand_are_read_as_far_as_they_go() -> None:
    odd = ["x", {"number": 9, "title": 5, "channels": True}, {"language": "x" * 999, "codec": []}]
    job = Job.from_document({"_id": ID, "metadata": {"tracks": odd}})
    assert job.tracks == (
        Track(1, None, None, "", None, None, default=False),
        Track(2, "x" * 200, None, "", None, None, default=False),
    )
    assert Job.from_document({"_id": ID, "metadata": {"tracks": "two"}}).tracks is None
