"""What may be asked for in an address."""

import pytest
from bson import ObjectId
from werkzeug.datastructures import MultiDict

from jobs import query
from servicekit.http.errors import RefusedError
from upload import filename

ONE, TWO = str(ObjectId()), str(ObjectId())


@pytest.mark.parametrize(
    "given",
    [
        [("ids", f"{ONE},{TWO}")],
        [("ids", f"{ONE},{TWO},{ONE.upper()},")],
        [("ids", ONE), ("other", "x"), ("ids", f"{TWO},{ONE}")],
    ],
)
def test_ids_come_once_and_in_their_order(given: list[tuple[str, str]]) -> None:
    assert query.ids(MultiDict(given)) == [ONE, TWO]


@pytest.mark.parametrize("count", [0, 401])
def test_none_and_too_many_ids_are_refused(count: int) -> None:
    ids = ",".join(str(ObjectId()) for _ in range(count))
    with pytest.raises(RefusedError, match="ids must be those of 1 to 400 jobs"):
        query.ids(MultiDict({"ids": ids}))


def test_400_ids_fit_into_the_form_that_is_read_also_when_their_commas_are_escaped() -> None:
    assert len("ids=" + "%2C".join([ONE] * query.MAX_IDS)) < query.MAX_IDS_FORM


@pytest.mark.parametrize("name", ["", "talk", "a b.*", "ü" * 255])
def test_a_part_of_a_name_is_taken_as_it_is(name: str) -> None:
    assert query.page(MultiDict({"q": name})).named == name


def test_every_name_that_is_stored_can_be_looked_for() -> None:
    assert query.MAX_NAME == filename.MAX_LENGTH


@pytest.mark.parametrize("name", ["x" * 256, "a\0", "a\nb", "\x7f"])
def test_what_is_no_part_of_a_name_is_refused(name: str) -> None:
    with pytest.raises(RefusedError, match="q must be a part of a name"):
        query.page(MultiDict({"q": name}))
