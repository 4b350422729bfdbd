"""Hand one mail to the SMTP server; done only when it has said 250."""

import contextlib
import smtplib
import socket
from collections.abc import Iterator
from email.message import EmailMessage

from servicekit.errors import PermanentError, UnavailableError
from settings import MailSettings


class TemporaryRefusalError(Exception):
    """The server refused this mail with a 4xx code: it may take it later."""


def send(settings: MailSettings, mail: EmailMessage) -> None:
    """Send `mail` to the address in its To header.

    UnavailableError when the server cannot be used at all (no connection, login refused, sender
    refused), PermanentError when it refuses this mail with 5xx, TemporaryRefusalError with 4xx.
    """
    with _unusable_is_unavailable():
        session = _session(settings)
        try:
            _hand_over(session, mail)
            with contextlib.suppress(smtplib.SMTPException, OSError):
                session.quit()  # the mail is taken, whatever the goodbye is worth
        finally:
            session.close()


def try_login(settings: MailSettings) -> None:
    """Log in and go again; UnavailableError when the server cannot be used."""
    with _unusable_is_unavailable():
        _session(settings).quit()


@contextlib.contextmanager
def _unusable_is_unavailable() -> Iterator[None]:
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise UnavailableError(f"SMTP: the login is refused: {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError) as error:
        raise UnavailableError(f"SMTP: {type(error).__name__}: {error}") from error


def _session(settings: MailSettings) -> smtplib.SMTP:
    """A session, encrypted and logged in as the settings say."""
    session = _connect(settings)
    try:
        if settings.tls == "starttls":
            session.starttls(context=settings.tls_context())
        if settings.login:
            session.login(settings.user, settings.password)
    except (smtplib.SMTPException, OSError):
        session.close()
        raise
    return session


def _connect(settings: MailSettings) -> smtplib.SMTP:
    name = socket.gethostname()  # smtplib's default asks the DNS, without a timeout
    if settings.tls == "tls":
        return smtplib.SMTP_SSL(
            settings.host,
            settings.port,
            local_hostname=name,
            timeout=settings.timeout,
            context=settings.tls_context(),
        )
    return smtplib.SMTP(settings.host, settings.port, local_hostname=name, timeout=settings.timeout)


def _hand_over(session: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        session.send_message(mail, to_addrs=[mail["To"].addresses[0].addr_spec])
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()))
        raise _refusal(code, text) from error
    except smtplib.SMTPDataError as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPNotSupportedError as error:
        raise PermanentError(f"the server cannot send to this address: {error}") from error


def _refusal(code: int, text: bytes | str) -> Exception:
    reason = f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    if code >= 500:
        return PermanentError(f"the mail is refused: {reason}")
    return TemporaryRefusalError(reason)
