"""An image holds the rooms of servicekit that its service imports, and no other."""

import re
from pathlib import Path

import pytest

from tests.support.imports import imported
from tests.support.project import ROOT, SERVICES

FOLDERS = [*SERVICES, "local/mailcatcher"]
OTHERS = {
    "broker": "rabbitmq",
    "monitoring": "prometheus",
}  # the images of servers that are not ours


def needed(folder: Path) -> set[Path]:
    """The files of servicekit that the modules of a folder import, directly or by one another."""
    found: set[Path] = set()
    queue = list(folder.rglob("*.py"))
    while queue:
        for name in imported(queue.pop()):
            if name.split(".")[0] != "servicekit":
                continue
            path = ROOT.joinpath(*name.split("."))
            files = [path.with_suffix(".py"), path / "__init__.py", path.parent / "__init__.py"]
            fresh = {file for file in files if file.is_file()} - found
            found |= fresh
            queue += fresh
    return found


def rooms(folder: str) -> set[str]:
    """The rooms of servicekit that a service imports."""
    files = {file.relative_to(ROOT / "servicekit") for file in needed(ROOT / folder)}
    return {file.parts[0] for file in files if len(file.parts) > 1}


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_image_holds_the_rooms_that_its_service_imports(folder: str) -> None:
    text = (ROOT / folder / "Dockerfile").read_text()
    copied = re.findall(r"^COPY servicekit/(\w+) \./servicekit/\1$", text, re.MULTILINE)
    assert set(copied) == rooms(folder)
    assert "\nCOPY servicekit/*.py ./servicekit/\n" in text


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_service_requires_what_the_rooms_that_it_imports_require(folder: str) -> None:
    text = (ROOT / folder / "requirements.in").read_text()
    required = re.findall(r"^-r .*servicekit/(?:(\w+)/)?requirements\.in$", text, re.MULTILINE)
    needy = {
        name for name in rooms(folder) if (ROOT / "servicekit" / name / "requirements.in").exists()
    }
    assert set(required) == {"", *needy}


@pytest.mark.parametrize(
    ("folder", "client"),
    [("auth", "pymongo"), ("local/mailcatcher", "pymongo"), ("local/mailcatcher", "pika")],
)
def test_an_image_without_a_queue_or_files_carries_no_client_of_them(
    folder: str, client: str
) -> None:
    pins = (ROOT / folder / "requirements.txt").read_text()
    assert f"\n{client}==" not in f"\n{pins}"


@pytest.mark.parametrize("folder", [*FOLDERS, *OTHERS])
def test_an_image_has_the_list_of_its_packages_made_after_they_are_installed(folder: str) -> None:
    text = (ROOT / folder / "Dockerfile").read_text()
    image = OTHERS.get(folder, folder.rpartition("/")[2])
    made = f"RUN python3 /usr/share/sbom/sbom.py {image} >/usr/share/sbom/{image}.cdx.json\n"
    before, found, after = text.partition(f"COPY scripts/sbom.py /usr/share/sbom/\n{made}")
    assert found and "apt-get install" in before.rpartition("\nFROM ")[2]
    assert not re.search(r"\b(FROM|pip|apt-get|--from=)", after)
