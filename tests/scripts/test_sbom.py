"""The list of an image's packages is valid, names what is installed, and is the same each time."""

import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import sbom
from tests.support.project import ROOT


def printed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "scripts/sbom.py", *arguments],
        env=os.environ | {"PYTHON_VERSION": "3.13.9"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_list_of_this_machine_is_valid_and_knows_dpkgs_packages() -> None:
    done = printed("auth")
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(done.stdout) is None
    packages = {each["name"]: each for each in json.loads(done.stdout)["components"]}
    command = ["dpkg-query", "-W", "-f", "${Version}", "bash"]
    bash = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert packages["bash"]["version"] == bash
    assert packages["python"]["purl"] == "pkg:generic/python@3.13.9"
    assert printed("auth").stdout == done.stdout


def test_a_package_of_the_images_own_python_is_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site = Path(pytest.__file__).parent.parent
    monkeypatch.setattr(sbom, "PYTHON", (str(site.relative_to("/")),))
    urls = [each["purl"] for each in sbom.python(Path("/"))]
    assert f"pkg:pypi/argon2-cffi@{version('argon2-cffi')}" in urls


def test_what_the_build_compiled_is_listed_with_the_version_of_its_source(tmp_path: Path) -> None:
    (tmp_path / "usr/share/sbom").mkdir(parents=True)
    (tmp_path / sbom.SOURCES).write_text("ffmpeg 7:7.1.3-0+deb13u1\n")
    urls = [each["purl"] for each in sbom.compiled(tmp_path)]
    assert urls == ["pkg:deb/debian/ffmpeg@7:7.1.3-0%2Bdeb13u1?arch=source"]


@pytest.mark.parametrize("arguments", [(), ("--help",), ("auth", "gateway")])
def test_without_one_image_it_says_how_it_is_called(arguments: tuple[str, ...]) -> None:
    done = printed(*arguments)
    assert done.returncode == 1
    assert "Usage: sbom.py IMAGE" in done.stderr
