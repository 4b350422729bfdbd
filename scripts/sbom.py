"""Print what is installed in the image that is being built, as CycloneDX 1.6 in JSON.

Usage: sbom.py IMAGE

One component a package, with its version and its package URL: Debian's packages as dpkg knows
them, Python's by their metadata, what a stage of the build compiled, and what the base image did.
There is no date and no serial number in it: the same packages give the same bytes.
"""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from urllib.parse import quote

PYTHON = (
    "opt/venv/lib/python3*/site-packages",
    "opt/python",
    "usr/local/lib/python3*/site-packages",
)
# A line for each of Debian's source packages that was compiled or copied: name, version.
SOURCES = "usr/share/sbom/sources"
# What official images compile, and the variable in which they say its version.
OFFICIAL = {"python": "PYTHON_VERSION", "rabbitmq-server": "RABBITMQ_VERSION"}
DPKG_TIMEOUT = 60  # seconds

Component = dict[str, str]


def component(kind: str, name: str, version: str, qualifiers: str = "") -> Component:
    """One package; `kind` is the type of its package URL, with the namespace."""
    url = f"pkg:{kind}/{quote(name)}@{quote(version, safe=':')}{qualifiers}"
    return {"type": "library", "name": name, "version": version, "purl": url}


def debian() -> Iterator[Component]:
    """What dpkg has installed; CalledProcessError where there is no dpkg database."""
    release = platform.freedesktop_os_release()
    form = "--showformat=${db:Status-Status} ${Package} ${Version} ${Architecture}\n"
    command = ["dpkg-query", "--show", form]
    told = subprocess.run(  # noqa: S603 our own words
        command, check=True, capture_output=True, text=True, timeout=DPKG_TIMEOUT
    ).stdout
    for line in told.splitlines():
        status, name, version, architecture = line.split(" ")
        if status == "installed":
            qualifiers = f"?arch={architecture}&distro={release['VERSION_CODENAME']}"
            yield component(f"deb/{release['ID']}", name, version, qualifiers)


def python(root: Path) -> Iterator[Component]:
    """The packages for Python that did not come as Debian's."""
    folders = [str(folder) for pattern in PYTHON for folder in root.glob(pattern)]
    for package in distributions(path=folders):
        name = package.metadata["Name"].lower().replace("_", "-")
        yield component("pypi", name, package.version)


def compiled(root: Path) -> Iterator[Component]:
    """What the build, or the base image's, compiled from sources."""
    file = root / SOURCES
    for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
        name, version = line.split()
        yield component("deb/debian", name, version, "?arch=source")
    for name, variable in OFFICIAL.items():
        if version := os.environ.get(variable, ""):
            yield component("generic", name, version)


def bill(image: str, root: Path) -> dict[str, object]:
    """The document: every package once, in the order of the package URLs."""
    found = [*debian(), *python(root), *compiled(root)]
    components = {each["purl"]: each for each in found}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "container", "name": f"video2mp3-{image}"}},
        "components": [components[url] for url in sorted(components)],
    }


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1].startswith("-"):
        sys.exit(__doc__)
    json.dump(bill(sys.argv[1], Path("/")), sys.stdout, separators=(",", ":"))
