"""What a file says of its length is taken only where it can be one."""

import pytest

from convert.media import stated_seconds


@pytest.mark.parametrize(
    ("stream", "seconds"),
    [
        ({"duration": "52.167007"}, 52.167007),
        ({"tags": {"DURATION": "01:00:02.500000000"}}, 3602.5),
        ({"duration": "-3.2"}, None),
        ({"duration": "0.000000"}, None),
        ({"duration": "nan"}, None),
        ({"duration": "inf"}, None),
        ({"duration": "N/A"}, None),
        ({"tags": {"DURATION": "soon"}}, None),
        ({"tags": {}}, None),
        ({}, None),
    ],
)
def test_only_a_length_is_a_length(stream: dict[str, object], seconds: float | None) -> None:
    assert stated_seconds(stream) == seconds
