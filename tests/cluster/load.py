"""Runs in a pod: logs in, downloads and uploads without a pause until /tmp/stop exists.

Arguments: the user, its password, an MP3's id. Reads a video from /tmp/video. Prints one JSON
object: how many requests went well, what did not, and the jobs that were accepted.
"""

import json
import sys
import threading
from pathlib import Path
from typing import Any

import requests

URL = "http://gateway:8080"
STOP = Path("/tmp/stop")  # noqa: S108 the pod's own
VIDEO = Path("/tmp/video")  # noqa: S108
TIMEOUT = 60  # seconds without an answer
PAUSE = 0.2  # seconds between two requests of a kind, and after a refused upload

user, password, fid = sys.argv[1:]
report: dict[str, Any] = {"logins": 0, "downloads": 0, "refused": 0, "failed": [], "jobs": []}


def token() -> str:
    answer = requests.post(f"{URL}/login", auth=(user, password), timeout=TIMEOUT)
    answer.raise_for_status()
    return answer.text


def log_in() -> None:
    token()
    report["logins"] += 1


def download() -> None:
    answer = requests.get(f"{URL}/download", {"fid": fid}, headers=bearer, timeout=TIMEOUT)
    answer.raise_for_status()
    report["downloads"] += 1


def upload() -> None:
    """A refusal (503) is an answer: nothing was accepted, the client comes again."""
    with VIDEO.open("rb") as file:
        answer = requests.post(
            f"{URL}/upload", files={"file": file}, headers=bearer, timeout=TIMEOUT
        )
    if answer.status_code == 503:
        report["refused"] += 1
        return
    answer.raise_for_status()
    report["jobs"].append(answer.headers["X-Job-Id"])


def repeat(action: Any, pause: float) -> None:
    wait = threading.Event()
    while not STOP.exists():
        try:
            action()
        except requests.RequestException as error:
            report["failed"].append(f"{action.__name__}: {error!r}")
        wait.wait(pause)


bearer = {"Authorization": f"Bearer {token()}"}
loops = [(log_in, PAUSE), (download, PAUSE), (upload, 10 * PAUSE)]
threads = [threading.Thread(target=repeat, args=loop) for loop in loops]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
json.dump(report, sys.stdout)
