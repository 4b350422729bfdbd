"""What the gateway is told by its environment."""

from dataclasses import dataclass, replace
from typing import Self

from servicekit.amqp.broker import BrokerSettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.http.server import ServerSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings

GIB = 2**30
MAX_DAYS = 36500
SWEEP_TIMEOUT = 60.0  # seconds for one operation: nobody waits, and a large file takes a while


@dataclass(frozen=True)
class AuthSettings:
    """Where the auth service is, as host:port, and how many seconds it has to answer."""

    address: str
    timeout: float


@dataclass(frozen=True)
class UploadSettings:
    """The largest request in bytes, how many seconds a client may keep silent, and how many of a
    user's jobs may be queued or converting.
    """

    max_bytes: int
    idle_timeout: float
    max_in_flight: int


@dataclass(frozen=True)
class Settings(EnvSettings):
    """All settings of the gateway."""

    log: LogSettings
    health: HealthSettings
    server: ServerSettings
    auth: AuthSettings
    mongo: MongoSettings
    broker: BrokerSettings
    upload: UploadSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            health=HealthSettings.read(env),
            server=ServerSettings.read(env, port=8080, threads=32, grace=120),
            auth=AuthSettings(
                address=env.text("AUTH_SVC_ADDRESS", "auth:5000"),
                timeout=env.seconds("AUTH_TIMEOUT", 5, 0.1, 60),
            ),
            mongo=MongoSettings.read(env),
            broker=BrokerSettings.read(env),
            upload=UploadSettings(
                max_bytes=env.integer("UPLOAD_MAX_BYTES", 10 * GIB, 1, 1024 * GIB),
                idle_timeout=env.seconds("UPLOAD_IDLE_TIMEOUT", 60, 0.1, 3600),
                max_in_flight=env.integer("MAX_JOBS_IN_FLIGHT", 1000, 1, 1_000_000),
            ),
        )


@dataclass(frozen=True)
class SweepSettings(EnvSettings):
    """All settings of the sweeper.

    `age`, in seconds, must be far above the longest pause within an upload; files are kept for
    `video_days` and `mp3_days`, for ever when 0.
    """

    log: LogSettings
    mongo: MongoSettings
    age: float
    video_days: int
    mp3_days: int

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            mongo=replace(MongoSettings.read(env), timeout=SWEEP_TIMEOUT),
            age=env.seconds("SWEEP_AGE", 86400, 1, 365 * 86400),
            video_days=env.integer("VIDEO_RETENTION_DAYS", 0, 0, MAX_DAYS),
            mp3_days=env.integer("MP3_RETENTION_DAYS", 0, 0, MAX_DAYS),
        )
