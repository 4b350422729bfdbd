"""What the views work with: the settings, and the clients made of them."""

from dataclasses import dataclass

from pymongo.database import Database

from jobs.records import Records
from servicekit.gridfs import mongodb as mongo
from servicekit.gridfs.mongodb import Document
from settings import Settings


@dataclass(frozen=True)
class Context:
    """One for the whole application; nothing of it connects before its first use."""

    settings: Settings
    client: mongo.Client

    @classmethod
    def create(cls, settings: Settings) -> "Context":
        """Make the clients."""
        return cls(settings, mongo.connect(settings.mongo))

    @property
    def videos(self) -> Database[Document]:
        """The videos, and with them the jobs."""
        return self.client["videos"]

    @property
    def mp3s(self) -> Database[Document]:
        """The MP3s."""
        return self.client["mp3s"]

    @property
    def records(self) -> Records:
        """The jobs."""
        return Records(self.videos)
