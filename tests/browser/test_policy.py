"""How the page is served."""

import pytest
import requests
from playwright.sync_api import BrowserContext, Error, Page

from tests.support.stack import Stack

TIMEOUT = 10  # seconds


@pytest.mark.parametrize("path", ["/", "/static/js/main.js", "/static/css/base.css"])
def test_every_part_comes_under_the_strict_policy(stack: Stack, path: str) -> None:
    headers = requests.get(stack.env["GATEWAY_URL"] + path, timeout=TIMEOUT).headers
    policy = set(headers["Content-Security-Policy"].split("; "))
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= policy
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_an_unchanged_part_is_not_sent_again(stack: Stack) -> None:
    url = stack.env["GATEWAY_URL"] + "/static/js/main.js"
    first = requests.get(url, timeout=TIMEOUT)
    assert first.headers["Cache-Control"] == "no-cache"
    known = {"If-None-Match": first.headers["ETag"]}
    assert requests.get(url, headers=known, timeout=TIMEOUT).status_code == 304


def test_nothing_outside_of_the_folder_is_served(stack: Stack) -> None:
    for path in ("/static/%2e%2e/server.py", "/static/js", "/static/nothing.js"):
        assert requests.get(stack.env["GATEWAY_URL"] + path, timeout=TIMEOUT).status_code == 404


def test_the_page_asks_no_other_host(page: Page, stack: Stack) -> None:
    addresses = list[str]()
    page.on("request", lambda request: addresses.append(request.url))
    page.goto("/", wait_until="networkidle")
    assert len(addresses) > 10
    assert not [a for a in addresses if not a.startswith(stack.env["GATEWAY_URL"])]


def test_the_policy_stops_what_markup_would_bring(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    stopped = page.evaluate(
        """() => new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (e) => resolve(e.violatedDirective));
          new Image().src = "http://localhost:9/stolen";
        })"""
    )
    assert stopped == "img-src"
    with pytest.raises(Error, match="TrustedHTML"):
        page.evaluate("document.body.innerHTML = '<b>markup</b>'")
