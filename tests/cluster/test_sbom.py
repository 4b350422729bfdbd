"""The list of packages in each pod's image is what is installed there, no more and no less."""

import json
import re

import pytest

from tests.support.cluster import kubectl
from tests.support.project import SERVICES

PODS = {name: f"deployment/{name}" for name in (*SERVICES, "mailcatcher")}
PODS["rabbitmq"] = "statefulset/rabbitmq"
DEBIAN = "dpkg-query --show --showformat='${Package} ${Version}\\n'"
# Wherever they are, not only where the list looks; those of Debian's packages are dpkg's.
PYTHON = (
    "find / -xdev -path /proc -prune -o -path /usr/lib/python3 -prune -o "
    "-name '*.dist-info' -print 2>/dev/null || true"
)


def in_pod(image: str, line: str) -> list[str]:
    """What a command line prints there."""
    return kubectl("exec", PODS[image], "--", "sh", "-c", line).splitlines()


def listed(image: str, kind: str) -> set[tuple[str, str]]:
    """Names and versions of one kind of package URL; those that were only copied left out."""
    text = kubectl("exec", PODS[image], "--", "cat", f"/usr/share/sbom/{image}.cdx.json")
    return {
        (each["name"], each["version"])
        for each in json.loads(text)["components"]
        if each["purl"].startswith(f"pkg:{kind}/") and "arch=source" not in each["purl"]
    }


def folder_of(name: str, version: str) -> str:
    """The name of the folder with a package's metadata, as its specification normalises it."""
    return f"{re.sub(r'[-_.]+', '_', name).lower()}-{version}.dist-info"


@pytest.mark.parametrize("image", PODS)
def test_the_list_of_an_image_has_the_packages_of_its_pod(demo: object, image: str) -> None:
    installed = {tuple(line.split(" ")) for line in in_pod(image, DEBIAN)}
    assert len(installed) > 50  # a Debian
    assert listed(image, "deb") == installed
    folders = {path.rsplit("/", 1)[1].lower() for path in in_pod(image, PYTHON)}
    assert {folder_of(*each) for each in listed(image, "pypi")} == folders
    assert folders


def test_the_list_of_the_converter_names_the_source_of_its_ffmpeg(demo: object) -> None:
    (told,) = [line for line in in_pod("converter", "ffmpeg -version") if "ffmpeg version" in line]
    text = kubectl("exec", PODS["converter"], "--", "cat", "/usr/share/sbom/converter.cdx.json")
    packages = {each["name"]: each["version"] for each in json.loads(text)["components"]}
    assert packages["ffmpeg"].split(":")[-1] in told
