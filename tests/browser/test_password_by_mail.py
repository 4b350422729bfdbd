"""Who forgot the password, or is new, chooses one by the link of a mail."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.screen import Screen
from tests.browser.test_refusals import gateway
from tests.support.auth import own_auth
from tests.support.client import Client
from tests.support.mailbox import Mailbox
from tests.support.stack import Stack
from tests.support.users import PASSWORD, unused_email
from tests.support.wait import until

NEW = "another-one-4711"
SENT = "If the address is right, a mail with a link is on its way."
SET = "Your password is set. Please sign in with it."
OVER = "This link has ended or was used already. Please ask for a new mail."


@contextmanager
def installation(stack: Stack, **settings: str) -> Iterator[str]:
    """The URL of a gateway whose auth service has settings of its own."""
    with (
        own_auth(stack, **settings) as auth,
        gateway(stack, AUTH_SVC_ADDRESS=urlsplit(auth.url).netloc) as url,
    ):
        yield url


@pytest.fixture
def mails(stack: Stack) -> Mailbox:
    """The mails from now on."""
    return Mailbox(stack.env["MAIL_DIR"], since=time.time_ns())


def fragment(mails: Mailbox, email: str) -> str:
    """What the link of the next mail to this address ends in: `/#code=…`."""
    (mail,) = until(lambda: mails.mails(email), "the mail has come")
    link = re.search(r"/#code=\S+", mail.get_content())
    assert link
    return link[0]


def ask(screen: Screen, control: str, email: str) -> None:
    """Ask for a mail by one of the controls below the sign-in."""
    screen.page.get_by_role("button", name=control).click()
    form = screen.page.get_by_role("form", name=control)
    form.get_by_label("Email").fill(email)
    form.get_by_role("button", name="Send the mail").click()


def choose(screen: Screen, password: str) -> None:
    """Choose a password in the form that a link opens."""
    form = screen.page.get_by_role("form", name="Choose a password")
    form.get_by_label("New password").fill(password)
    form.get_by_role("button", name="Set the password").click()


def test_a_forgotten_password_is_replaced_by_the_link_of_a_mail(
    page: Page, user: tuple[str, Client], mails: Mailbox
) -> None:
    email, client = user
    screen = Screen(page)
    screen.open()
    ask(screen, "Forgot your password?", email)
    expect(screen.notice).to_have_text(SENT)
    link = fragment(mails, email)
    screen.open(link)
    choose(screen, "1234567")
    expect(screen.notice).to_contain_text("A password needs at least 8 characters.")
    choose(screen, NEW)
    expect(screen.notice).to_have_text(SET)
    until(lambda: client.request("GET", "/jobs").status_code == 401, "the session is over", 1)
    assert client.login(email, PASSWORD).status_code == 401
    screen.sign_in(email, NEW)

    screen.sign_out.click()
    screen.open(link)
    choose(screen, PASSWORD)
    expect(screen.notice).to_have_text(OVER)
    expect(page.get_by_role("button", name="Forgot your password?")).to_be_visible()
    assert client.login(email, NEW).ok


def test_nobody_learns_here_who_has_an_account(page: Page) -> None:
    screen = Screen(page)
    screen.open()
    ask(screen, "Forgot your password?", unused_email())
    expect(screen.notice).to_have_text(SENT)
    page.get_by_role("button", name="Back to the sign-in").click()
    expect(page.get_by_label("Email")).to_be_focused()


def test_what_is_no_address_and_too_many_mails_are_refused(page: Page) -> None:
    screen = Screen(page)
    screen.open()
    ask(screen, "Forgot your password?", "")
    expect(screen.notice).to_have_text("An email is needed.")
    page.get_by_role("button", name="Back to the sign-in").click()
    ask(screen, "Forgot your password?", "ada")
    expect(screen.notice).to_have_text("This is no email address.")
    page.get_by_role("button", name="Back to the sign-in").click()
    refused = {"status": 429, "body": "Too Many Requests", "headers": {"Retry-After": "841"}}
    page.route("**/password/forgotten", lambda route: route.fulfill(**refused))
    ask(screen, "Forgot your password?", "ada@example.com")
    expect(screen.notice).to_have_text(
        "Too many mails were asked for. Please try again in 15 minutes."
    )


def test_a_code_is_in_memory_alone(page: Page) -> None:
    asked = list[str]()
    page.on("request", lambda request: asked.append(request.url))
    screen = Screen(page)
    screen.open("/")
    screen.open("/#code=nobody-may-see-this")
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    expect(page.get_by_label("New password")).to_be_focused()
    assert page.url == page.evaluate("location.origin") + "/"
    stored = "JSON.stringify([localStorage, sessionStorage, history.state])"
    assert "nobody-may-see-this" not in page.evaluate(stored)
    choose(screen, NEW)
    expect(screen.notice).to_have_text(OVER)
    assert not [
        url
        for url in asked
        if "nobody-may-see-this" in urlsplit(url)._replace(fragment="").geturl()
    ]
    page.reload()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_link_wins_over_who_is_signed_in(screen: Screen, user: tuple[str, Client]) -> None:
    page = screen.page
    screen.open_account()
    page.evaluate("location.hash = 'code=of-somebody'")  # as if put into the bar
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    expect(screen.sign_out).to_be_hidden()
    expect(page.get_by_role("heading", name="Your account")).to_have_count(0)
    assert screen.token() == ""
    page.get_by_role("button", name="Back to the sign-in").click()
    screen.sign_in(user[0], PASSWORD)
    page.goto("about:blank")
    screen.open("/#code=of-somebody")
    expect(page.get_by_role("heading", name="Choose a password")).to_be_visible()
    expect(screen.sign_out).to_be_hidden()


def test_where_registration_is_open_an_account_is_made_by_a_mail(
    page: Page, stack: Stack, mails: Mailbox
) -> None:
    screen, email = Screen(page), unused_email()
    with installation(stack, REGISTRATION="open") as url:
        screen.open(url)
        ask(screen, "Create an account", email)
        expect(screen.notice).to_have_text(SENT)
        screen.open(url + fragment(mails, email))
        choose(screen, NEW)
        expect(screen.notice).to_have_text(SET)
        screen.sign_in(email, NEW)
        expect(page.get_by_text("Nothing here yet")).to_be_visible()


def test_a_registration_that_was_closed_meanwhile_is_told(
    page: Page, stack: Stack, mails: Mailbox
) -> None:
    screen, email = Screen(page), unused_email()
    with installation(stack, REGISTRATION="open") as url:
        screen.open(url)
        ask(screen, "Create an account", email)
        link = fragment(mails, email)
    screen.open(link)
    choose(screen, NEW)
    expect(screen.notice).to_have_text("Registration is closed.")
    page.get_by_role("button", name="Back to the sign-in").click()
    expect(page.get_by_role("button", name="Forgot your password?")).to_be_visible()
    expect(page.get_by_role("button", name="Create an account")).to_be_hidden()


def test_an_installation_without_the_accounts_database_offers_no_mails(
    page: Page, stack: Stack
) -> None:
    with installation(stack, ACCOUNTS_PASSWORD_FILE="") as url:
        with page.expect_response("**/registration") as answer:
            page.goto(url)
        assert answer.value.status == 501
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("button", name="Forgot your password?")).to_be_hidden()
        expect(page.get_by_role("button", name="Create an account")).to_be_hidden()
