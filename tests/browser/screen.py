"""The page as its user sees it: by labels, headings and roles, never by the code's names."""

import re
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, expect


class Screen:
    """One open page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.files = page.get_by_label("Video files")
        self.sign_out = page.get_by_role("button", name="Sign out")
        self.notice = page.get_by_role("alert")

    def open(self, url: str = "/") -> None:
        """Go to the page."""
        self.page.goto(url)

    def sign_in(self, email: str, password: str) -> None:
        """Sign in, and wait until the list has come."""
        self.try_to_sign_in(email, password)
        expect(self.sign_out).to_be_visible()
        expect(self.page.get_by_text("Looking for your files")).to_be_hidden()

    def try_to_sign_in(self, email: str, password: str) -> None:
        """Fill in the form and send it off."""
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    def open_account(self) -> None:
        """Open the view of the account."""
        self.page.get_by_role("button", name="Account").click()
        expect(self.page.get_by_role("heading", name="Your account")).to_be_focused()

    def change_password(self, current: str, new: str) -> None:
        """Fill in the form of the account and send it off."""
        self.page.get_by_label("Current password").fill(current)
        self.page.get_by_label("New password").fill(new)
        self.page.get_by_role("button", name="Change the password").click()

    def make_key(self, name: str, ends: str = "in 90 days") -> str:
        """Make an API key; the whole of it, as it is shown once."""
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Ends").select_option(ends)
        self.page.get_by_role("button", name="Make a key").click()
        expect(self.row(name)).to_be_visible()
        return self.page.get_by_label("Your new key").input_value()

    def add_webhook(self, url: str) -> None:
        """Add an address to the account's webhooks."""
        self.page.get_by_role("form", name="A new webhook").get_by_label("Address").fill(url)
        self.page.get_by_role("button", name="Add it").click()
        expect(self.row(url)).to_be_visible()

    def add(self, *files: Path | FilePayload) -> None:
        """Choose files, as the file dialog would."""
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="Choose files").click()
        chooser.value.set_files(list(files))  # type: ignore[arg-type]

    def row(self, name: str) -> Locator:
        """The entry of a file in the list."""
        heading = self.page.get_by_role("heading", name=name, exact=True)
        return self.page.get_by_role("listitem").filter(has=heading)

    def shows(self, name: str, state: str) -> None:
        """Wait until the file's entry shows `state`, a regular expression."""
        expect(self.row(name)).to_contain_text(re.compile(state))

    def press(self, action: str, name: str) -> None:
        """Press one of the file's buttons."""
        self.page.get_by_role("button", name=f"{action} {name}", exact=True).click()

    def answer(self, button: str) -> None:
        """Answer the question that the page asks."""
        self.page.get_by_role("dialog").get_by_role("button", name=button).click()

    def plays(self) -> None:
        """Wait until sound is heard."""
        self.page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")

    def token(self) -> str:
        """The session's token."""
        return str(self.page.evaluate("sessionStorage.getItem('video2mp3.token')"))

    def replace_token(self, token: str) -> None:
        """Give the page another token, as if time had gone by."""
        self.page.evaluate("token => sessionStorage.setItem('video2mp3.token', token)", token)
        self.page.reload()
