"""A small SMTP server on loopback that replies as a test says, and otherwise with success."""

import base64
import socketserver
import ssl
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Self

from tests.support.closing import Closing

DROP = "drop"  # instead of a reply: close the connection

_GOOD = {
    "CONNECT": "220 ready",
    "EHLO": "250",
    "STARTTLS": "220 go on",
    "AUTH": "235 welcome",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "BODY": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@dataclass(frozen=True)
class Mail:
    """A mail that the server accepted with 250."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage


class SmtpServer(Closing):
    """A context manager. `tls` with a context: "starttls" offers it, "tls" begins with it."""

    def __init__(self, tls: str = "none", context: ssl.SSLContext | None = None) -> None:
        self.tls, self.context = tls, context
        self.mails: list[Mail] = []
        self.logins: list[tuple[str, str]] = []
        self.commands: list[str] = []
        self._once: defaultdict[str, deque[str]] = defaultdict(deque)
        self._always: dict[str, str] = {}
        self._changed = threading.Condition()
        self._listener = _Listener(self)
        self.port = int(self._listener.server_address[1])

    def __enter__(self) -> Self:
        serve = self._listener.serve_forever
        threading.Thread(target=serve, args=(0.05,), name="smtp", daemon=True).start()
        return self

    def close(self) -> None:
        """Stop listening."""
        self._listener.shutdown()
        self._listener.server_close()

    def answer(self, command: str, *replies: str) -> None:
        """Give these replies, one each, to the next times that `command` comes.

        CONNECT stands for the greeting, BODY for the end of the mail's text.
        """
        with self._changed:
            self._once[command].extend(replies)

    def always(self, command: str, reply: str) -> None:
        """Give this reply to every `command` from now on."""
        with self._changed:
            self._always[command] = reply

    def wait_for_mails(self, count: int, timeout: float = 20) -> list[Mail]:
        """The mails, as soon as there are `count`; TimeoutError when they do not come."""
        self._wait(lambda: len(self.mails) >= count, timeout)
        return list(self.mails)

    def wait_for_command(self, command: str, count: int = 1, timeout: float = 20) -> None:
        """Return once `command` has come `count` times; TimeoutError when it does not."""
        self._wait(lambda: self.commands.count(command) >= count, timeout)

    def _wait(self, condition: Callable[[], bool], timeout: float) -> None:
        with self._changed:
            if not self._changed.wait_for(condition, timeout):
                raise TimeoutError(f"{len(self.mails)} mails after {self.commands}")

    def reply_to(self, command: str) -> str:
        """The reply to a command; for the sessions."""
        with self._changed:
            self.commands.append(command)
            self._changed.notify_all()
            if self._once[command]:
                return self._once[command].popleft()
            return self._always.get(command) or _GOOD.get(command, "500 what?")

    def take(self, mail: Mail) -> None:
        """Keep a mail; for the sessions."""
        with self._changed:
            self.mails.append(mail)
            self._changed.notify_all()


class _Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, smtp: SmtpServer) -> None:
        self.smtp = smtp
        super().__init__(("127.0.0.1", 0), _Session)


class _Session(socketserver.StreamRequestHandler):
    """One connection, command by command."""

    server: _Listener

    def handle(self) -> None:
        self.smtp = self.server.smtp
        self.sender, self.recipients = "", tuple[str, ...]()
        try:
            if self.smtp.tls == "tls":
                self._encrypt()
            if self._reply("CONNECT"):
                while (line := self.rfile.readline()) and self._obey(line.decode().strip()):
                    pass
        except (OSError, ValueError):
            return  # the client went away, or its handshake failed
        finally:
            self.rfile.close()
            self.connection.close()

    def _obey(self, line: str) -> bool:
        """Do one command; False ends the session."""
        command = line.split()[0].upper()
        if command == "EHLO":
            return self._greet()
        reply = self._reply(command)
        if reply.startswith(("2", "3")):
            self._act(command, line)
        return bool(reply) and command != "QUIT"

    def _act(self, command: str, line: str) -> None:
        """What a command does after its reply of success."""
        if command == "STARTTLS":
            self._encrypt()
        elif command == "AUTH":
            _, user, password = base64.b64decode(line.split()[2]).decode().split("\0")
            self.smtp.logins.append((user, password))
        elif command == "MAIL":
            self.sender, self.recipients = _address(line), ()
        elif command == "RCPT":
            self.recipients += (_address(line),)
        elif command == "DATA":
            self._receive()

    def _receive(self) -> None:
        lines = list(iter(self.rfile.readline, b".\r\n"))
        if self._reply("BODY").startswith("2"):
            message = message_from_bytes(b"".join(lines), policy=policy.default)
            self.smtp.take(Mail(self.sender, self.recipients, message))

    def _greet(self) -> bool:
        offers = ["localhost", "AUTH PLAIN"]
        if self.smtp.tls == "starttls" and not isinstance(self.connection, ssl.SSLSocket):
            offers.insert(1, "STARTTLS")
        if self.smtp.reply_to("EHLO") == DROP:
            return False
        self._send("\r\n".join(f"250-{offer}" for offer in offers[:-1]) + f"\r\n250 {offers[-1]}")
        return True

    def _encrypt(self) -> None:
        assert self.smtp.context is not None
        self.connection = self.smtp.context.wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")

    def _reply(self, command: str) -> str:
        """Send the reply and return it; empty when the connection is dropped."""
        reply = self.smtp.reply_to(command)
        if reply == DROP:
            self.connection.close()  # the session ends at the next read
            self.rfile.close()
            return ""
        self._send(reply)
        return reply

    def _send(self, text: str) -> None:
        self.connection.sendall(f"{text}\r\n".encode())


def _address(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
