"""A stand-in for ffmpeg that has been taken over, and the world that it tries to break out into.

`python escapes.py LAYER ...` closes these layers of the cage, `all` closes all, and prints as JSON
which of the escapes came through. It needs the converter's code on its path and nothing else, so it
runs in a deployed pod too. The attacker itself does without: that code is out of its reach.
"""

import ctypes
import json
import mmap
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

World = dict[str, Any]  # what the attacker knows: paths, ports and process ids

CPU_LIMIT, FILE_LIMIT, MEMORY_LIMIT = 1, 2**20, 512 * 2**20
_PTRACE_ATTACH, _PR_GET_NO_NEW_PRIVS, _MSG_FASTOPEN, _MPTCP = 16, 39, 0x20000000, 262
_MAP_NORESERVE = 0x4000
_UNREADABLE = 127  # the exit code of ld.so for a program that it cannot read
_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _environ(world: World) -> None:
    Path(f"/proc/{world['victim']}/environ").read_bytes()


def _memory(world: World) -> None:
    Path(f"/proc/{world['victim']}/mem").open("rb").close()


def _secret(world: World) -> None:
    Path(world["secret"]).read_bytes()


def _passwd(world: World) -> None:
    Path("/etc/passwd").read_bytes()


def _neighbour(world: World) -> None:
    list(Path(world["neighbour"]).iterdir())


def _overwrite(world: World) -> None:
    Path(world["secret"]).write_text("overwritten")


def _truncate(world: World) -> None:
    os.truncate(world["secret"], 0)


def _chmod(world: World) -> None:
    Path(world["secret"]).chmod(0o600)


def _new_file(world: World) -> None:
    Path(world["own"], "new").write_text("new")


def _many_files(world: World) -> None:
    for number in range(20_000):
        Path(world["own"], str(number)).touch()


def _link(world: World) -> None:
    Path(world["own"], "link").symlink_to("/etc/passwd")


def _connect(kind: int, protocol: int, port: int) -> None:
    with socket.socket(socket.AF_INET, kind, protocol) as client:
        client.settimeout(5)
        client.connect(("127.0.0.1", port))
        client.send(b"x")


def _tcp(world: World) -> None:
    _connect(socket.SOCK_STREAM, 0, world["closed_port"])


def _multipath_tcp(world: World) -> None:
    _connect(socket.SOCK_STREAM, _MPTCP, world["closed_port"])


def _fast_open(world: World) -> None:
    with socket.socket() as client:
        client.sendto(b"x", _MSG_FASTOPEN, ("127.0.0.1", world["closed_port"]))


def _udp(world: World) -> None:
    _connect(socket.SOCK_DGRAM, 0, world["closed_port"])


def _listen(world: World) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


def _abstract_socket(world: World) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + world["abstract"])


def _unix_socket(world: World) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(world["unix"])


def _ptrace(world: World) -> None:
    _checked(_libc.ptrace(_PTRACE_ATTACH, world["victim"], None, None))


def _signal_parent(world: World) -> None:
    os.kill(os.getppid(), signal.SIGCONT)


def _signal_thread(world: World) -> None:
    _checked(_libc.tgkill(world["victim"], world["victim"], signal.SIGCONT))


def _limit_parent(world: World) -> None:
    resource.prlimit(os.getppid(), resource.RLIMIT_CORE)


def _fork_bomb(world: World) -> None:
    for _ in range(20):
        if os.fork() == 0:
            time.sleep(2)
            os._exit(0)


def _live_on(world: World) -> None:
    if os.fork() == 0:
        os.setsid()
        time.sleep(2)
        os._exit(0)


def _shell(world: World) -> None:
    os.execv("/bin/sh", ["sh", "-c", "echo escaped"])  # noqa: S606


def _loader(world: World) -> None:
    """The loader of libraries runs any program that it can read."""
    for path in ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"):
        if Path(path).exists():
            os.execv(path, [path, "/bin/echo", "escaped"])  # noqa: S606


def _setuid(world: World) -> None:
    """As a setuid program would give them."""
    if _libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 0:
        raise PermissionError("none are to be had")


def _big_file(world: World) -> None:
    with Path(world["target"]).open("r+b") as file:
        file.truncate(10 * 2**30)


def _big_memory(world: World) -> None:
    mmap.mmap(-1, 10 * 2**30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE)


def _raise_limits(world: World) -> None:
    """Which root may, and every program whose limits were none."""
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.setrlimit(resource.RLIMIT_AS, unlimited)


def _burn_cpu(world: World) -> None:
    while time.process_time() < CPU_LIMIT + 1.5:
        pass


