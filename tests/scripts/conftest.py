"""The scripts, run in a copy of what they need, with a kubeconfig that leads nowhere.

They do not find the port forwards of this machine, which a test must not stop.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.project import ROOT, SERVICES

SCRIPTS = ("deploy.sh", "doctor.sh", "undeploy.sh", "start-services.sh", "setup-host.sh") + (
    "backup.sh",
    "restore.sh",
)
IMAGES = (*SERVICES, "servicekit", "broker", "local/mailcatcher", "monitoring")
Run = Callable[..., subprocess.CompletedProcess[str]]

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: production
contexts: [{name: production, context: {cluster: far, user: me}}]
clusters: [{name: far, cluster: {server: "https://127.0.0.1:9"}}]
users: [{name: me, user: {}}]
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the scripts, the manifests and what the images hold, and no .env."""
    for folder in ("manifests", "scripts", "local/stack", *IMAGES):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in (*SCRIPTS, ".dockerignore"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "kubeconfig").write_text(KUBECONFIG)
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Run:
    """Runs a command in the checkout."""

    def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        own = {"KUBECONFIG": str(checkout / "kubeconfig"), "XDG_RUNTIME_DIR": str(checkout)}
        env = os.environ | own | environment
        return subprocess.run(
            words, cwd=checkout, env=env, capture_output=True, text=True, timeout=60, check=False
        )

    return command
