"""The converter's settings, read from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from servicekit.amqp.consumer import WorkerSettings
from servicekit.amqp.outcomes import JobSettings
from servicekit.gridfs.mongodb import MongoSettings
from servicekit.health import HealthSettings
from servicekit.logs import LogSettings
from servicekit.settings import Env


@dataclass(frozen=True)
class ConvertSettings:
    """Bounds of one conversion, in seconds, and where its files lie meanwhile."""

    job_time_limit: float
    max_duration: float
    work_dir: Path


@dataclass(frozen=True)
class Settings:
    """Everything that an operator may set."""

    log: LogSettings
    health: HealthSettings
    worker: WorkerSettings
    mongo: MongoSettings
    convert: ConvertSettings

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and validate; SettingsError names everything that is wrong."""
        env = Env(environ)
        settings = cls(
            log=LogSettings.read(env),
            health=HealthSettings.read(env),
            worker=WorkerSettings.read(env, JobSettings.read(env), grace=110),
            mongo=MongoSettings.read(env),
            convert=ConvertSettings(
                job_time_limit=env.seconds("JOB_TIME_LIMIT", 3600, 1, 86400),
                max_duration=env.seconds("MAX_DURATION", 12 * 3600, 1, 7 * 86400),
                work_dir=Path(env.text("WORK_DIR", "/tmp")),  # noqa: S108 the pod's sized volume
            ),
        )
        env.check()
        return settings
