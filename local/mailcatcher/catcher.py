"""An SMTP server like Gmail's, STARTTLS and AUTH required, that keeps each mail as an .eml file."""

import hmac
import logging
import os
import signal
import socket
import ssl
import threading
import time
import uuid
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from servicekit import health, logs
from settings import Settings

log = logging.getLogger(__name__)

PROBE_TIMEOUT_S = 2


class Mailbox:
    """A folder of mails, one file each, named so that they sort by arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        """aiosmtpd's hook: the SMTP answer to a mail that has arrived."""
        try:
            file = self.keep(envelope)
        except OSError as error:
            log.error("Cannot keep a mail: %s", error)
            return "451 Cannot keep the mail now"
        log.info("Mail to %s: %s", ", ".join(envelope.rcpt_tos), file.name)
        return "250 OK"

    def keep(self, envelope: Envelope) -> Path:
        """Write the mail, and its envelope as the headers that a mailbox adds; OSError if it fails.

        The file appears under its name only when it is whole.
        """
        added = [f"Return-Path: <{envelope.mail_from}>"]
        added += [f"Delivered-To: {recipient}" for recipient in envelope.rcpt_tos]
        headers = "".join(f"{line}\r\n" for line in added).encode()
        content = envelope.original_content or b""
        file = self._folder / f"{time.time_ns()}-{uuid.uuid4().hex[:8]}.eml"
        partial = file.with_suffix(".partial")
        partial.write_bytes(headers + content)
        partial.rename(file)
        return file


def make_controller(settings: Settings) -> Controller:
    """The SMTP server, not yet started; OSError when a TLS file cannot be read."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(settings.cert, settings.key)

    def authenticate(
        server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        user = hmac.compare_digest(login.login, settings.user.encode())
        password = hmac.compare_digest(login.password, settings.password.encode())
        return AuthResult(success=user and password, handled=False)

    return Controller(
        Mailbox(settings.mail_dir),
        hostname=settings.host,
        port=settings.port,
        ident="Video2MP3 mail catcher",
        tls_context=tls,
        require_starttls=True,
        auth_required=True,
        authenticator=authenticate,
    )


def main() -> None:
    """Catch mails until SIGTERM."""
    settings = Settings.load(os.environ)
    logs.configure(settings.log, "mailcatcher")
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's, a line for each command
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    controller = make_controller(settings)
    controller.start()

    def listening() -> None:
        socket.create_connection((settings.host, settings.port), PROBE_TIMEOUT_S).close()

    health.start(settings.health, health.Health(live=lambda: True, ready={"smtp": listening}))
    log.info("Catching mails on port %d", settings.port)
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main()
