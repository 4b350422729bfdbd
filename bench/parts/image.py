"""The size of the converter's image, as the cluster's node holds it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.options import Options
from bench.report import Row, row
from bench.service import Service

IMAGE = "video2mp3-converter:"
TIMEOUT = 20  # seconds
_QUESTION = ("kubectl", "--context", "minikube", "get", "nodes", "--output", "json")


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """The newest image's size; no row where no cluster answers, or none has the image."""
    try:
        answer = subprocess.run(_QUESTION, check=True, capture_output=True, timeout=TIMEOUT).stdout
    except (OSError, subprocess.SubprocessError):
        return
    images = [image for node in json.loads(answer)["items"] for image in node["status"]["images"]]
    sizes = [
        image["sizeBytes"]
        for image in images
        if any(IMAGE in name for name in image.get("names") or [])
    ]
    if sizes:
        yield row("image", "the converter's image", "MB", [size / 1e6 for size in sizes])
