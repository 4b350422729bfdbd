"""The notifier: takes messages from the queue `mp3` and mails their users; sends webhooks, too."""

import logging
import os
import threading
import time
from email.message import EmailMessage

import code_mail
import job_mail
from hooks.sender import Sender
from send.email import TemporaryRefusalError, send
from servicekit import health, logs
from servicekit.accounts.message import CodeMessage
from servicekit.amqp.body import fields_of
from servicekit.amqp.consumer import Consumer
from servicekit.amqp.outcomes import Handler
from servicekit.amqp.queues import MP3_QUEUE
from servicekit.errors import PermanentError, UnavailableError
from servicekit.gridfs import mongodb
from servicekit.health import Health
from servicekit.jobs.message import JobMessage
from servicekit.links.settings import LinkSettings
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


def decode(body: bytes) -> JobMessage | CodeMessage:
    """The message in `body`: about a job, or with a code; PermanentError when it is neither."""
    kind = CodeMessage if "code" in fields_of(body) else JobMessage
    return kind.decode(body)


class Notifier:
    """Handles the messages of the `mp3` queue."""

    def __init__(self, settings: MailSettings, links: LinkSettings) -> None:
        self._settings = settings
        self._site = links.public_url
        self._signer = Signer(links)

    def handle(self, message: JobMessage | CodeMessage, _abort: threading.Event) -> None:
        """Mail the user; returns only when the server has taken the mail.

        A code that has ended would only puzzle: who still wants one has asked again.
        """
        if isinstance(message, CodeMessage) and message.expires <= time.time():
            log.warning("The code has ended before its mail could go out")
            return
        with counted(metrics.MAILS, "sent", _BAD):
            mail = self._compose(message)
            log.info("Sending email to: %s", message.username)
            send(self._settings, mail)
        if isinstance(message, JobMessage):
            uploaded = message.video_fid.generation_time.timestamp()
            metrics.END_TO_END.observe(max(0.0, time.time() - uploaded))
        log.info("Email sent successfully!")

    def _compose(self, message: JobMessage | CodeMessage) -> EmailMessage:
        if isinstance(message, CodeMessage):
            return code_mail.compose(message, self._settings.sender, self._site)
        return job_mail.compose(message, self._settings.sender, self._signer)

    def give_up(self, message: JobMessage | CodeMessage) -> None:
        """Nobody can be told of a mail that does not go out; the dead queue keeps it."""
        log.error("No mail to %s", message.username)


def main() -> None:
    """Run until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "notification")
    spans.start(settings.tracing)
    notifier = Notifier(settings.mail, settings.links)
    handler = Handler(decode, notifier.handle, notifier.give_up)
    consumer = Consumer(settings.consumer, MP3_QUEUE, handler)
    health.start(settings.health, Health(consumer.live, {"worker": consumer.check_ready}))
    Sender(mongodb.connect(settings.mongo), settings.webhooks).start()
    consumer.run()
    spans.end()


if __name__ == "__main__":
    main()
