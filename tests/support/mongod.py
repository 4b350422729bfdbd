"""A MongoDB of a test's own, from the stack's binary, that may be killed or fill its disk."""

import os
import signal
from pathlib import Path

import pymongo
from pymongo.errors import PyMongoError

from local.stack.configure import mongod
from local.stack.paths import Paths
from tests.support.closing import Closing
from tests.support.place import LOOPBACK, Place
from tests.support.stack import Stack
from tests.support.wait import until


class Mongod(Closing):
    """A context manager; keeps its port, its data and its options when it is started again."""

    def __init__(
        self,
        stack: Stack,
        folder: Path,
        place: Place = LOOPBACK,
        *options: str,
        tls: Path | None = None,
    ) -> None:
        """With `tls`, the certificate and key of one file, it takes no other connections."""
        self._binary = mongod(Paths.read({"LOCAL_DIR": str(stack.folder)}))
        self._folder = folder
        self.place = place
        self._options = options
        self._port = place.port(27017)
        self.address = f"{place.address}:{self._port}"
        self.uri = f"mongodb://{self.address}"
        if tls:
            self._options += ("--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(tls))
            self.uri = f"mongodb://localhost:{self._port}/?tls=true&tlsCAFile={tls}"
        self.start()

    def close(self) -> None:
        """Kill it."""
        self.kill()

    def start(self) -> None:
        """Run it, and return once it answers."""
        command = [str(self._binary), "--dbpath", str(self._folder), "--port", str(self._port)]
        command += ["--bind_ip", self.place.address, "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", "0.25"]
        command += ["--setParameter", "diagnosticDataCollectionEnabled=false", *self._options]
        self._process = self.place.run(command, os.environ, Path(os.devnull))
        until(self._answers, "mongod answers", 30)

    def ask_for_users(self) -> None:
        """Start it again: it lets in nobody but the users that it has."""
        self.kill()
        self._options = (*self._options, "--auth")
        self.start()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

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
            with pymongo.MongoClient[dict[str, object]](
                self.uri, timeoutMS=1000, directConnection=True
            ) as client:
                client.admin.command("ping")
        except PyMongoError:
            return False
        return True
