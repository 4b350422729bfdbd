"""A few stories that hypothesis makes up; `python -m tests.model` tells thousands."""

import pytest

from tests.model.machine import Histories
from tests.model.run import tell_stories
from tests.model.servers import of_stack
from tests.support.stack import Stack

STORIES, STEPS, SEED = 10, 6, 13
WITHIN = 90.0  # seconds; a job without a message is announced again after 75


@pytest.mark.timeout(600)  # the first that does not hold is made shorter for five minutes
def test_stories_of_uploads_and_faults_end_as_their_user_was_told(stack: Stack) -> None:
    told = tell_stories(stack, of_stack(stack), Histories, STORIES, STEPS, SEED, WITHIN)
    assert told["stories"] >= STORIES
