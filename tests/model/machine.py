"""The histories: what a user does while services end, servers go away and messages come twice."""

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from servicekit.jobs.message import JobMessage
from tests.model.faults import BACKLOG, OUTAGES, OUTAGES_OF_ONE, SERVICES, Fault
from tests.model.story import Upload
from tests.model.user_story import KIND, UserStory

MOST_KILLS = 2  # in a story; the delivery limit gives a message up after five
MOMENT = st.integers(0, 600).map(lambda ms: ms / 1000)  # seconds; most jobs take less
SERVICE = st.sampled_from(SERVICES)
WHICH = st.integers(0, 1)
# One story in four may have an outage: it costs as much as many uploads.
OUTAGE = st.sampled_from((None,) * 3 * len(OUTAGES) + OUTAGES)
OUTAGE_ON_THREE = st.sampled_from(OUTAGES_OF_ONE * 3 + OUTAGES)


class Histories(UserStory):
    """One story, with at most one outage of a server and MOST_KILLS of services."""

    def __init__(self) -> None:
        super().__init__()
        self.outage: Fault | None = None
        self.kills = 0

    @initialize(outage=OUTAGE)
    def choose_outage(self, outage: Fault | None) -> None:
        """The one that this story may have."""
        self.outage = outage

    @precondition(lambda self: self.kills < MOST_KILLS)
    @rule(target=UserStory.uploads, kind=KIND, service=SERVICE, which=WHICH, after=MOMENT)
    def upload_amid_a_kill(self, kind: str, service: str, which: int, after: float) -> Upload:
        self._ends(f"kill -9 of {service} {which} in {after} s", service)
        return self.user.upload_amid(kind, lambda: self.faults.kill(service, which), after)

    @precondition(lambda self: self.kills < MOST_KILLS)
    @rule(service=SERVICE, which=WHICH)
    def kill(self, service: str, which: int) -> None:
        self._ends(f"kill -9 of {service} {which}", service)
        self.faults.kill(service, which)

    @precondition(lambda self: self.kills < MOST_KILLS)
    @rule(service=SERVICE, which=WHICH)
    def terminate(self, service: str, which: int) -> None:
        self._ends(f"SIGTERM to {service} {which}", service)
        self.faults.terminate(service, which)

    @precondition(lambda self: self.away in (None, BACKLOG))
    @rule(upload=UserStory.uploads)
    def deliver_again(self, upload: Upload) -> None:
        """The message of the job, or that of its mail, is in its queue once more."""
        if upload.job:
            upload.again = True
            mp3 = ObjectId(upload.mp3) if upload.mp3 else None
            queue = "mp3" if mp3 else "video"
            self.story.tell(f"the message of {upload.name} once more on {queue}")
            self.faults.publish(queue, JobMessage(ObjectId(upload.job), self.story.email, mp3))

    @precondition(lambda self: not self.away)
    @rule()
    def sweep(self) -> None:
        """At rest, since the shortest age would take what is on its way for left over."""
        self.faults.wait_ready()
        self.end.wait_for_rest()
        self.story.tell("a sweep")
        self.world.jobs.swept()

    @precondition(lambda self: self.outage and not self.away)
    @rule()
    def begin_outage(self) -> None:
        self._begin_outage()

    @precondition(lambda self: not self.away)
    @rule()
    def begin_backlog(self) -> None:
        self._begin(BACKLOG)

    @precondition(lambda self: self.away)
    @rule()
    def come_back(self) -> None:
        self.story.tell("all comes back")
        self.faults.over()
        self.away = None

    def _begin_outage(self) -> None:
        assert self.outage
        self.story.troubled = True
        self.world.counts[" ".join(self.outage)] += 1
        self._begin(self.outage)
        self.outage = None

    def _begin(self, fault: Fault) -> None:
        self.away, self.story.again = fault, True
        self.story.tell(" ".join(fault))
        self.faults.begin(fault)

    def _ends(self, what: str, service: str) -> None:
        self.kills += 1
        self.story.again = True
        self.story.troubled |= service == "gateway"
        self.story.tell(what)


class HistoriesWithPurges(Histories):
    """Also an operator purges the queue, for a stack that soon announces its jobs again."""

    @precondition(lambda self: self.away in (None, BACKLOG))
    @rule()
    def purge(self) -> None:
        self.story.again = True
        self.story.tell("a purge")
        self.faults.purge()


class HistoriesOnThree(HistoriesWithPurges):
    """On three brokers and three mongods, of which some go away: each story may have an outage."""

    @initialize(outage=OUTAGE_ON_THREE)
    def choose_outage(self, outage: Fault | None) -> None:
        self.outage = outage

    @precondition(lambda self: self.outage and not self.away)
    @rule(target=UserStory.uploads, kind=KIND, after=MOMENT)
    def upload_amid_an_outage(self, kind: str, after: float) -> Upload:
        return self.user.upload_amid(kind, self._begin_outage, after)
