"""The command line of ./doctor.sh and local/ctl doctor."""

import argparse
import sys
from typing import Any, NoReturn

from scripts.doctor.cluster import Cluster
from scripts.doctor.finding import Level, as_json, as_text
from scripts.doctor.local_stack import LocalStack
from scripts.doctor.site import ROOT, Site, SiteError
from scripts.doctor.walk import Walk

LOCAL = "--local"  # as local/ctl passes it
EPILOG = "Exit 0: every hop is well. 1: one is broken. 2: misuse."


class _Help(argparse.HelpFormatter):
    """Begins as the help of the other scripts does."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        """With a capital."""
        super().add_usage(usage, actions, groups, prefix or "Usage: ")


class _Parser(argparse.ArgumentParser):
    """Says what to type after a misuse, as the other scripts do."""

    def error(self, message: str) -> NoReturn:
        """End with code 2."""
        self.exit(2, f"{self.prog}: {message}\nNext: {self.prog} --help\n")


def arguments() -> argparse.Namespace:
    """The command line; argparse ends the program with code 2 on misuse."""
    local = LOCAL in sys.argv
    parser = _Parser(
        formatter_class=_Help,
        prog="local/ctl doctor" if local else "./doctor.sh",
        description="Walks the path of a job and names the first hop that is broken, what was "
        "found there and needed, and the command that mends it. Takes half a minute at most and "
        "changes nothing.",
        epilog=EPILOG,
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(LOCAL, action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(lasting=False)
    if not local:
        parser.add_argument("--context", default="", help="another kubectl context than minikube")
        parser.add_argument(
            "--lasting", action="store_true", help="exit 1 only for what waiting does not mend"
        )
        parser.add_argument(
            "--inside", action="store_true", help="leave out the way from here to the gateway"
        )
    return parser.parse_args()


def demo_email() -> str:
    """That of the demo's user."""
    lines = (ROOT / "scripts/demo-user.env").read_text(encoding="utf-8").splitlines()
    values = dict(line.split("=", 1) for line in lines if "=" in line)
    return values["DEMO_EMAIL"].strip("'\"")


def main() -> int:
    """0: every hop is well. 1: one is broken. 2: misuse."""
    options = arguments()
    site: Site = LocalStack() if options.local else Cluster(options.context, options.inside)
    try:
        findings = Walk(site, demo_email()).findings()
    except SiteError as error:
        sys.exit(f"Error: the walk broke off: {error}\nNext: {sys.argv[0]} again")
    sys.stdout.write(f"{as_json(findings) if options.json else as_text(findings)}\n")
    bad = [each for each in findings if each.level is Level.BROKEN]
    return int(any(each.lasting or not options.lasting for each in bad))


if __name__ == "__main__":
    sys.exit(main())
