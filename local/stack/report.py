"""How the commands end: failures that say what to do, and commands whose output goes to a log."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path


class Failure(Exception):
    """What failed, its likely cause, and the next command to type; exit code 1."""

    def __init__(self, what: str, cause: str, following: str) -> None:
        super().__init__(f"Error: {what}\nLikely cause: {cause}\nNext: {following}")


class Misuse(Exception):
    """A setting that cannot be meant; exit code 2."""


def run_command(command: Callable[[], None]) -> None:
    """Run a command's `main` and exit as all scripts do: 0 done, 1 failed, 2 misuse."""
    try:
        command()
    except (Failure, Misuse) as error:
        print(error, file=sys.stderr)
        sys.exit(1 if isinstance(error, Failure) else 2)


def last_lines(file: Path, count: int) -> str:
    """The end of a log; empty when there is none."""
    text = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    return "\n".join(text.splitlines()[-count:])


def run_logged(
    command: Sequence[object],
    log: Path,
    failure: tuple[str, str],
    timeout: float,
    env: dict[str, str] | None = None,
) -> None:
    """Run `command`, its output into `log`; Failure if it fails or takes longer than `timeout` s.

    `failure` is what failed and its likely cause; the log's last lines follow the first.
    """
    with log.open("w", encoding="utf-8") as output:
        try:
            subprocess.run(
                [str(word) for word in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=timeout,
                env=env,
                check=True,
            )
        except subprocess.SubprocessError as error:
            reason = last_lines(log, 3) or str(error)
            raise Failure(f"{failure[0]}: {reason}", failure[1], f"less {log}") from error
