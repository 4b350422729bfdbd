"""The mail with a code, by which its user chooses a password."""

import hashlib
from datetime import UTC, datetime
from email.message import EmailMessage

from envelope import text_mail
from servicekit.accounts.message import CodeMessage, Purpose

_SUBJECT = {
    Purpose.RESET: "Choose a new password",
    Purpose.REGISTRATION: "Confirm your address",
    Purpose.INVITATION: "You are invited",
}
_WHY = {
    Purpose.RESET: "Somebody asked for a new password for this address at {site}.",
    Purpose.REGISTRATION: "Somebody asked for an account for this address at {site}.",
    Purpose.INVITATION: "You are invited to turn videos into MP3s at {site}.",
}
_TEXT = """\
{why}

To choose a password, open this link before {end:%-d %B %Y, %H:%M} UTC. It works once:

{site}/#code={code}

If you did not expect this mail, ignore it: nothing has changed.
"""


def compose(message: CodeMessage, sender: str, site: str) -> EmailMessage:
    """The mail, with a link to `site`; PermanentError when there is nobody to send it to.

    The code is in the link's fragment: browsers send it to no server, and to no other page.
    """
    text = _TEXT.format(
        why=_WHY[message.purpose].format(site=site),
        end=datetime.fromtimestamp(message.expires, UTC),
        site=site,
        code=message.code,
    )
    name = hashlib.sha256(message.code.encode()).hexdigest()[:24]
    return text_mail(sender, message.username, name, _SUBJECT[message.purpose], text)
