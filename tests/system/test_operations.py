"""Every line of docs/operations.md for the local stack works, and does what the document says."""

import re
import subprocess

import pytest

from tests.support.project import ROOT
from tests.support.stack import Stack

TIMEOUT = 120  # seconds
# In the order in which they run: what is paused is resumed.
LINES = {
    "local/ctl status": r"gateway:gateway-\d+ +RUNNING",
    "local/ctl doctor": r"(?m)^(ok|wait|broken) +queues ",
    "local/ctl users list": r"(?m)^\S+@\S+\tactive$",
    "local/ctl dead list": r"\d+ in the dead queue",
    "local/ctl dead requeue": r"\d+ requeued",
    "local/ctl queue show": r"(?m)^video +\d+ +\d+ +runs$",
    "local/ctl queue pause video": r"video is paused",
    "local/ctl queue drain video": r"no worker holds a job of it",
    "local/ctl queue resume video": r"video runs",
    "local/ctl mysql": r"42",
    "local/ctl webhooks dead": r"",
    "local/ctl webhooks replay --all": r"\d+ webhooks are sent again",
    "source .local/env": r"http://127\.0\.0\.1:\d+",
    'cat .local/log/*.log | grep "$ID" | sort': r"logged in",
}
# Run by other tests.
ELSEWHERE = {
    "local/up": "every test of the stack",
    "LOG_FORMAT=json local/up": "queue/test_request_id.py",
    "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 local/up": "queue/test_tracing.py",
    "local/down": "test_local_stack.py",
    "local/ctl backup FOLDER": "test_backup.py",
    "local/ctl restore FOLDER": "test_restore.py",
    "local/ctl restore --replace FOLDER": "test_restore.py",
    "local/ctl dead purge": "queue/test_dead_queue.py",
    "local/ctl users add EMAIL": "test_users_command.py",
    "local/ctl users passwd EMAIL": "test_users_command.py",
    "local/ctl users disable EMAIL": "test_users_command.py",
    "REGISTRATION=invitation local/ctl users invite EMAIL": "test_codes.py",
}
# A line's beginning, or a folder, of which the text speaks.
BEGINNINGS = {"local/ctl restore", ".local/log"}


def documented() -> set[str]:
    """The lines in the document, with the pipes that a table hides."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    found = re.findall(r"(?<!`)`((?:[A-Z_]+=\S+ |source |cat )?\.?local/[^`]*)`", text)
    return {" ".join(line.replace("\\|", "|").split()) for line in found}


def test_every_line_of_the_document_is_run_by_a_test() -> None:
    assert documented() == {*LINES, *ELSEWHERE, *BEGINNINGS}


@pytest.mark.parametrize(("line", "expected"), LINES.items(), ids=list(LINES))
def test_the_line_works_where_all_is_well(stack: Stack, line: str, expected: str) -> None:
    command = line.replace(".local/", f"{stack.folder}/").replace("$ID", " logged in from ")
    done = subprocess.run(
        ["bash", "-c", f'{command} && echo "$GATEWAY_URL"'],
        cwd=ROOT,
        input="SELECT 6 * 7;",
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.search(expected, done.stdout), done.stdout
