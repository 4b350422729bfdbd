"""What a request names, or the refusal that says that there is none."""

from servicekit.http.errors import RefusedError
from servicekit.jobs.job import Job, Mp3
from servicekit.jobs.jobs import Jobs


def job(jobs: Jobs, job_id: str, username: str) -> Job:
    """The user's job of this id; RefusedError when there is none."""
    found = jobs.find(job_id, username)
    if found is None:
        raise RefusedError("Job not found", 404)
    return found


def mp3(jobs: Jobs, job: Job) -> Mp3:
    """The job's MP3; RefusedError when there is none."""
    made = jobs.mp3_of(job.id)
    if made is None:
        raise RefusedError(f"There is no MP3: the job is {job.state}", 409)
    return made
