"""Uppy, the field's own uploader for web pages, uploads to the gateway."""

import subprocess
from pathlib import Path

import pytest
from bson import ObjectId
from playwright.sync_api import Browser

from tests.support import files
from tests.support.client import Client
from tests.support.files import Mongo
from tests.support.project import ROOT
from tests.support.stack import Stack

NPM = ROOT / "tests/npm"
TIMEOUT = 60  # seconds
SIZE = 3_000_000  # bytes
UPLOAD = """async ({ endpoint, token, size }) => {
  const { Uppy, Tus } = window.uploader;
  const headers = { Authorization: `Bearer ${token}` };
  const uppy = new Uppy().use(Tus, { endpoint, headers, chunkSize: 1_000_000 });
  const data = new File([new Uint8Array(size).fill(7)], "talk.mp4", { type: "video/mp4" });
  uppy.addFile({ name: "talk.mp4", type: "video/mp4", data });
  const { successful, failed } = await uppy.upload();
  return failed.length ? String(failed[0].error) : successful[0].uploadURL;
}"""


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Uppy and its tus plugin in one script, as `window.uploader`."""
    made = tmp_path_factory.mktemp("uppy") / "uploader.js"
    esbuild = NPM / "node_modules/.bin/esbuild"
    options = ["--bundle", "--format=iife", "--global-name=uploader", f"--outfile={made}"]
    command = [str(esbuild), str(NPM / "uppy.js"), *options]
    subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT)
    return made


def test_uppy_uploads_in_parts(
    browser: Browser, stack: Stack, user: tuple[str, Client], mongo: Mongo, bundle: Path
) -> None:
    """https://uppy.io; the page's own policy lets no such script in, so it is set aside here."""
    client = user[1]
    with browser.new_context(base_url=stack.env["GATEWAY_URL"], bypass_csp=True) as context:
        page = context.new_page()
        page.goto("/")
        page.add_script_tag(path=bundle)
        told = {"endpoint": f"{client.url}/uploads", "token": client.token, "size": SIZE}
        url = page.evaluate(UPLOAD, told)
    assert "/uploads/" in url, url
    job = client.request("GET", f"/jobs/{url.rpartition('/')[2]}").json()
    assert job["filename"] == "talk.mp4"
    assert files.content(mongo["videos"], ObjectId(job["id"])) == b"\x07" * SIZE
