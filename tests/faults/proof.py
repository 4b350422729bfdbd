"""What must hold once the faults have ended and all is started again."""

from functools import partial

from tests.support.jobs import Jobs
from tests.support.load import Load, check_all_ended
from tests.support.log import say
from tests.support.mailbox import Mailbox
from tests.support.proof import check_dead, check_nothing_left, nothing_on_its_way
from tests.support.stack import Stack
from tests.support.wait import until

SETTLED_WITHIN = 300.0  # seconds for all that was accepted to end


def prove(stack: Stack, load: Load, email: str) -> None:
    """AssertionError or TimeoutError says what does not hold."""
    with Jobs(stack.env["MONGODB_URI"]) as jobs:
        check_all_ended(load.accepted, email, jobs, Mailbox(stack.env["MAIL_DIR"]), SETTLED_WITHIN)
        say(f"proved: all {len(load.accepted)} accepted jobs ended as they should, and were told")
        until(
            lambda: nothing_on_its_way(partial(stack.ctl, "rabbitmqctl")),
            "empty queues",
            SETTLED_WITHIN,
        )
        check_dead(stack.env["RABBITMQ_URL"], jobs, email, load.accepted)
        say("proved: the queues are empty, and what is dead was told, or never accepted")
        check_nothing_left(stack, jobs)
        say("proved: one MP3 a video, no chunk without a file, no temporary file")
