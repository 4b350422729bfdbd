"""What is checked after each step: the user's list of jobs against what they were told."""

from typing import Any

from tests.model.arrows import leads
from tests.model.story import KINDS, Story
from tests.support.jobs import Jobs

Listed = dict[str, Any]


def check_listed(story: Story, listed: list[Listed]) -> None:
    """The list of GET /jobs holds what was promised, in states that arrows lead to."""
    story.tell(", ".join(f"{job['filename']} {job['state']}" for job in listed) or "no jobs")
    names = [job["filename"] for job in listed]
    story.check(len(set(names)) == len(names), "an upload has two jobs")
    for job in listed:
        _check_job(story, job)
    for upload in story.uploads:
        story.check(not upload.due or upload.name in names, f"{upload.name} is not listed")


def check_mp3s(story: Story, jobs: Jobs) -> None:
    """There is no MP3 without its job."""
    of_user = {"metadata.username": story.email}
    mp3s = jobs.mp3s["fs.files"].distinct("metadata.video_fid", of_user)
    videos = map(str, jobs.videos["fs.files"].distinct("_id", of_user))
    story.check(set(mp3s) <= set(videos), "there is an MP3 without its job")


def _check_job(story: Story, job: Listed) -> None:
    upload = story.named(job["filename"])
    told = f"{upload.name}, of {upload.answers}, deleted with {upload.deletions}, is {job}"
    story.check(upload.possible or (story.troubled and not upload.deleted), told)
    story.check(upload.job in (None, job["id"]), told)
    again = story.again or upload.again
    story.check(leads(upload.state, job["state"], again=again), f"from {upload.state}: {told}")
    if job["state"] == "failed":
        story.check(job["error_code"] == KINDS[upload.kind], told)
    if job["state"] == "done":
        story.check(not upload.fails and upload.mp3 in (None, job["mp3_fid"]), told)
        upload.mp3 = job["mp3_fid"]
    upload.job, upload.state = job["id"], job["state"]
