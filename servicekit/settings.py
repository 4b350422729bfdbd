"""Settings come from the environment, are read once, and are reported wrong all at once."""

import os
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Self, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")
WEEK = 604_800  # seconds
Network = IPv4Network | IPv6Network


class SettingsError(ValueError):
    """One or more settings are missing or bad; the text names each, and no value."""


class Env:
    """Reads typed values and collects what is wrong until `check` is called.

    A value may also come from a file, as Docker and Kubernetes secrets do: `NAME_FILE` names it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._problems: list[str] = []
        self.asked: set[str] = set()  # the names of all settings read so far

    def text(self, name: str, default: str | None = None) -> str:
        """The value of `name`; a setting without a default must be there and not be empty."""
        value = self._raw(name)
        if value is None:
            if default is None:
                self._problems.append(f"{name} is not set")
            return default or ""
        return value

    def secret(self, name: str, default: str | None = None, min_bytes: int = 0) -> str:
        """Like `text`, at least `min_bytes` long in UTF-8."""
        value = self.text(name, default)
        if len(value.encode()) < min_bytes and self._raw(name) is not None:
            self._problems.append(f"{name} must have at least {min_bytes} bytes")
        return value

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number within `low` and `high`, both included."""
        return self._number(name, default, low, high, int, "a whole number")

    def seconds(self, name: str, default: float, low: float, high: float) -> float:
        """A time in seconds within `low` and `high`, both included."""
        return self._number(name, default, low, high, float, "a number of seconds")

    def gaps(self, name: str, default: str) -> tuple[float, ...]:
        """Times in seconds with commas between them, each from 0 to a week, at least one."""
        try:
            found = tuple(float(part) for part in self.text(name, default).split(","))
            if all(0 <= seconds <= WEEK for seconds in found):
                return found
        except ValueError:
            pass
        self._problems.append(f"{name} must be seconds up to {WEEK} with commas between")
        return ()

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """One of `allowed`."""
        value = self.text(name, default)
        if value not in allowed:
            self._problems.append(f"{name} must be one of {', '.join(allowed)}")
        return value

    def url(self, name: str, default: str, schemes: tuple[str, ...]) -> str:
        """A URL with one of `schemes` and a host."""
        value = self.text(name, default)
        try:
            parts = urlsplit(value)
            good = parts.scheme in schemes and bool(parts.netloc)
        except ValueError:
            good = False
        if not good:
            self._problems.append(f"{name} must be a URL like {schemes[0]}://host")
        return value

    def names(self, name: str, default: str) -> tuple[str, ...]:
        """Names with commas between them, at least one."""
        found = tuple(part.strip() for part in self.text(name, default).split(","))
        if not all(found):
            self._problems.append(f"{name} must be names with commas between")
        return found

    def networks(self, name: str, default: str) -> tuple[Network, ...]:
        """Networks as `10.0.0.0/8`, or single addresses, with commas between them."""
        try:
            return tuple(ip_network(part) for part in self.text(name, default).split(",") if part)
        except ValueError:
            self._problems.append(f"{name} must be networks like 10.0.0.0/8, with commas between")
            return ()

    def check(self) -> None:
        """Raise SettingsError with every problem met so far, if there is one."""
        if self._problems:
            raise SettingsError("; ".join(self._problems))

    def _raw(self, name: str) -> str | None:
        self.asked.add(name)
        value = self._environ.get(name)
        file = self._environ.get(f"{name}_FILE")
        if value or not file:
            return value or None
        try:
            return Path(file).read_text(encoding="utf-8").strip() or None
        except (OSError, UnicodeDecodeError):
            self._problems.append(f"{name}_FILE cannot be read")
            return None

    def file(self, name: str) -> str:
        """The path of a file that can be read; empty where none is named."""
        path = self.text(name, "")
        if path and not os.access(path, os.R_OK):
            self._problems.append(f"{name} cannot be read")
        return path

    def _number(
        self, name: str, default: T, low: T, high: T, parse: Callable[[str], T], kind: str
    ) -> T:
        raw = self._raw(name)
        if raw is None:
            return default
        try:
            value = parse(raw)
        except ValueError:
            self._problems.append(f"{name} must be {kind}")
            return default
        if not low <= value <= high:  # type: ignore[operator]
            self._problems.append(f"{name} must be between {low} and {high}")
        return value


class EnvSettings(ABC):
    """All settings of one process; a frozen dataclass says which they are."""

    @classmethod
    @abstractmethod
    def read(cls, env: Env) -> Self:
        """Read every setting; problems are left with `env`."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> Self:
        """The settings in `environ`; SettingsError names all that are missing or bad."""
        env = Env(environ)
        settings = cls.read(env)
        env.check()
        return settings

    @classmethod
    def load(cls, environ: Mapping[str, str]) -> Self:
        """Like `from_env`; a bad setting ends the process, with one line on standard error."""
        try:
            return cls.from_env(environ)
        except SettingsError as error:
            sys.exit(f"cannot start: {error}")
