"""The mail catcher's settings, read from the environment."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from servicekit.health import HealthSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings


@dataclass(frozen=True)
class Settings(EnvSettings):
    """Everything that an operator may set; `cert` and `key` are PEM files."""

    log: LogSettings
    health: HealthSettings
    host: str
    port: int
    user: str
    password: str = field(repr=False)
    cert: Path
    key: Path
    mail_dir: Path

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            health=HealthSettings.read(env),
            host=env.text("HOST", "0.0.0.0"),  # noqa: S104 the Service reaches the pod's address
            port=env.integer("PORT", 2525, 1, 65535),
            user=env.text("MAIL_USER"),
            password=env.secret("MAIL_PASSWORD"),
            cert=Path(env.text("TLS_CERT")),
            key=Path(env.text("TLS_KEY")),
            mail_dir=Path(env.text("MAIL_DIR")),
        )
