"""What every script promises before it touches anything."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.scripts.conftest import SCRIPTS, Run


@pytest.mark.parametrize("script", SCRIPTS)
def test_help_is_given_without_a_cluster(run: Run, script: str) -> None:
    done = run(f"./{script}", "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: ./{script}")


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_unknown_argument_is_misuse(run: Run, script: str) -> None:
    done = run(f"./{script}", "--frobnicate")
    assert done.returncode == 2
    assert "--frobnicate" in done.stderr
    assert "Next:" in done.stderr


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
@pytest.mark.parametrize(
    "command", ["deploy.sh", "undeploy.sh", "start-services.sh", "backup.sh folder"]
)
def test_a_context_that_is_not_minikube_is_refused_unless_named(run: Run, command: str) -> None:
    done = run(*f"./{command}".split())
    assert done.returncode == 1
    assert "production, not minikube" in done.stderr
    assert "--context production" in done.stderr


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_an_undeploy_that_is_refused_stops_no_port_forward(run: Run, checkout: Path) -> None:
    command = ["bash", "-c", "sleep 60; true", "start-services.sh --forward"]
    pids = checkout / f"video2mp3-forwards-{os.getuid()}"
    pids.mkdir()
    with subprocess.Popen(command) as forward:
        (pids / "gateway").write_text(str(forward.pid))
        assert run("./undeploy.sh").returncode == 1
        assert forward.poll() is None
        run("./start-services.sh", "--stop")
        assert forward.wait(10) == -signal.SIGTERM


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_a_cluster_that_does_not_answer_is_said_so(run: Run) -> None:
    done = run("./deploy.sh", "--context", "production")
    assert done.returncode == 1
    assert "does not answer" in done.stderr


def test_an_env_file_that_others_can_read_is_refused(run: Run, checkout: Path) -> None:
    (checkout / ".env").write_text("GMAIL_ADDRESS=me@gmail.com\n")
    (checkout / ".env").chmod(0o644)
    done = run("./deploy.sh")
    assert done.returncode == 1
    assert "chmod 600 .env" in done.stderr


def test_an_unknown_setting_in_the_env_file_is_refused(run: Run, checkout: Path) -> None:
    (checkout / ".env").touch(0o600)
    (checkout / ".env").write_text("GMAIL_ADRESS=me@gmail.com\n")
    done = run("./deploy.sh")
    assert done.returncode == 1
    assert "GMAIL_ADRESS, which is unknown" in done.stderr


def test_two_autoscalers_for_one_deployment_are_misuse(run: Run) -> None:
    done = run("./deploy.sh", "--hpa", "--keda")
    assert done.returncode == 2
    assert "--hpa and --keda" in done.stderr
