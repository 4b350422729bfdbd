"""A mail from this service, and to whom one may go."""

import email.policy
from email.headerregistry import Address
from email.message import EmailMessage

from servicekit import about
from servicekit.errors import PermanentError
from servicekit.mail_address import mail_address

# RFC 5322's limit of a line instead of its recommendation of 78: a longer reason would be sent as
# quoted-printable, and broken where whoever searches a raw mail does not expect it.
_POLICY = email.policy.default.clone(max_line_length=998)


def text_mail(sender: str, username: str, name: str, subject: str, text: str) -> EmailMessage:
    """A mail of plain text; PermanentError when `username` is no address.

    A mail that goes out again has the same `name`, and so the same Message-ID: mail clients show
    one. It bears the id of the request that this thread works on.
    """
    mail = EmailMessage(_POLICY)
    mail["Subject"] = subject
    mail["From"] = sender
    mail["To"] = _recipient(username)
    mail["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    if request_id := about.request_id():
        mail["X-Request-Id"] = request_id
    mail.set_content(text)
    return mail


def _recipient(username: str) -> Address:
    """The one address that `username` is; a list, a line break or a bare name is none."""
    try:
        return mail_address(username)
    except ValueError as error:
        raise PermanentError("the username is not a mail address") from error
