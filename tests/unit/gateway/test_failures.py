"""An outage of MongoDB is told as one; a defect never looks like an outage."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pymongo.errors import (
    AutoReconnect,
    ConfigurationError,
    ExecutionTimeout,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

import server
from servicekit.gridfs import mongodb
from settings import Settings
from tests.support.settings import NEEDED

UNKNOWN_ERROR, OUT_OF_DISK_SPACE = 8, 14031  # MongoDB's error_codes.yml


@pytest.fixture
def app() -> Iterator[Flask]:
    settings = Settings.from_env(NEEDED)
    with mongodb.connect(settings.mongo) as client:
        yield server.open_doors(settings, client)


def answer(app: Flask, error: PyMongoError) -> tuple[int, dict[str, str]]:
    """The status and headers that a view gives which meets `error`."""

    def view() -> str:
        raise error

    app.add_url_rule("/met", view_func=view)
    response = app.test_client().get("/met")
    return response.status_code, dict(response.headers)


@pytest.mark.parametrize(
    "error",
    [
        AutoReconnect("closed"),
        ServerSelectionTimeoutError("nobody"),
        ExecutionTimeout("slow"),
        WTimeoutError("slow", 64),
        OperationFailure("28: No space left on device", UNKNOWN_ERROR),
        OperationFailure("disk", OUT_OF_DISK_SPACE),
    ],
)
def test_an_outage_is_a_503_with_retry_after(app: Flask, error: PyMongoError) -> None:
    status, headers = answer(app, error)
    assert (status, headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    "error",
    [
        OperationFailure("bad query", 2),
        ConfigurationError("x"),
        PyMongoError("lacks chunks"),
    ],
)
def test_a_defect_is_a_500_with_its_id(app: Flask, error: PyMongoError) -> None:
    status, headers = answer(app, error)
    assert status == 500
    assert headers["X-Error-Id"]
    assert "Retry-After" not in headers
