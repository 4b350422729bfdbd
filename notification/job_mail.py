"""The mail about a finished or failed job."""

from email.message import EmailMessage

from envelope import text_mail
from html_part import html_with_link
from servicekit.errors import PermanentError
from servicekit.jobs.message import JobMessage
from servicekit.links.signed import Signer


def compose(message: JobMessage, sender: str, signer: Signer) -> EmailMessage:
    """The mail, with a link to the MP3 that `signer` makes; PermanentError when none can be made.

    A job that failed again after a retry gives another Message-ID.
    """
    user = message.username
    if message.error:
        name = f"{message.video_fid}.failed{message.retries or ''}"
        text = f"video file_id: {message.video_fid} could not be converted: {message.error}"
        return text_mail(sender, user, name, "MP3 conversion failed", text)
    if not message.mp3_fid:
        raise PermanentError("the message has neither an mp3_fid nor an error")
    text = f"mp3 file_id: {message.mp3_fid} is now ready!"
    mail = text_mail(sender, user, str(message.mp3_fid), "MP3 Download", text)
    mail.add_alternative(html_with_link(text, signer, message.mp3_fid), subtype="html")
    return mail
