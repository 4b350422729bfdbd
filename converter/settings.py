"""The converter's settings, read from the environment."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from servicekit.amqp.consumer import ConsumerSettings
from servicekit.amqp.outcomes import DeliverySettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env, EnvSettings


@dataclass(frozen=True)
class ConvertSettings:
    """Bounds of one conversion, in seconds, and where its files lie meanwhile."""

    job_time_limit: float
    max_duration: float
    work_dir: Path


@dataclass(frozen=True)
class Settings(EnvSettings):
    """Everything that an operator may set."""

    log: LogSettings
    health: HealthSettings
    consumer: ConsumerSettings
    mongo: MongoSettings
    convert: ConvertSettings

    @classmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""
        return cls(
            log=LogSettings.read(env),
            health=HealthSettings.read(env),
            consumer=ConsumerSettings.read(env, DeliverySettings.read(env), grace=110),
            mongo=MongoSettings.read(env),
            convert=ConvertSettings(
                job_time_limit=env.seconds("JOB_TIME_LIMIT", 3600, 1, 86400),
                max_duration=env.seconds("MAX_DURATION", 12 * 3600, 1, 7 * 86400),
                work_dir=Path(env.text("WORK_DIR", "/tmp")),  # noqa: S108 the pod's sized volume
            ),
        )
