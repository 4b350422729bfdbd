"""The settings of the auth service."""

from dataclasses import dataclass, field
from typing import Self

from servicekit.health import HealthSettings
from servicekit.http.server import ServerSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings

MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: an HS256 key is at least as long as its hash


@dataclass(frozen=True)
class MySqlSettings:
    """Where the users are; `timeout`, in seconds, bounds each of connecting, asking, answering.

    `tls` is for a server with require_secure_transport; its certificate is not verified.
    """

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    database: str
    timeout: int
    tls: bool

    @classmethod
    def read(cls, env: Env) -> "MySqlSettings":
        """Read `MYSQL_*`; problems are left with `env`."""
        return cls(
            host=env.text("MYSQL_HOST", "localhost"),
            port=env.integer("MYSQL_PORT", 3306, 1, 65535),
            user=env.text("MYSQL_USER", "auth_user"),
            password=env.secret("MYSQL_PASSWORD"),
            database=env.text("MYSQL_DB", "auth"),
            timeout=env.integer("MYSQL_TIMEOUT", 5, 1, 60),
            tls=env.choice("MYSQL_TLS", "no", ("no", "yes")) == "yes",
        )


@dataclass(frozen=True)
class Settings(EnvSettings):
    """All of them; `token_lifetime` is in seconds."""

    mysql: MySqlSettings
    jwt_secret: str = field(repr=False)
    token_lifetime: int
    server: ServerSettings
    health: HealthSettings
    log: LogSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            mysql=MySqlSettings.read(env),
            jwt_secret=env.secret("JWT_SECRET", min_bytes=MIN_SECRET_BYTES),
            token_lifetime=env.integer("TOKEN_LIFETIME", 24 * 3600, 1, 366 * 24 * 3600),
            server=ServerSettings.read(env, port=5000, threads=16, grace=20),
            health=HealthSettings.read(env),
            log=LogSettings.read(env),
        )
