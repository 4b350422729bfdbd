"""The size of the converter's image, as the cluster's node holds it."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.options import Options
from bench.report import Row, row
from bench.service import Service

TIMEOUT = 20  # seconds


def measure(service: Service, options: Options, folder: Path) -> Iterator[Row]:
    """The image that is deployed; no row where no cluster answers, or nothing is deployed."""
    try:
        deployment, nodes = _get("deployment", "converter"), _get("nodes")
    except (OSError, subprocess.SubprocessError):
        return
    deployed = deployment["spec"]["template"]["spec"]["containers"][0]["image"]
    images = [image for node in nodes["items"] for image in node["status"]["images"]]
    sizes = [image["sizeBytes"] / 1e6 for image in images if _named(image, deployed)]
    if sizes:
        yield row("image", "the converter's image", "MB", sizes)


def _get(*what: str) -> dict[str, Any]:
    """Kubernetes' object, or list of them; SubprocessError when there is none."""
    command = ["kubectl", "--context", "minikube", "get", *what, "--output", "json"]
    answer = subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT).stdout
    found: dict[str, Any] = json.loads(answer)
    return found


def _named(image: dict[str, Any], deployed: str) -> bool:
    """A node puts the registry before a name that has none."""
    names = image.get("names") or []
    return any(name == deployed or name.endswith(f"/{deployed}") for name in names)
