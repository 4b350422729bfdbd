"""local/down: stop all of the stack, and nothing else."""

import os

from local.stack.paths import Paths
from local.stack.report import run_command
from local.stack.supervise import stop


def main() -> None:
    """Stop the stack; running jobs and uploads may end first."""
    paths = Paths.read(os.environ)
    stop(paths)
    (paths.run / "supervisor.sock").unlink(missing_ok=True)
    (paths.folder / "env").unlink(missing_ok=True)


if __name__ == "__main__":
    run_command(main)