def _many_descriptors(world: World) -> None:
    kept = [os.open("/dev/null", os.O_RDONLY) for _ in range(200)]
    assert kept


ESCAPES: dict[str, Callable[[World], None]] = {
    function.__name__.strip("_"): function
    for function in (
        *(_environ, _memory, _secret, _passwd, _neighbour, _overwrite, _truncate, _chmod),
        *(_new_file, _many_files, _link),
        *(_tcp, _multipath_tcp, _fast_open, _udp, _listen, _abstract_socket, _unix_socket),
        *(_ptrace, _signal_parent, _signal_thread, _limit_parent),
        *(_fork_bomb, _live_on, _shell, _loader, _setuid),
        *(_big_file, _big_memory, _raise_limits, _burn_cpu, _many_descriptors),
    )
}
# What each layer stops while the others are off.
STOPPED = {
    "privileges": {"setuid"},
    "limits": {"big_file", "big_memory", "burn_cpu", "many_descriptors"},
    "landlock": {
        *("environ", "memory", "secret", "passwd", "neighbour", "overwrite", "truncate"),
        *("new_file", "many_files", "link", "tcp", "listen", "abstract_socket"),
        *("ptrace", "signal_parent", "signal_thread", "shell", "loader"),
    },
    "seccomp": {
        *("chmod", "multipath_tcp", "fast_open", "udp", "listen", "abstract_socket"),
        *("unix_socket", "ptrace", "signal_parent", "signal_thread", "limit_parent"),
        *("fork_bomb", "live_on"),
    },
}


def attack(name: str, world: World) -> None:
    """Try one escape, in the cage."""
    try:
        ESCAPES[name](world)
    except (OSError, MemoryError, ValueError) as error:
        sys.stdout.write(f"refused: {error!r}")
    else:
        sys.stdout.write("escaped")


@contextmanager
def prepared(folder: Path) -> Iterator[World]:
    """Files, servers and a process such as a worker has around it."""
    own, neighbour = folder / "own", folder / "neighbour"
    for each in (own, neighbour):
        each.mkdir()
    secret = neighbour / "video"
    secret.write_text("another user's")
    with ExitStack() as stack:
        closed, opened = (stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in "12")
        unix, abstract = (stack.enter_context(socket.socket(socket.AF_UNIX)) for _ in "12")
        unix.bind(str(folder / "socket"))
        abstract.bind(f"\0{folder}")
        for server in (unix, abstract):
            server.listen()
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(closed.getsockname())
        victim = stack.enter_context(subprocess.Popen(["sleep", "600"]))
        stack.callback(victim.kill)
        yield {
            "own": str(own),
            "target": str(own / "target"),
            "neighbour": str(neighbour),
            "secret": str(secret),
            "closed_port": closed.getsockname()[1],
            "open_port": opened.getsockname()[1],
            "unix": str(folder / "socket"),
            "abstract": str(folder),
            "victim": victim.pid,
        }


@contextmanager
def closed(layers: list[str] | None) -> Iterator[None]:
    """These layers of the cage and no other; None: all, as they are."""
    from convert import cage

    everything = cage.LAYERS
    if layers is not None:
        cage.LAYERS = tuple(
            layer for name, layer in zip(STOPPED, everything, strict=True) if name in layers
        )
    try:
        yield
    finally:
        cage.LAYERS = everything


def escapes(name: str, layers: list[str] | None = None) -> bool:
    """Whether the escape comes through a cage of these layers; all of them, if none is given."""
    from convert.cage import Cage, Limits
    from convert.process import run

    script, interpreter = Path(__file__).resolve(), Path(sys.executable).resolve()
    command = [str(interpreter), "-I", "-S", "-B", str(script), name]
    with tempfile.TemporaryDirectory() as folder, prepared(Path(folder)) as world:
        target = Path(world["target"])
        target.touch()
        bounds = Cage(
            Limits(CPU_LIMIT, FILE_LIMIT, MEMORY_LIMIT),
            reads=(script, interpreter.parents[1] / "lib"),
            writes=(target,),
            port=world["open_port"],
        )
        with closed(layers):
            ended = run([*command, json.dumps(world)], 60, threading.Event(), bounds)
    if ended.code > 0 and ended.code != _UNREADABLE:
        raise RuntimeError(f"{name} broke: {ended}")
    return ended.code == 0 and ended.stdout.startswith("escaped")


def main(arguments: list[str]) -> None:
    """Attack, or print what an attacker could."""
    if arguments and arguments[0] in ESCAPES:
        attack(arguments[0], json.loads(arguments[1]))
        return
    layers = None if arguments == ["all"] else arguments
    json.dump([name for name in ESCAPES if escapes(name, layers)], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1:])
