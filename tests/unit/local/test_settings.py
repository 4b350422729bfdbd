"""What local/up can be told, what it refuses, and which ports follow."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack.configure import assignments
from local.stack.paths import Paths
from local.stack.report import Misuse
from local.stack.settings import FLEETS, SERVER_PORTS, Settings
from tests.support.project import ROOT

Read = Callable[..., Settings]


def test_every_service_of_the_list_has_a_number_and_ports(read: Read) -> None:
    services = (ROOT / "scripts/services.txt").read_text().split()
    assert sorted(read().services) == sorted(services) == sorted(FLEETS)
    assert {name.rpartition("-")[0] for name, _ in read().processes()} == set(services)


def test_the_defaults_are_those_of_the_help(read: Read) -> None:
    settings = read()
    numbers = {"GATEWAYS": 2, "AUTHS": 2, "CONVERTERS": 4, "NOTIFICATIONS": 4}
    assert settings.numbers == {"LOCAL_PORT_BASE": 18000} | numbers
    assert settings.mysql_password == "Auth123!"
    assert settings.demo_user
    assert not read(DEMO_USER="no").demo_user


def test_every_port_is_an_offset_from_the_base(read: Read) -> None:
    settings = read(LOCAL_PORT_BASE="20000", CONVERTERS="1")
    ports = settings.ports
    assert (ports["GATEWAY_PORT"], ports["AUTH_PORT"], ports["MYSQL_PORT"]) == (20000, 20001, 20002)
    assert dict(settings.processes())["converter-20030"] == 20030
    assert "converter-20031" not in dict(settings.processes())


def test_no_two_parts_share_a_port_even_with_the_most_of_each(read: Read) -> None:
    most = {f"{name.upper()}S": str(fleet.most) for name, fleet in FLEETS.items()}
    ports = read(**most).listening()
    assert len(ports) == len(set(ports)) == len(SERVER_PORTS) + sum(f.most for f in FLEETS.values())
    assert max(ports) < 18000 + 136  # so that the highest base stays below 65536


def test_the_last_runs_numbers_hold_unless_told_otherwise(read: Read, tmp_path: Path) -> None:
    before = read(LOCAL_PORT_BASE="21000", GATEWAYS="3", AUTHS="1")
    (tmp_path / "numbers").write_text(assignments(before.numbers))
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/mysql_password").write_text("kept\n")
    after = read(AUTHS="5", GATEWAYS="")
    assert after.numbers == before.numbers | {"AUTHS": 5}
    assert after.mysql_password == "kept"
    assert read(MYSQL_PASSWORD="new").mysql_password == "new"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOCAL_PORT_BASE", "80"),
        ("LOCAL_PORT_BASE", "65500"),
        ("GATEWAYS", "11"),
        ("AUTHS", "0"),
        ("CONVERTERS", "many"),
        ("CONVERTERS", "04"),
        ("NOTIFICATIONS", "-1"),
    ],
)
def test_a_number_out_of_range_is_misuse(read: Read, name: str, value: str) -> None:
    with pytest.raises(Misuse, match=f"{name} must be a whole number between"):
        read(**{name: value})


@pytest.mark.parametrize("folder", ["/srv/with space", "/srv/$HOME", "/srv/" + "x" * 80])
def test_a_folder_that_the_servers_cannot_use_is_misuse(folder: str) -> None:
    with pytest.raises(Misuse, match="LOCAL_DIR"):
        Paths.read({"LOCAL_DIR": folder})


def test_misuse_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "stack"
    environ = os.environ | {"LOCAL_DIR": str(folder), "CONVERTERS": "many"}
    run = subprocess.run(
        [ROOT / "local/up"], env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert run.returncode == 2
    assert run.stderr == "CONVERTERS must be a whole number between 1 and 30\n"
    assert not folder.exists()


def test_down_touches_no_folder_that_holds_no_stack(tmp_path: Path) -> None:
    (tmp_path / "letter").touch()
    environ = os.environ | {"LOCAL_DIR": str(tmp_path)}
    command = [str(ROOT / "local/down"), "--purge"]
    subprocess.run(command, env=environ, capture_output=True, timeout=30, check=True)
    assert list(tmp_path.iterdir()) == [tmp_path / "letter"]
