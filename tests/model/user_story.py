"""What the user of a story may do, in any order, and what holds after each step and at the end."""

import sys
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.model.actions import UserActions
from tests.model.end import End
from tests.model.faults import Fault, Faults
from tests.model.seen import check_listed, check_mp3s
from tests.model.servers import Servers
from tests.model.story import KINDS, Story, Upload
from tests.support.jobs import Jobs
from tests.support.log import say
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack
from tests.support.users import new_user

KIND = st.sampled_from(tuple(KINDS))


@dataclass(frozen=True)
class World:
    """What all stories share; `within` is the seconds in which the stack must come to rest."""

    stack: Stack
    servers: Servers
    jobs: Jobs
    faults: Faults
    samples: Mapping[str, Path]
    within: float
    counts: Counter[str] = field(default_factory=Counter)


class UserStory(RuleBasedStateMachine):
    """One story: a new user of a stack that is well. A rule may not depend on what is answered.

    `away` is what has gone away, until it comes back.
    """

    uploads = Bundle("uploads")
    world: World  # set by who runs the stories

    def __init__(self) -> None:
        super().__init__()
        self.faults = self.world.faults
        self.faults.wait_ready()
        user = new_user(self.world.stack)
        self.mailbox = Mailbox(self.world.stack.env["MAIL_DIR"], since=time.time_ns())
        self.story = Story(user.email)
        self.client = user.client
        self.user = UserActions(user.client, self.story, self.world.samples)
        world = self.world
        self.end = End(world.stack, world.servers, world.jobs, self.story, world.within)
        self.away: Fault | None = None

    @initialize(target=uploads, kind=KIND)
    def first_upload(self, kind: str) -> Upload:
        return self.user.upload(kind)

    @rule(target=uploads, kind=KIND)
    def upload(self, kind: str) -> Upload:
        return self.user.upload(kind)

    @rule(target=uploads, kind=KIND)
    def upload_twice(self, kind: str) -> Upload:
        return self.user.upload(kind, key=uuid.uuid4().hex, times=2)

    @rule(kind=KIND)
    def upload_half(self, kind: str) -> None:
        self.user.upload_half(kind)

    @precondition(lambda self: not self.away)
    @rule(upload=uploads)
    def wait(self, upload: Upload) -> None:
        self.user.wait(upload)

    @rule(upload=uploads)
    def retry(self, upload: Upload) -> None:
        self.user.retry(upload)

    @rule(upload=uploads)
    def delete(self, upload: Upload) -> None:
        self.user.delete(upload)

    @rule(upload=uploads)
    def download(self, upload: Upload) -> None:
        self.user.download(upload)

    @invariant()
    def what_is_listed_was_promised(self) -> None:
        if (self.away or ("", ""))[1] == "mongod":
            return  # each look would wait for its timeout
        listed = self.user.listed()
        if listed is not None:
            check_listed(self.story, listed)
        if not self.story.troubled:
            check_mp3s(self.story, self.world.jobs)

    def teardown(self) -> None:
        """The end of the story, and its proof unless it did not hold before."""
        self.faults.over()
        self.world.counts.update(self.story.counts())
        error = sys.exception()
        try:
            if error is None:
                self._prove()
        except Exception as found:
            error = found
            raise
        finally:
            if error is not None:  # hypothesis breaks some stories off itself, by no Exception
                if isinstance(error, Exception):
                    say(f"did not hold: {type(error).__name__}: {error}")
                self.faults.clean(self.world.jobs, self.story.email)

    def _prove(self) -> None:
        """AssertionError unless all holds; nothing is waited for once something does not."""
        self.faults.wait_ready()
        self.story.tell("all is well again")
        self.story.troubled = False
        for prove in (
            self.end.wait_for_rest,
            self.what_is_listed_was_promised,
            lambda: self.end.check(self.mailbox, self.client.download),
            self.user.delete_all,
            self.end.check_nothing_left,
        ):
            if not self.story.broken:
                prove()
        assert not self.story.broken, self.story.broken
