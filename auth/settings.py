"""The settings of the auth service."""

from dataclasses import dataclass, field
from typing import Self

from servicekit.amqp.broker import BrokerSettings
from servicekit.health import HealthSettings
from servicekit.http.server import ServerSettings
from servicekit.http.source import Proxies
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings
from servicekit.tracing.settings import TracingSettings

MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: an HS256 key is at least as long as its hash
PUBLISH_TIMEOUT = 3  # seconds; the gateway waits for 5
CLOSED, INVITATION, OPEN = "closed", "invitation", "open"
DAY = 86400  # seconds
MAX_LIMIT = 1_000_000  # which no guesser reaches: no limit
# Loopback, and what RFC 1918 and RFC 4193 set aside: only a gateway reaches this service.
PRIVATE = "127.0.0.0/8,::1/128,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"


@dataclass(frozen=True)
class MySqlSettings:
    """Where the users are; `timeout`, in seconds, bounds each of connecting, asking, answering.

    `hosts` are tried in turn, the primary first. `tls` is for a server with
    require_secure_transport; it is verified against the authorities of `ca_file`, if there is one.
    """

    hosts: tuple[str, ...]
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    timeout: int
    tls: bool
    ca_file: str

    @classmethod
    def read(cls, env: Env) -> "MySqlSettings":
        """Read `MYSQL_*`; problems are left with `env`."""
        return cls(
            hosts=env.names("MYSQL_HOST", "localhost"),
            port=env.integer("MYSQL_PORT", 3306, 1, 65535),
            user=env.text("MYSQL_USER", "auth_user"),
            password=env.secret("MYSQL_PASSWORD"),
            database=env.text("MYSQL_DB", "auth"),
            timeout=env.integer("MYSQL_TIMEOUT", 3, 1, 60),
            tls=env.choice("MYSQL_TLS", "no", ("no", "yes")) == "yes",
            ca_file=env.file("MYSQL_CA_FILE"),
        )


@dataclass(frozen=True)
class AccountsSettings:
    """Auth's own account and database on that server; without a password there is none."""

    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def read(cls, env: Env) -> "AccountsSettings":
        """Read `ACCOUNTS_*`; problems are left with `env`."""
        return cls(
            user=env.text("ACCOUNTS_USER", "accounts_user"),
            password=env.secret("ACCOUNTS_PASSWORD", ""),
            database=env.text("ACCOUNTS_DB", "accounts"),
        )


@dataclass(frozen=True)
class TokenSettings:
    """What tokens are signed with, and were before; `lifetime` is in seconds."""

    secret: str = field(repr=False)
    previous_secret: str = field(repr=False)
    lifetime: int

    @classmethod
    def read(cls, env: Env) -> "TokenSettings":
        """Read `JWT_SECRET`, `JWT_SECRET_PREVIOUS`, `TOKEN_LIFETIME`; problems stay with `env`."""
        return cls(
            secret=env.secret("JWT_SECRET", min_bytes=MIN_SECRET_BYTES),
            previous_secret=env.secret("JWT_SECRET_PREVIOUS", "", min_bytes=MIN_SECRET_BYTES),
            lifetime=env.integer("TOKEN_LIFETIME", 24 * 3600, 1, 366 * 24 * 3600),
        )


@dataclass(frozen=True)
class LoginSettings:
    """How far guessing gets.

    The limits are wrong passwords within `window` seconds: of one source for one account, of one
    source, for one account, and in all. A wrong password takes `failure_time` seconds, which is
    more than the dearest stored form costs, so that the time does not tell the forms apart.
    """

    window: int
    limit: int
    source_limit: int
    account_limit: int
    overall_limit: int
    failure_time: float

    @classmethod
    def read(cls, env: Env) -> "LoginSettings":
        """Read `LOGIN_*`; problems are left with `env`."""
        return cls(
            window=env.integer("LOGIN_WINDOW", 900, 1, 86400),
            limit=env.integer("LOGIN_LIMIT", 10, 1, MAX_LIMIT),
            source_limit=env.integer("LOGIN_SOURCE_LIMIT", 100, 1, MAX_LIMIT),
            account_limit=env.integer("LOGIN_ACCOUNT_LIMIT", 100, 1, MAX_LIMIT),
            overall_limit=env.integer("LOGIN_OVERALL_LIMIT", 1000, 1, MAX_LIMIT),
            failure_time=env.seconds("LOGIN_FAILURE_TIME", 0.4, 0, 3),
        )


@dataclass(frozen=True)
class CodeSettings:
    """Who gets a code by mail, with which they choose a password; all times in seconds.

    `registration` says who may come to have an account: nobody, whom the operator invites, or all.
    A code lasts `lifetime`, an invitation's `invitation_lifetime`; an address gets one in
    `interval`.
    """

    registration: str
    lifetime: int
    invitation_lifetime: int
    interval: int

    @classmethod
    def read(cls, env: Env) -> "CodeSettings":
        """Read `REGISTRATION`, `CODE_*`, `INVITATION_LIFETIME`; problems are left with `env`."""
        return cls(
            registration=env.choice("REGISTRATION", CLOSED, (CLOSED, INVITATION, OPEN)),
            lifetime=env.integer("CODE_LIFETIME", 3600, 1, 30 * DAY),
            invitation_lifetime=env.integer("INVITATION_LIFETIME", 7 * DAY, 1, 30 * DAY),
            interval=env.integer("CODE_INTERVAL", 300, 0, DAY),
        )


@dataclass(frozen=True)
class Settings(EnvSettings):
    """All of them."""

    mysql: MySqlSettings
    accounts: AccountsSettings
    tokens: TokenSettings
    login: LoginSettings
    codes: CodeSettings
    broker: BrokerSettings
    proxies: Proxies
    server: ServerSettings
    health: HealthSettings
    log: LogSettings
    tracing: TracingSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            mysql=MySqlSettings.read(env),
            accounts=AccountsSettings.read(env),
            tokens=TokenSettings.read(env),
            login=LoginSettings.read(env),
            codes=CodeSettings.read(env),
            broker=BrokerSettings.read(env, PUBLISH_TIMEOUT),
            proxies=Proxies.read(env, default=PRIVATE),
            server=ServerSettings.read(env, port=5000, threads=16, grace=20),
            health=HealthSettings.read(env),
            log=LogSettings.read(env),
            tracing=TracingSettings.read(env, "auth"),
        )
