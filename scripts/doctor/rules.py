"""What a reason that a service gives means, and what mends it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from scripts.doctor.finding import Finding, broken


@dataclass(frozen=True)
class Rule:
    """`mend` is the kind of the command, as a site names them."""

    pattern: str
    summary: str
    needed: str
    mend: str
    lasting: bool = False  # whether waiting does not mend it


# The first that matches counts. MySQL's numbers are those of its error reference.
RULES = (
    Rule(
        r"MySQL: \(1045",
        "MySQL refuses the login of auth_user",
        "the account auth_user, let in from auth's network, with the password of MYSQL_PASSWORD",
        "databases",
        lasting=True,
    ),
    Rule(
        r"MySQL: \((1044|1142|1143)",
        "auth_user has no right to the database auth",
        "GRANT ALL PRIVILEGES ON auth.* TO auth_user",
        "databases",
        lasting=True,
    ),
    Rule(
        r"MySQL: \((1049|1146)",
        "the database auth or its table user is missing",
        "the table of auth/init.sql",
        "databases",
        lasting=True,
    ),
    Rule(
        r"MySQL: \(200[235]",
        "MySQL cannot be reached",
        "a MySQL that runs, and listens on an address that auth reaches",
        "databases",
    ),
    Rule(r"MySQL: ", "auth cannot use MySQL", "an answer to a connection from auth", "databases"),
    Rule(
        r"[mM]ongo(db|DB): .*([aA]uthentication|[nN]ot authorized)",
        "MongoDB refuses the login",
        "the users of scripts/mongodb-roles.json, with the passwords of .env",
        "databases",
        lasting=True,
    ),
    Rule(
        r"[mM]ongo(db|DB): .*refused",
        "MongoDB refuses connections",
        "a MongoDB that runs, and listens on an address that the services reach",
        "databases",
    ),
    Rule(
        r"[mM]ongo(db|DB): ",
        "MongoDB does not answer",
        "an answer within 2 s to a connection from the service",
        "databases",
    ),
    Rule(
        r"SMTP: the login is refused",
        "the mail server refuses the login of GMAIL_ADDRESS",
        "an app password in GMAIL_PASSWORD; Gmail takes no account's own password",
        "mail",
    ),
    Rule(
        r"SMTP: ",
        "the mail server cannot be used",
        "an answer from SMTP_HOST at SMTP_PORT, encrypted as SMTP_TLS says",
        "mail",
    ),
    Rule(
        r"ACCESS_REFUSED|PLAIN login refused|ProbableAuthenticationError",
        "RabbitMQ refuses the login of a service",
        "the users and rights of its definitions",
        "deploy",
        lasting=True,
    ),
    Rule(
        r"NOT_FOUND|PRECONDITION_FAILED",
        "RabbitMQ lacks a queue, or has it of another type",
        "the queues of its definitions",
        "queues",
    ),
    Rule(
        r"rabbitmq: .*blocks publishers",
        "RabbitMQ takes no messages",
        "memory and disk above its limits",
        "broker",
    ),
    Rule(
        r"(rabbitmq|worker): ",
        "RabbitMQ does not answer",
        "a RabbitMQ that runs, and a way to it",
        "broker",
    ),
    Rule(
        r"no answer to (probes|commands)",
        "it does not answer: it is stuck",
        "an answer to /readyz within 12 s",
        "restart",
    ),
    Rule(
        r"auth: ", "auth does not answer the gateway", "an auth that runs, and a way to it", "auth"
    ),
)


def diagnose(hop: str, reason: str, mend: Mapping[str, str], where: str = "") -> Finding:
    """The finding for a line of /readyz?verbose, or for a checkup's problem."""
    for rule in RULES:
        if re.search(rule.pattern, reason):
            following = mend[rule.mend].format(service=hop)
            return broken(hop, rule.summary + where, reason, rule.needed, following, rule.lasting)
    following = mend["logs"].format(service=hop)
    return broken(hop, f"is not ready{where}", reason, "200 of /readyz", following)
