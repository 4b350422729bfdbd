"""What became of the uploads, counted from the journal of what their clients were told."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from bson import ObjectId

from tests.jepsen.world import World
from tests.support import files
from tests.support.files import Document, Mongo
from tests.support.steady import Told

QUEUES = ("video", "mp3")


@dataclass(frozen=True)
class Verdict:
    """Uploads by what became of them.

    `accepted` were told `success!`, `refused` anything else. `lost`: accepted, and neither an MP3
    nor a failure that its user was told of. `unexpected`: a video that nobody sent, an MP3 without
    its job. `doubled`: an upload with two jobs, a job with two MP3s or two distinct mails.
    `recovered`: refused, and an MP3 all the same. `left` are messages that wait in a queue.
    """

    accepted: int
    refused: int
    lost: int
    unexpected: int
    doubled: int
    recovered: int
    left: int

    @property
    def good(self) -> bool:
        """Whether all that was promised held."""
        return not (self.lost or self.unexpected or self.doubled or self.left)

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in asdict(self).items())


def judge(world: World, email: str, journal: Iterable[Told]) -> Verdict:
    """Count now; what is still under way counts as lost."""
    told = list(journal)
    with files.connect(world.mongods.uri) as mongo:
        videos = files.videos_of(mongo, email)
        mp3s = list(mongo["mp3s"]["fs.files"].find({"metadata.username": email}))
        orphans = sum(1 for mp3 in mp3s if not _video_of(mongo, mp3))
    sent = {each.name: each for each in told}
    by_name = Counter(video["filename"] for video in videos)
    by_job = Counter(str(mp3["metadata"]["video_fid"]) for mp3 in mp3s)
    mails = _mails(world, mp3s)
    ended = {str(v["_id"]) for v in videos if _is_told(v, by_job, mails)}
    accepted = {each.job for each in told if each.job}
    refused = [each for each in told if not each.job]
    with_mp3 = {video["filename"] for video in videos if by_job[str(video["_id"])]}
    return Verdict(
        accepted=len(accepted),
        refused=len(refused),
        lost=len(accepted - ended),
        unexpected=sum(name not in sent for name in by_name) + orphans,
        doubled=sum(count > 1 for counts in (by_name, by_job, mails) for count in counts.values()),
        recovered=sum(each.name in with_mp3 for each in refused),
        left=_messages(world),
    )


def _mails(world: World, mp3s: Iterable[Document]) -> Counter[str]:
    """How many distinct mails told of each job."""
    job_of = {str(mp3["_id"]): str(mp3["metadata"]["video_fid"]) for mp3 in mp3s}
    ids = {str(mail.message["Message-ID"]) for mail in world.smtp.mails}
    names = (message_id.strip("<>").partition("@")[0] for message_id in ids)
    return Counter(job_of.get(name, name.removesuffix(".failed")) for name in names)


def _is_told(video: Document, mp3s: Counter[str], mails: Counter[str]) -> bool:
    job, state = str(video["_id"]), video["metadata"]["state"]
    return mails[job] > 0 and (bool(mp3s[job]) if state == "done" else state == "failed")


def _video_of(mongo: Mongo, mp3: Document) -> bool:
    job = ObjectId(mp3["metadata"]["video_fid"])
    return mongo["videos"]["fs.files"].find_one({"_id": job}, {"_id"}) is not None


def _messages(world: World) -> int:
    """How many messages the queues hold, those with a worker included."""
    return sum(int(world.queues.queue(queue).get("messages", 0)) for queue in QUEUES)
