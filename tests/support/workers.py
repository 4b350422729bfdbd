"""The workers of one test: processes of its own on its own queues, with short delays."""

from contextlib import ExitStack
from pathlib import Path

from tests.support.broker import Broker
from tests.support.gateway import own_gateway
from tests.support.process import Process
from tests.support.smtp import SmtpServer
from tests.support.stack import Stack

SHORT_DELAYS = {  # seconds
    "RETRY_DELAY": "0.05",
    "RETRY_DELAY_MAX": "0.1",
    "PAUSE_DELAY": "0.1",
    "PAUSE_DELAY_MAX": "0.3",
    "RABBITMQ_RECONNECT_DELAY": "0.1",
    "RABBITMQ_RECONNECT_DELAY_MAX": "0.5",
    "QUEUE_LOOK_INTERVAL": "0.2",
}
TAKES = "Waiting for messages..."
NEVER = "86400"  # seconds; longer than a test


class Workers:
    """Starts gateways, converters and notifiers, which end with `exits`."""

    def __init__(
        self, stack: Stack, broker: Broker, mongodb_uri: str, work_dir: Path, exits: ExitStack
    ) -> None:
        self.work_dir = work_dir
        self._stack = stack
        self._broker = broker
        self._mongodb_uri = mongodb_uri
        self._exits = exits

    def converter(self, first_line: str = TAKES, **settings: str | Path) -> Process:
        """A converter that has logged `first_line`; `settings` are environment variables."""
        defaults = {
            "MONGODB_URI": self._mongodb_uri,
            "WORK_DIR": str(self.work_dir),
            "FFMPEG_BINARY": "ffmpeg",
        }
        return self._consumer("converter", first_line, defaults, settings)

    def notifier(self, server: SmtpServer, **settings: str | Path) -> Process:
        """A notifier that consumes and sends its mails to `server`."""
        defaults = {
            "GMAIL_ADDRESS": "sender@example.com",
            "GMAIL_PASSWORD": "app password",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(server.port),
            "SMTP_TLS": "none",
            "MONGODB_URI": self._mongodb_uri,
            "WEBHOOK_INTERVAL": "0.1",
        }
        return self._consumer("notification", TAKES, defaults, settings)

    def gateway(self, **settings: str | Path) -> Process:
        """A gateway, with the stack's auth service unless the settings name another.

        It looks for jobs without a message only where they say so.
        """
        defaults = {"MONGODB_URI": self._mongodb_uri, "ANNOUNCE_INTERVAL": NEVER}
        all_settings = self._all("gateway", defaults, settings)
        return self._exits.enter_context(own_gateway(self._stack, **all_settings))

    def _consumer(
        self,
        service: str,
        first_line: str,
        defaults: dict[str, str],
        settings: dict[str, str | Path],
    ) -> Process:
        all_settings = self._all(service, defaults, settings)
        process = self._exits.enter_context(Process(service, all_settings))
        process.wait_for_line(first_line)
        return process

    def _all(
        self, service: str, defaults: dict[str, str], settings: dict[str, str | Path]
    ) -> dict[str, str]:
        given = {name: str(value) for name, value in settings.items()}
        return SHORT_DELAYS | {"RABBITMQ_URL": self._broker.url(service)} | defaults | given
