"""What the gateway is told by its environment."""

from dataclasses import dataclass, replace
from typing import Self

from servicekit.amqp.broker import BrokerSettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.http.server import ServerSettings
from servicekit.http.source import Proxies
from servicekit.links.settings import LinkSettings, mp3_retention_days
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings
from servicekit.tracing.settings import TracingSettings

GIB = 2**30
MAX_DAYS = 36500
SWEEP_TIMEOUT = 60.0  # seconds for one operation: nobody waits, and a large file takes a while


@dataclass(frozen=True)
class AuthSettings:
    """Where the auth service is, as host:port, and how many seconds it has to answer."""

    address: str
    timeout: float

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read `AUTH_SVC_ADDRESS` and `AUTH_TIMEOUT`; problems are left with `env`."""
        return cls(
            address=env.text("AUTH_SVC_ADDRESS", "auth:5000"),
            timeout=env.seconds("AUTH_TIMEOUT", 5, 0.1, 60),
        )


@dataclass(frozen=True)
class UploadSettings:
    """The largest request in bytes, how many seconds a client may keep silent, by how many bytes it
    earns another one, and how many of a user's jobs may be queued or converting. A resumable upload
    is kept for `lifetime` seconds after it grew last. `quota` is how many bytes a user may have
    stored; 0 is no limit.
    """

    max_bytes: int
    idle_timeout: float
    min_rate: int
    max_in_flight: int
    lifetime: float
    quota: int


@dataclass(frozen=True)
class AnnounceSettings:
    """Every how many seconds jobs without a message are looked for, and how often one is announced.

    Such a job is one whose message nobody confirmed within `unconfirmed_after` seconds, which must
    be more than the publish timeout, or that nothing has moved for `lost_after` while the queue is
    empty.
    """

    interval: float
    unconfirmed_after: float
    lost_after: float
    limit: int

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read `ANNOUNCE_*`; problems are left with `env`."""
        return cls(
            interval=env.seconds("ANNOUNCE_INTERVAL", 15, 0.1, 86400),
            unconfirmed_after=env.seconds("ANNOUNCE_UNCONFIRMED_AFTER", 30, 0.1, 86400),
            lost_after=env.seconds("ANNOUNCE_LOST_AFTER", 60, 0.1, 86400),
            limit=env.integer("ANNOUNCE_LIMIT", 5, 1, 1000),
        )


@dataclass(frozen=True)
class Shares:
    """How many of the threads each kind of long request may hold; the rest is always for others."""

    uploads: int
    downloads: int
    long_polls: int

    @classmethod
    def of(cls, threads: int) -> Self:
        """A third, a third and a sixth of `threads`."""
        return cls(max(threads // 3, 1), max(threads // 3, 1), max(threads // 6, 1))


@dataclass(frozen=True)
class Settings(EnvSettings):
    """All settings of the gateway."""

    log: LogSettings
    tracing: TracingSettings
    health: HealthSettings
    server: ServerSettings
    proxies: Proxies
    auth: AuthSettings
    mongo: MongoSettings
    broker: BrokerSettings
    upload: UploadSettings
    announce: AnnounceSettings
    links: LinkSettings

    @property
    def shares(self) -> Shares:
        """Of the server's threads."""
        return Shares.of(self.server.threads)

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            tracing=TracingSettings.read(env, "gateway"),
            health=HealthSettings.read(env),
            server=ServerSettings.read(env, port=8080, threads=96, grace=120),
            proxies=Proxies.read(env, default=""),
            auth=AuthSettings.read(env),
            mongo=MongoSettings.read(env),
            broker=BrokerSettings.read(env),
            upload=UploadSettings(
                max_bytes=env.integer("UPLOAD_MAX_BYTES", 10 * GIB, 1, 1024 * GIB),
                idle_timeout=env.seconds("UPLOAD_IDLE_TIMEOUT", 60, 0.1, 3600),
                min_rate=env.integer("UPLOAD_MIN_RATE", 1024, 1, GIB),
                max_in_flight=env.integer("MAX_JOBS_IN_FLIGHT", 1000, 1, 1_000_000),
                lifetime=env.seconds("UPLOAD_LIFETIME", 86400, 1, 365 * 86400),
                quota=env.integer("USER_QUOTA_BYTES", 0, 0, 2**20 * GIB),
            ),
            announce=AnnounceSettings.read(env),
            links=LinkSettings.read(env),
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
            mp3_days=mp3_retention_days(env),
        )
