"""The mails that the stack's mail catcher keeps, one .eml file each."""

import email.policy
import re
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from tests.support.wait import eventually

FID = re.compile(r"\b[0-9a-f]{24}\b")


class Mailbox:
    """All mails in one folder."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def mails(self, recipient: str) -> list[EmailMessage]:
        """The mails to `recipient`, oldest first."""
        parser = BytesParser(policy=email.policy.default)
        mails = [
            parser.parsebytes(file.read_bytes()) for file in sorted(self._folder.glob("*.eml"))
        ]
        return [mail for mail in mails if mail["To"] == recipient]

    def wait(self, recipient: str, count: int = 1, timeout: float = 60) -> list[EmailMessage]:
        """The mails to `recipient` as soon as there are `count`."""

        def enough() -> list[EmailMessage]:
            mails = self.mails(recipient)
            assert len(mails) >= count, f"{len(mails)} mails to {recipient}, not {count}"
            return mails

        return eventually(enough, timeout)


def fid(mail: EmailMessage) -> str:
    """The id of the MP3 that a mail announces."""
    found = FID.search(mail.get_content())
    assert found, f"no id in {mail.get_content()!r}"
    return found.group()
