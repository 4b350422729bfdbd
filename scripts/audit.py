"""Exit 1 when a pinned package has a known vulnerability.

Where the service that knows them does not answer, it says so, loudly, and exits 1 only with
AUDIT=required in the environment: an outage elsewhere is no fault of the code.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

TIMEOUT = 180  # seconds for all packages
ANSWER_TIMEOUT = "5"  # seconds for one answer

Dependency = Mapping[str, Any]


def requirements(root: Path) -> list[Path]:
    """Every file of pinned packages."""
    return sorted(path for path in root.glob("**/requirements.txt") if _is_ours(path, root))


def audit(files: list[Path]) -> list[Dependency]:
    """What pip-audit says of each package; RuntimeError when it says nothing."""
    command = ["pip-audit", "--disable-pip", "--require-hashes", "--progress-spinner=off"]
    command += ["--vulnerability-service=pypi", f"--timeout={ANSWER_TIMEOUT}", "--format=json"]
    command += [f"--requirement={file}" for file in files]
    try:
        done = subprocess.run(  # noqa: S603 our own list
            command, capture_output=True, text=True, timeout=TIMEOUT, check=False
        )
        dependencies: list[Dependency] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, json.JSONDecodeError, KeyError) as error:
        raise RuntimeError(f"pip-audit gave no answer: {type(error).__name__}") from error
    return dependencies


def vulnerabilities(dependencies: list[Dependency]) -> Iterator[str]:
    """One line for each that is known, with the versions that mend it."""
    for dependency in dependencies:
        for found in dependency.get("vulns", []):
            mended = ", ".join(found["fix_versions"]) or "no version yet"
            yield f"{dependency['name']} {dependency['version']}: {found['id']}, mended in {mended}"


def main() -> int:
    """The exit code."""
    try:
        dependencies = audit(requirements(Path.cwd()))
    except RuntimeError as error:
        return _not_audited(str(error))
    found = sorted(set(vulnerabilities(dependencies)))
    if found:
        sys.stderr.write("".join(f"{line}\n" for line in found))
        sys.stderr.write("Next: scripts/lock --upgrade\n")
        return 1
    skipped = {each["name"] for each in dependencies if "skip_reason" in each}
    if skipped or not dependencies:
        return _not_audited(f"no answer about {len(skipped)} of {len(dependencies)} packages")
    return 0


def _not_audited(reason: str) -> int:
    sys.stderr.write(f"NOT AUDITED: {reason}; vulnerabilities would not be seen\n")
    return int(os.environ.get("AUDIT") == "required")


def _is_ours(path: Path, root: Path) -> bool:
    folders = path.relative_to(root).parts
    return "node_modules" not in folders and not any(name.startswith(".") for name in folders)


if __name__ == "__main__":
    sys.exit(main())
