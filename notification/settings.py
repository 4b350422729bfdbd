"""The notification service's settings, read from the environment."""

import ssl
from dataclasses import dataclass, field
from typing import Self

from hooks.settings import WebhookSettings
from servicekit.amqp.consumer import ConsumerSettings
from servicekit.amqp.outcomes import DeliverySettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.links.settings import LinkSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings
from servicekit.tracing.settings import TracingSettings

# Five waits add up to six minutes at least: greylisting ends after five (Postgrey's default).
RETRY_DELAY, RETRY_DELAY_MAX = 30, 300  # seconds

GMAIL_HOST, GMAIL_PORT = "smtp.gmail.com", 587  # STARTTLS; support.google.com/a/answer/176600


@dataclass(frozen=True)
class MailSettings:
    """The SMTP server, Gmail unless told otherwise, and who the mails are from."""

    host: str
    port: int
    tls: str
    ca_file: str
    login: bool
    user: str
    password: str = field(repr=False)
    sender: str
    timeout: float

    @classmethod
    def read(cls, env: Env) -> "MailSettings":
        """Read `GMAIL_*`, `SMTP_*` and `MAIL_FROM`; problems are left with `env`."""
        address, password = env.text("GMAIL_ADDRESS"), env.secret("GMAIL_PASSWORD")
        return cls(
            host=env.text("SMTP_HOST", GMAIL_HOST),
            port=env.integer("SMTP_PORT", GMAIL_PORT, 1, 65535),
            tls=env.choice("SMTP_TLS", "starttls", ("starttls", "tls", "none")),
            ca_file=env.file("SMTP_CA_FILE"),
            login=env.choice("SMTP_LOGIN", "yes", ("yes", "no")) == "yes",
            user=env.text("SMTP_USER", address),
            password=env.secret("SMTP_PASSWORD", password),
            sender=env.text("MAIL_FROM", address),
            timeout=env.seconds("SMTP_TIMEOUT", 30, 0.1, 300),
        )

    def tls_context(self) -> ssl.SSLContext:
        """Verifies the server against the system's authorities, or `SMTP_CA_FILE`'s alone."""
        return ssl.create_default_context(cafile=self.ca_file or None)


@dataclass(frozen=True)
class Settings(EnvSettings):
    """Everything that an operator may set."""

    log: LogSettings
    tracing: TracingSettings
    health: HealthSettings
    consumer: ConsumerSettings
    mail: MailSettings
    links: LinkSettings
    mongo: MongoSettings
    webhooks: WebhookSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            tracing=TracingSettings.read(env, "notification"),
            health=HealthSettings.read(env),
            consumer=ConsumerSettings.read(
                env, DeliverySettings.read(env, RETRY_DELAY, RETRY_DELAY_MAX), grace=40
            ),
            mail=MailSettings.read(env),
            links=LinkSettings.read(env),
            mongo=MongoSettings.read(env),
            webhooks=WebhookSettings.read(env),
        )
