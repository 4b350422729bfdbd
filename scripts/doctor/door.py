"""The way from this machine to the gateway: the name, the forward, who has port 80."""

import http.client
import socket

from scripts.doctor.finding import Finding, broken, ok
from scripts.doctor.site import SiteError, output

NAME = "video2mp3.com"
HOP = "way in"
TIMEOUT = 5.0  # seconds


def way_in() -> list[Finding]:
    """The first of the name, the port and the gateway's answer that is not as it should be."""
    for check in (_name, _answer):
        found = check()
        if found:
            return [found]
    return [ok(HOP, f"http://{NAME} is the gateway")]


def _name() -> Finding | None:
    try:
        address = socket.gethostbyname(NAME)
    except OSError as error:
        address = str(error)
    if address.startswith("127."):
        return None
    needed = f"the line 127.0.0.1 {NAME} in /etc/hosts"
    found = f"{NAME} is {address}"
    return broken(HOP, f"{NAME} is not this machine", found, needed, "./setup-host.sh")


def _answer() -> Finding | None:
    connection = http.client.HTTPConnection("127.0.0.1", 80, timeout=TIMEOUT)
    try:
        connection.request("GET", "/healthz", headers={"Host": NAME})
        answer = connection.getresponse()
        body = answer.read(100)
    except (OSError, http.client.HTTPException) as error:
        return _no_forward(str(error))
    finally:
        connection.close()
    if answer.status == 200 and answer.getheader("X-Request-Id"):
        return None
    return broken(
        HOP,
        "port 80 is another server's",
        f"{answer.status} {body[:60]!r}, from {_owner() or 'a process of another user'}",
        "port 80 free for ./start-services.sh",
        "ss -ltnp 'sport = :80', stop what is shown, then ./start-services.sh",
    )


def _no_forward(said: str) -> Finding:
    owner = _owner()
    found = f"127.0.0.1:80: {said}" + (f", {owner} listens" if owner else "")
    needed = "the forward of ./start-services.sh"
    return broken(HOP, "nobody forwards port 80", found, needed, "./start-services.sh")


def _owner() -> str:
    try:
        lines = output(["ss", "-ltnpH", "sport = :80"]).splitlines()
    except SiteError:
        return ""
    return lines[0].split()[-1] if lines else ""
