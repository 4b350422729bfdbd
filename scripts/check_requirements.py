"""Exit 1 unless every requirements.txt pins, with hashes, all that its requirements.in asks for."""

import re
import sys
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PIN = re.compile(r"([A-Za-z0-9._-]+)==\S+(.*)")


def normal(name: str) -> str:
    """The name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(path: Path) -> set[str]:
    """The packages named in a requirements.in and in those that it includes."""
    names: set[str] = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            names |= asked(path.parent / line.removeprefix("-r ").strip())
        elif match := NAME.match(line):
            names.add(normal(match.group()))
    return names


def pinned(path: Path) -> set[str]:
    """The packages that a requirements.txt pins with at least one hash."""
    lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    pins = (PIN.match(line) for line in lines)
    return {normal(pin.group(1)) for pin in pins if pin and "--hash=sha256:" in pin.group(2)}


def problems(folder: Path) -> list[str]:
    """What a person has to mend in `folder`, one line each."""
    pins = folder / "requirements.txt"
    if not pins.exists():
        return [f"{pins} is missing"]
    missing = asked(folder / "requirements.in") - pinned(pins)
    return [f"{pins} does not pin {name}" for name in sorted(missing)]


def folders(root: Path) -> list[Path]:
    """Where a requirements.txt belongs: servicekit's packages are pinned by who includes them."""
    tops = [top for top in root.iterdir() if top.name[0] != "." and top.name != "servicekit"]
    return sorted(path.parent for top in tops for path in top.rglob("requirements.in"))


def main() -> None:
    """Check the requirements of every service, of the broker, the local stack and the tests."""
    root = Path(__file__).parent.parent
    found = [line for folder in folders(root) for line in problems(folder)]
    if found:
        sys.exit("\n".join([*found, "Next: scripts/lock"]))


if __name__ == "__main__":
    main()
