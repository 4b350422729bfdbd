"""The mails that users get, and to whom they may go."""

import email.policy
from email.headerregistry import Address
from email.message import EmailMessage

from html_part import html_with_link
from servicekit.errors import PermanentError
from servicekit.jobs.message import JobMessage
from servicekit.links.signed import Signer
from servicekit.mail_address import mail_address

# RFC 5322's limit of a line instead of its recommendation of 78: a longer reason would be sent as
# quoted-printable, and broken where whoever searches a raw mail does not expect it.
_POLICY = email.policy.default.clone(max_line_length=998)


def compose(message: JobMessage, sender: str, signer: Signer, request_id: str = "") -> EmailMessage:
    """The mail about a finished or failed job; PermanentError when none can be written.

    A message that is delivered twice gives the same Message-ID, so that mail clients show one; one
    of a job that failed again after a retry gives another, so that they show that too.
    `signer` makes the link to the MP3; `request_id` is that of the upload.
    """
    html = ""
    if message.error:
        subject = "MP3 conversion failed"
        body = f"video file_id: {message.video_fid} could not be converted: {message.error}"
        name = f"{message.video_fid}.failed{message.retries or ''}"
    elif message.mp3_fid:
        subject = "MP3 Download"
        body = f"mp3 file_id: {message.mp3_fid} is now ready!"
        name = str(message.mp3_fid)
        html = html_with_link(body, signer, message.mp3_fid)
    else:
        raise PermanentError("the message has neither an mp3_fid nor an error")
    mail = EmailMessage(_POLICY)
    mail["Subject"] = subject
    mail["From"] = sender
    mail["To"] = _recipient(message.username)
    mail["Message-ID"] = f"<{name}@{sender.rpartition('@')[2]}>"
    if request_id:
        mail["X-Request-Id"] = request_id
    mail.set_content(body)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail


def _recipient(username: str) -> Address:
    """The one address that `username` is; a list, a line break or a bare name is none."""
    try:
        return mail_address(username)
    except ValueError as error:
        raise PermanentError("the username is not a mail address") from error
