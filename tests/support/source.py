"""Requests that come from an address on loopback of the test's choice."""

from typing import Any

import requests
from requests.adapters import HTTPAdapter


class _From(HTTPAdapter):
    def __init__(self, source: str) -> None:
        self._source = source
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, source_address=(self._source, 0), **options)


def session(source: str) -> requests.Session:
    """A session whose connections come from the address `source`."""
    made = requests.Session()
    made.mount("http://", _From(source))
    return made
