"""The converter's settings, read from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from convert.bounds import Bounds
from servicekit.amqp.consumer import ConsumerSettings
from servicekit.amqp.outcomes import DeliverySettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings
from servicekit.tracing.settings import TracingSettings

MIB = 2**20


@dataclass(frozen=True)
class ConvertSettings:
    """The bounds of one conversion, and where its files lie meanwhile."""

    bounds: Bounds
    work_dir: Path


@dataclass(frozen=True)
class Settings(EnvSettings):
    """Everything that an operator may set."""

    log: LogSettings
    tracing: TracingSettings
    health: HealthSettings
    consumer: ConsumerSettings
    mongo: MongoSettings
    convert: ConvertSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            tracing=TracingSettings.read(env, "converter"),
            health=HealthSettings.read(env),
            consumer=ConsumerSettings.read(env, DeliverySettings.read(env), grace=110),
            mongo=MongoSettings.read(env),
            convert=ConvertSettings(
                bounds=Bounds(
                    max_duration=env.seconds("MAX_DURATION", 12 * 3600, 1, 7 * 86400),
                    time_limit=env.seconds("JOB_TIME_LIMIT", 3600, 1, 86400),
                    memory=env.integer("FFMPEG_MEMORY", 512 * MIB, 128 * MIB, 1024**2 * MIB),
                ),
                work_dir=Path(env.text("WORK_DIR", "/tmp")),  # noqa: S108 the pod's sized volume
            ),
        )
