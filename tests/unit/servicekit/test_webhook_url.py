"""What may be the address of a webhook."""

import pytest

from servicekit.webhooks.url import MAX_URL, webhook_url

GOOD = [
    "https://example.com",
    "https://example.com/a?b=c",
    "http://example.com:80/",
    "https://example.com:8443/hook",
    "http://[2001:db8::1]:8080/",
    "https://xn--bcher-kva.example/",
    "https://example.com/" + "a" * (MAX_URL - 20),
]
BAD = [
    "",
    "example.com",
    "//example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://",
    "https:///path",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://example.com/#part",
    "https://example.com:22/",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:port/",
    "https://[::1/",
    "https://bücher.example/",
    "https://example.com/a b",
    "https://example.com/\r\nX: y",
    "https://example.com/" + "a" * (MAX_URL - 19),
]


@pytest.mark.parametrize("text", GOOD)
def test_an_address_of_the_web_is_one(text: str) -> None:
    assert webhook_url(text) == text


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_none(text: str) -> None:
    assert webhook_url(text) is None
