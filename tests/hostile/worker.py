"""Converts one file as the converter does, in a process of its own, and prints how that ended.

Run by `engine.convert`; it is the only place that knows the engine's interface.
"""

import ctypes
import json
import os
import resource
import sys
import threading
import traceback
from pathlib import Path
from typing import Any

from convert.bounds import Bounds  # type: ignore[import-not-found]
from convert.media import MediaError  # type: ignore[import-not-found]
from convert.source import Source  # type: ignore[import-not-found]
from convert.to_mp3 import to_mp3  # type: ignore[import-not-found]
from servicekit.jobs.options import Options
from servicekit.jobs.reasons import Reason
from tests.support.tree import Tree

_SUBREAPER = 36  # prctl(2): orphans of the engine come to this process, which can then count them


def main() -> None:
    """The first argument is a JSON object: source, target, options, limit, max_duration."""
    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    task = json.loads(sys.argv[1])
    ending = _convert(task)
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    counts = {
        "left": len(Tree([os.getpid()]).pids()) - 1,
        "written": _written(),
        "largest": largest,
    }
    sys.stdout.write(json.dumps({**ending, **counts}))


def _convert(task: dict[str, Any]) -> dict[str, str]:
    try:
        to_mp3(
            Source.of_file(Path(task["source"])),
            Path(task["target"]),
            Options.parse(task["options"]),
            Bounds(task["max_duration"], task["limit"]),
            threading.Event(),
        )
    except MediaError as error:
        return {"ended": str(error.failure.code), "text": error.failure.text}
    except TimeoutError as error:
        return {"ended": Reason.TIME_LIMIT.value, "text": str(error)}
    except Exception as error:  # noqa: BLE001 what it is, is the finding
        last = traceback.format_exc().strip().splitlines()[-1]
        return {"ended": type(error).__name__, "text": last}
    return {"ended": "mp3", "text": ""}


def _written() -> int:
    """Bytes of disk that this process and all that it waited for have written."""
    counters = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(counters["write_bytes"])


if __name__ == "__main__":
    main()
