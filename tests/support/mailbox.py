"""The mails that the stack's mail catcher keeps, one .eml file each."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


class Mailbox:
    """All mails in one folder."""

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)

    def mails(self, recipient: str) -> list[EmailMessage]:
        """The mails to `recipient`, oldest first."""
        files = sorted(self._folder.glob("*.eml"))
        mails = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return [mail for mail in mails if mail["To"] == recipient]

    def message_ids(self, recipient: str) -> set[str]:
        """The Message-IDs of the mails to `recipient`, without the sender's domain."""
        return {mail["Message-ID"].partition("@")[0][1:] for mail in self.mails(recipient)}
