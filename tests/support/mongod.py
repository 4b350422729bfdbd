"""A MongoDB of a test's own, from the stack's binary, that may be killed or fill its disk."""

import signal
import subprocess
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from tests.support.closing import Closing
from tests.support.machine import free_port
from tests.support.stack import Stack
from tests.support.wait import until


class Mongod(Closing):
    """A context manager; keeps its port and its data when it is started again."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self._binary = stack.folder / "mongodb" / "bin" / "mongod"
        self._folder = folder
        self._port = free_port()
        self.uri = f"mongodb://127.0.0.1:{self._port}"
        self.start()

    def close(self) -> None:
        """Kill it."""
        self.kill()

    def start(self) -> None:
        """Run it, and return once it answers."""
        command = [str(self._binary), "--dbpath", str(self._folder), "--port", str(self._port)]
        command += ["--bind_ip", "127.0.0.1", "--nounixsocket", "--wiredTigerCacheSizeGB", "0.25"]
        command += ["--setParameter", "diagnosticDataCollectionEnabled=false"]
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until(self._answers, "mongod answers", 30)

    def kill(self) -> None:
        """kill -9, and wait for the end."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(10)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def _answers(self) -> bool:
        try:
            with pymongo.MongoClient[dict[str, object]](self.uri, timeoutMS=1000) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True
