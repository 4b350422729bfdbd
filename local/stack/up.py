"""local/up: start what is down, restart what is changed, wait until all of it is ready."""

import os
import shutil
import sys
import time

from local.stack import configure, servers, supervise
from local.stack.paths import read_variables, replace
from local.stack.report import run_command, run_logged
from local.stack.seed import seed_problem
from local.stack.settings import Settings
from local.stack.wait import http_problem, wait_ready

FORMER_USER = "video2mp3"
CTL_TIMEOUT_S = 60


def prepare(settings: Settings) -> str:
    """Write what the servers read; the text of the supervisor's configuration."""
    paths = settings.paths
    os.umask(0o077)
    paths.make()
    servers.install_mongod(paths)
    configure.make_secrets(settings)
    configure.make_certificate(paths)
    configure.write_broker(settings)
    values = configure.template_values(settings)
    return configure.render(paths.root / "local/supervisord.conf", values)


def start(settings: Settings, configuration: str) -> None:
    """Start the supervisor, or tell the one that runs what is new."""
    paths = settings.paths
    kept = read_variables(paths.folder / "numbers")
    if kept.get("LOCAL_PORT_BASE") != str(settings.port_base):
        supervise.stop(paths)  # every port moves
    if supervise.is_up(paths):
        print("The stack is up; starting what is down and restarting what is changed.", flush=True)
        use(settings, configuration)
        answers = [supervise.control(paths, *command) for command in (["update"], ["start", "all"])]
        (paths.log / "up.log").write_text("".join(a.stdout + a.stderr for a in answers))
        return
    supervise.stop_orphans(paths)
    servers.refuse_taken(settings.listening(), servers.listeners(), settings.port_base)
    shutil.rmtree(paths.folder / "work")  # what jobs of an earlier run left
    paths.make()
    servers.prepare_mariadb(paths)
    for socket in paths.run.glob("*.sock"):
        socket.unlink()
    use(settings, configuration)
    print("Starting the servers and the services", flush=True)
    supervise.start(paths)


def use(settings: Settings, configuration: str) -> None:
    """Give the supervisor its configuration and keep the numbers for the next run."""
    replace(supervise.configuration(settings.paths), configuration)
    replace(settings.paths.folder / "numbers", configure.assignments(settings.numbers))


def wait_all(settings: Settings) -> None:
    """Wait for each server and each service's process; Failure for the first that is not ready."""
    paths, timeout, ports = settings.paths, settings.ready_timeout, settings.ports
    broker = f"http://127.0.0.1:{ports['MANAGEMENT_PORT']}/api/overview"
    catcher = f"http://127.0.0.1:{ports['MAILCATCHER_HEALTH']}/readyz"
    problems = {
        "mariadb": lambda: seed_problem(settings, ["%"]),
        "mailcatcher": lambda: http_problem(catcher),
        "rabbitmq": lambda: http_problem(broker, configure.ADMIN),
    }
    for name, port in settings.processes():
        url = f"http://127.0.0.1:{port}/readyz"
        problems[name] = lambda url=url: http_problem(url)  # type: ignore[misc]
    for name, problem in problems.items():
        wait_ready(paths, name, problem, timeout)


def remove_former_user(settings: Settings) -> None:
    """Before each service got a user of its own, RabbitMQ had one for all; Failure if it stays."""
    old = settings.paths.secrets / "rabbitmq_password"
    if old.exists():
        command = [settings.paths.root / "local/ctl", "rabbitmqctl", "delete_user", FORMER_USER]
        failure = (f"RabbitMQ's user {FORMER_USER} could not be removed", "the broker is busy")
        run_logged(command, settings.paths.log / "up.log", failure, CTL_TIMEOUT_S)
        (settings.paths.secrets / "rabbitmq_url").unlink(missing_ok=True)
        old.unlink()


def summary(settings: Settings, seconds: float) -> str:
    """What a person wants to know of the running stack."""
    paths, ports = settings.paths, settings.ports
    return f"""
Video2MP3 is up, {seconds:.0f} s.
  Gateway    http://127.0.0.1:{ports["GATEWAY_PORT"]}
  Mails      {paths.mail}
  Logs       {paths.log}
  RabbitMQ   http://127.0.0.1:{ports["MANAGEMENT_PORT"]} (guest/guest)
  Variables  . {paths.folder}/env
  Next       ./run-demo.sh --local    local/ctl status    local/down"""


def main() -> None:
    """Start the stack; the argument is the seconds that installing has taken already."""
    begun = time.monotonic() - float(sys.argv[1])
    settings = Settings.read(os.environ)
    configuration = prepare(settings)
    start(settings, configuration)
    wait_all(settings)
    remove_former_user(settings)
    text = "# The running local stack; written by local/up.\n"
    env = settings.paths.folder / "env"
    replace(env, text + configure.assignments(configure.addresses(settings)))
    print(summary(settings, time.monotonic() - begun))


if __name__ == "__main__":
    run_command(main)
