"""The model: what the user of one story sent, and all that they were told of it."""

from collections import Counter
from dataclasses import dataclass, field

from tests.support.load import GOOD

# What a job of each kind of file ends as: the code of its failure, or none.
KINDS = {"good": None, "large": None, "silent": "no_audio_track", "corrupt": "file_cut_off"}
NO_ANSWER = 0  # in place of a status: the connection ended before there was one


@dataclass
class Upload:
    """One file, sent once or twice, and what its user was told of it.

    `name` is the file's, by which its job is known also when no answer came. `whole` is False when
    the client went away amid. `again` says that the job's message may be delivered once more.
    """

    name: str
    kind: str
    whole: bool = True
    again: bool = False
    answers: list[int] = field(default_factory=list)
    retries: list[int] = field(default_factory=list)
    deletions: list[int] = field(default_factory=list)
    job: str | None = None
    state: str | None = None
    mp3: str | None = None

    @property
    def fails(self) -> bool:
        """Whether no MP3 can be made of the file."""
        return self.kind not in GOOD

    @property
    def accepted(self) -> bool:
        """Whether the user was told `success!`."""
        return 200 in self.answers

    @property
    def deleted(self) -> bool:
        """Whether the user was told that the job is gone."""
        return 204 in self.deletions

    @property
    def due(self) -> bool:
        """Whether there must be a job."""
        return self.accepted and all(answer == 404 for answer in self.deletions)

    @property
    def possible(self) -> bool:
        """Whether there may be one: promised, or unanswered, and not told to be gone."""
        unanswered = NO_ANSWER in self.answers and self.whole
        return (self.accepted or unanswered) and not self.deleted

    @property
    def most_mails(self) -> int:
        """How often the job may have ended, each time to be told; an MP3 is told once."""
        return 1 + sum(answer != 409 for answer in self.retries) if self.fails else 1


@dataclass
class Story:
    """The uploads of one user, and what was done meanwhile.

    `again` says that any message may be delivered again, `troubled` that a request may fail.
    """

    email: str
    uploads: list[Upload] = field(default_factory=list)
    journal: list[str] = field(default_factory=list)
    again: bool = False
    troubled: bool = False
    broken: str = ""

    def add(self, upload: Upload) -> Upload:
        """One more upload, which is about to be sent."""
        self.uploads.append(upload)
        return upload

    def named(self, name: str) -> Upload:
        """The upload of the file `name`."""
        return next(upload for upload in self.uploads if upload.name == name)

    def tell(self, what: str) -> None:
        """Note what was done, or answered."""
        self.journal.append(what)

    def counts(self) -> Counter[str]:
        """What the story was made of."""
        counts = Counter(stories=1, uploads=len(self.uploads))
        for upload in self.uploads:
            counts["accepted"] += upload.accepted
            counts["deleted"] += upload.deleted
            counts["retried"] += upload.retries.count(200)
        return counts

    def least_mails(self, upload: Upload) -> int:
        """How often the end of a job must have been told; what is done again is told once."""
        certain = upload.fails and not self.again
        return 1 + upload.retries.count(200) if certain else 1

    def check(self, holds: object, what: str) -> None:
        """Note what does not hold, the first of it, with all that came before.

        It is raised at the story's end: whether a step holds may depend on the moment, and
        hypothesis shortens only stories that go on alike.
        """
        if not holds and not self.broken:
            self.broken = "\n  ".join([what, *self.journal])
