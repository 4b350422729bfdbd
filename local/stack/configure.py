"""The files that `local/up` writes: secrets, a certificate, configurations, addresses."""

import hashlib
import json
import os
import pwd
import re
import secrets
import shlex
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from string import Template

from local.stack.broker import consumer_timeout, definitions, local_definitions, service_users
from local.stack.paths import Paths, replace
from local.stack.report import run_logged
from local.stack.settings import Settings

SECRETS = ("accounts_password", "jwt_secret", "link_secret", "smtp_password")
ADMIN = "guest:guest"  # RabbitMQ's own, which it lets in from this machine only
NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_./:@!,+-]*")
OPENSSL_TIMEOUT_S = 30


def make_secrets(settings: Settings) -> None:
    """Make each secret once and keep it; MariaDB's password is the one of this run."""
    folder = settings.paths.secrets
    users = service_users(definitions(settings.paths))
    for name in (*SECRETS, *map(broker_password, users)):
        if not (folder / name).exists():
            replace(folder / name, f"{secrets.token_hex(32)}\n")
    replace(folder / "mysql_password", f"{settings.mysql_password}\n")
    replace(folder / "accounts_password", f"{settings.accounts_password}\n")
    replace(folder / "mongodb_uri", f"{mongodb_uri(settings)}\n")
    for user in users:
        login = f"{user}:{secret(settings.paths, broker_password(user))}"
        replace(folder / f"rabbitmq_url_{user}", f"{rabbitmq_url(settings, login)}\n")


def secret(paths: Paths, name: str) -> str:
    """The value of a secret; FileNotFoundError when it was never made."""
    return (paths.secrets / name).read_text(encoding="utf-8").strip()


def make_certificate(paths: Paths) -> None:
    """The certificate of the mail catcher and of MariaDB; kept while it lasts."""
    command = [paths.root / "scripts/self-signed", paths.folder / "tls", "localhost", "127.0.0.1"]
    failure = ("no certificate for the mail catcher", "openssl is missing")
    run_logged(command, paths.log / "openssl.log", failure, OPENSSL_TIMEOUT_S)


def broker_password(user: str) -> str:
    """The secret that holds the password of one of RabbitMQ's users."""
    return f"rabbitmq_password_{user}"


def write_broker(settings: Settings) -> None:
    """RabbitMQ's files: queues, exchanges, policy and rights are those of the manifests."""
    paths, home = settings.paths, settings.paths.folder / "rabbitmq"
    source = definitions(paths)
    passwords = {user: secret(paths, broker_password(user)) for user in service_users(source)}
    replace(home / "definitions.json", json.dumps(local_definitions(source, passwords), indent=2))
    values = template_values(settings) | {"CONSUMER_TIMEOUT": str(consumer_timeout(source))}
    for name in ("rabbitmq.conf", "enabled_plugins"):
        replace(home / name, render(paths.root / "local/rabbitmq" / name, values))


def template_values(settings: Settings) -> dict[str, str]:
    """Every name that a template may use, as for servers on loopback."""
    paths, root, tls = settings.paths, settings.paths.root, settings.paths.folder / "tls"
    values: dict[str, object] = {
        "ROOT": root,
        "LOCAL_DIR": paths.folder,
        "VENV": paths.venv,
        "RUN": paths.run,
        "LOG_DIR": paths.log,
        "MAIL_DIR": paths.mail,
        "STACK_USER": user_name(),
        "MONGOD": mongod(paths),
        "MONGODB_BIND": "127.0.0.1",
        "MONGODB_AUTH": "",
        "MYSQL_BIND": "127.0.0.1",
        "MYSQL_TLS": f"--ssl-cert={tls}/cert.pem --ssl-key={tls}/key.pem",
    }
    for name in settings.services:
        values[f"{name.upper()}_CODE"] = code_stamp([root / name, root / "servicekit"])
    values["DEFINITIONS"] = stamp([root / "manifests/rabbitmq/definitions.json"])
    values |= settings.ports | settings.numbers
    return {name: str(value) for name, value in values.items()}


def render(template: Path, values: Mapping[str, str]) -> str:
    """The template with the values in place of $NAME; KeyError for an unknown name."""
    return Template(template.read_text(encoding="utf-8")).substitute(values)


def code_stamp(folders: Iterable[Path]) -> str:
    """Changes with the code in the folders, and so makes supervisor restart a service."""
    return stamp(sorted(file for folder in folders for file in folder.rglob("*.py")))


def stamp(files: Iterable[Path]) -> str:
    """Changes with what the files hold."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def user_name() -> str:
    """The operating system's user, whom MariaDB's socket recognises."""
    return pwd.getpwuid(os.getuid()).pw_name


def mongod(paths: Paths) -> Path:
    """The machine's mongod, or else the stack's own."""
    return Path(shutil.which("mongod") or paths.folder / "mongodb/bin/mongod")


def mongodb_uri(settings: Settings) -> str:
    """Where the local mongod answers."""
    return f"mongodb://127.0.0.1:{settings.ports['MONGODB_PORT']}"


def rabbitmq_url(settings: Settings, login: str) -> str:
    """How a user, given as NAME:PASSWORD, reaches the local broker."""
    return f"amqp://{login}@127.0.0.1:{settings.ports['AMQP_PORT']}"


def addresses(settings: Settings) -> dict[str, object]:
    """What users and tests of the running stack need to know."""
    ports = settings.ports
    return {
        "GATEWAY_URL": f"http://127.0.0.1:{ports['GATEWAY_PORT']}",
        "AUTH_URL": f"http://127.0.0.1:{ports['AUTH_PORT']}",
        "MYSQL_HOST": "127.0.0.1",
        "MYSQL_PORT": ports["MYSQL_PORT"],
        "MYSQL_USER": "auth_user",
        "MYSQL_PASSWORD": settings.mysql_password,
        "MYSQL_DB": "auth",
        "MONGODB_URI": mongodb_uri(settings),
        "RABBITMQ_URL": rabbitmq_url(settings, ADMIN),
        "RABBITMQ_MANAGEMENT_URL": f"http://127.0.0.1:{ports['MANAGEMENT_PORT']}",
        "RABBITMQ_METRICS_URL": f"http://127.0.0.1:{ports['BROKER_METRICS_PORT']}",
        "MAIL_DIR": settings.paths.mail,
        "LOG_DIR": settings.paths.log,
    }


def assignments(variables: Mapping[str, object]) -> str:
    """Lines for a shell, quoted only where they must be."""
    texts = {name: str(value) for name, value in variables.items()}
    return "".join(
        f"{name}={text if NEEDS_NO_QUOTES.fullmatch(text) else shlex.quote(text)}\n"
        for name, text in texts.items()
    )
