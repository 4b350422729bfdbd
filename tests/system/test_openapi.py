"""The running gateway answers every request as its openapi.json says."""

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.support.project import ROOT
from tests.support.users import User

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
schema = schemathesis.openapi.from_path(ROOT / "gateway/openapi.json")

# Unknown parameters are ignored, and a schema cannot say that `end` is after `start`. The only
# header that has to be there is that of tus, which wants a 412 without it.
NOT_PROMISED: list[CheckFunction] = [
    negative_data_rejection,
    positive_data_acceptance,
    missing_required_header,
]


@schema.parametrize()
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_gateway_keeps_its_word(case: Case[Any], user: User) -> None:
    headers = {"Authorization": f"Bearer {user.client.token}"}
    case.call_and_validate(user.client.url, headers=headers, excluded_checks=NOT_PROMISED)
