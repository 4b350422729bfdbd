"""The field's own clients of tus upload, stop amid, and go on."""

import json
import secrets
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from bson import ObjectId
from tusclient.client import TusClient

from tests.support import files
from tests.support.files import Mongo
from tests.support.project import ROOT
from tests.support.users import User

SIZE = 12_345_678  # bytes
CHUNK = 5_000_000
TIMEOUT = 60  # seconds


@pytest.fixture(scope="module")
def content() -> bytes:
    return secrets.token_bytes(SIZE)


def is_whole(user: User, mongo: Mongo, url: str, content: bytes) -> bool:
    """Whether the job at the end of `url` is of exactly this file."""
    job = url.rpartition("/")[2]
    assert user.client.request("GET", f"/jobs/{job}").json()["filename"] == "talk.mp4"
    return files.content(mongo["videos"], ObjectId(job)) == content


def test_tuspy_uploads_and_goes_on(user: User, mongo: Mongo, content: bytes) -> None:
    """https://github.com/tus/tus-py-client"""
    headers = {"Authorization": f"Bearer {user.client.token}"}
    client = TusClient(f"{user.client.url}/uploads", headers=headers)
    metadata = {"filename": "talk.mp4", "filetype": "video/mp4"}
    first = client.uploader(file_stream=BytesIO(content), chunk_size=CHUNK, metadata=metadata)
    first.upload_chunk()  # type: ignore[no-untyped-call]
    again = client.uploader(url=first.url, file_stream=BytesIO(content), chunk_size=CHUNK)
    assert again.offset == first.offset == CHUNK
    again.upload()
    assert is_whole(user, mongo, str(again.url), content)


def test_tus_js_client_uploads_and_goes_on(
    user: User, mongo: Mongo, content: bytes, tmp_path: Path
) -> None:
    """https://github.com/tus/tus-js-client"""
    video = tmp_path / "talk.mp4"
    video.write_bytes(content)
    script = ROOT / "tests/npm/upload.js"
    endpoint = f"{user.client.url}/uploads"
    command = ["node", str(script), endpoint, user.client.token, str(video), str(CHUNK)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert CHUNK <= told["begun"] < SIZE
    assert told["resumed"] == told["begun"]
    assert is_whole(user, mongo, told["url"], content)
