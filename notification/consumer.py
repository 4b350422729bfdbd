"""The notifier: takes messages from the queue `mp3` and mails their users."""

import logging
import os
import threading
import time

from notice import compose
from send.email import TemporaryRefusalError, send
from servicekit import about, health, logs
from servicekit.amqp.consumer import Consumer
from servicekit.amqp.outcomes import Handler
from servicekit.amqp.queues import MP3_QUEUE
from servicekit.errors import PermanentError, UnavailableError
from servicekit.health import Health
from servicekit.jobs.message import JobMessage
from servicekit.links.signed import Signer
from servicekit.metrics import mails as metrics
from servicekit.metrics.outcome import counted
from servicekit.tracing import spans
from settings import MailSettings, Settings

log = logging.getLogger(__name__)

_BAD = {
    PermanentError: "refused",
    TemporaryRefusalError: "postponed",
    UnavailableError: "unavailable",
}


class Notifier:
    """Handles the messages of the `mp3` queue."""

    def __init__(self, settings: MailSettings, signer: Signer) -> None:
        self._settings = settings
        self._signer = signer

    def handle(self, message: JobMessage, _abort: threading.Event) -> None:
        """Mail the user; returns only when the server has taken the mail."""
        with counted(metrics.MAILS, "sent", _BAD):
            mail = compose(message, self._settings.sender, self._signer, about.request_id())
            log.info("Sending email to: %s", message.username)
            send(self._settings, mail)
        uploaded = message.video_fid.generation_time.timestamp()
        metrics.END_TO_END.observe(max(0.0, time.time() - uploaded))
        log.info("Email sent successfully!")

    def give_up(self, message: JobMessage) -> None:
        """Nobody can be told of a mail that does not go out; the dead queue keeps it."""
        log.error("No mail to %s", message.username)


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "notification")
    spans.start(settings.tracing)
    notifier = Notifier(settings.mail, Signer(settings.links))
    handler = Handler(JobMessage.decode, notifier.handle, notifier.give_up)
    consumer = Consumer(settings.consumer, MP3_QUEUE, handler)
    health.start(settings.health, Health(consumer.live, {"worker": consumer.check_ready}))
    consumer.run()
    spans.end()


if __name__ == "__main__":
    main()
