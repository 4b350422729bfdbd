"""The workers of one test: processes of its own on its own queues, impatient where it may be."""

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.broker import Broker
from tests.support.process import Process, free_port
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack
from tests.support.wait import until

# The services' own waits, shortened: seconds.
_IMPATIENT = {
    "RETRY_DELAY": "0.05",
    "RETRY_DELAY_MAX": "0.1",
    "PAUSE_DELAY": "0.1",
    "PAUSE_DELAY_MAX": "0.3",
    "RABBITMQ_RECONNECT_DELAY": "0.1",
    "RABBITMQ_RECONNECT_DELAY_MAX": "0.5",
}


class Workers:
    """Starts gateways, converters and notifiers, and kills at its end what is left of them."""

    def __init__(self, stack: Stack, broker: Broker, work_dir: Path, exits: ExitStack) -> None:
        self.work_dir = work_dir
        self._env = stack.env
        self._broker = broker
        self._exits = exits

    def converter(self, **settings: str | Path) -> Process:
        """A converter that consumes; settings are of the environment."""
        environ = {
            "MONGODB_URI": self._env["MONGODB_URI"],
            "WORK_DIR": str(self.work_dir),
            "FFMPEG_BINARY": "ffmpeg",
        }
        return self._consumer("converter", environ, settings)

    def notifier(self, server: SmtpServer, **settings: str | Path) -> Process:
        """A notifier that consumes and sends its mails to `server`."""
        environ = {
            "GMAIL_ADDRESS": "sender@example.com",
            "GMAIL_PASSWORD": "app password",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(server.port),
            "SMTP_TLS": "none",
        }
        return self._consumer("notification", environ, settings)

    def gateway(self, **settings: str | Path) -> Process:
        """A gateway on a port of its own, with the stack's auth service."""
        port = str(free_port())
        environ = {
            "HOST": "127.0.0.1",
            "PORT": port,
            "AUTH_SVC_ADDRESS": urlsplit(self._env["AUTH_URL"]).netloc,
            "MONGODB_URI": self._env["MONGODB_URI"],
        }
        process = self._start("gateway", environ, settings)
        process.url = f"http://127.0.0.1:{port}"
        until(lambda: process.answers("/healthz"), "the gateway answers")
        return process

    def _consumer(
        self, service: str, environ: dict[str, str], settings: dict[str, str | Path]
    ) -> Process:
        process = self._start(service, environ, settings)
        process.wait_for_line("Waiting for messages...")
        return process

    def _start(
        self, service: str, environ: dict[str, str], settings: dict[str, str | Path]
    ) -> Process:
        given = {name: str(value) for name, value in settings.items()}
        rabbitmq = {"RABBITMQ_URL": self._broker.url()}
        process = Process(service, _IMPATIENT | rabbitmq | environ | given)
        return self._exits.enter_context(process)
