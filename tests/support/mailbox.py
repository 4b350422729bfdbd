"""The mails that the stack's mail catcher keeps, one .eml file each."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path


class Mailbox:
    """All mails in one folder, or those that came after `since`, in ns since 1970."""

    def __init__(self, folder: str | Path, since: int = 0) -> None:
        self._folder = Path(folder)
        self._since = since

    def mails(self, recipient: str) -> list[EmailMessage]:
        """The mails to `recipient`, oldest first."""
        files = sorted(file for file in self._folder.glob("*.eml") if _came(file) >= self._since)
        raw = [content for file in files if recipient.encode() in (content := file.read_bytes())]
        mails = [message_from_bytes(content, policy=policy.default) for content in raw]
        return [mail for mail in mails if mail["To"] == recipient]

    def message_ids(self, recipient: str) -> set[str]:
        """The Message-IDs of the mails to `recipient`, without the sender's domain."""
        return {mail["Message-ID"].partition("@")[0][1:] for mail in self.mails(recipient)}


def _came(file: Path) -> int:
    """When a mail came, which the mail catcher puts first in its file's name."""
    return int(file.name.partition("-")[0])
