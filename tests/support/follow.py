"""A job followed to its end, through the API."""

from pathlib import Path
from typing import Any

from tests.support.client import Client
from tests.support.wait import until

WITHIN = 60  # seconds


def ended(client: Client, job_id: str) -> dict[str, Any]:
    """The job, once it is done or has failed."""

    def look() -> dict[str, Any]:
        job: dict[str, Any] = client.request("GET", f"/jobs/{job_id}?wait=10").json()
        return job if job["state"] in ("done", "failed") else {}

    return until(look, "the job ends", WITHIN)


def converted(client: Client, video: Path, **options: str) -> dict[str, Any]:
    """The job of an upload, once it is done or has failed."""
    return ended(client, client.upload(video, **options).headers["X-Job-Id"])


def fetched(client: Client, path: str, target: Path) -> Path:
    """What the gateway answers to a GET, in a file."""
    answer = client.request("GET", path)
    answer.raise_for_status()
    target.write_bytes(answer.content)
    return target
