"""The files that local/up writes."""

import configparser
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from local.stack import configure
from local.stack.databases import only_programs
from local.stack.settings import Settings
from tests.support.project import ROOT

Read = Callable[..., Settings]
SUPERVISOR = ROOT / "local/supervisord.conf"


@pytest.fixture
def settings(read: Read) -> Settings:
    made = read(CONVERTERS="3", MYSQL_PASSWORD="it's $1")
    made.paths.make()
    configure.make_secrets(made)
    return made


def programs(text: str) -> set[str]:
    parser = configparser.RawConfigParser()
    parser.read_string(text)
    return {name.removeprefix("program:") for name in parser.sections() if "program:" in name}


def test_the_supervisor_runs_every_service_and_its_servers(settings: Settings) -> None:
    text = configure.render(SUPERVISOR, configure.template_values(settings))
    servers = {"epmd", "mariadb", "mongod", "rabbitmq", "mailcatcher"}
    assert programs(text) == servers | set(settings.services) | {"sweep"}
    assert "numprocs=3\nnumprocs_start=18030\n" in text
    assert "$" not in text


def test_no_secret_stands_in_the_supervisors_configuration(settings: Settings) -> None:
    text = configure.render(SUPERVISOR, configure.template_values(settings))
    secrets = [file.read_text().strip() for file in settings.paths.secrets.iterdir()]
    assert len(secrets) == 14
    assert not [secret for secret in secrets if secret in text]


def test_the_two_databases_can_run_alone(settings: Settings) -> None:
    text = configure.render(SUPERVISOR, configure.template_values(settings))
    alone = only_programs(text, ("mariadb", "mongod"))
    assert programs(alone) == {"mariadb", "mongod"}
    assert "[supervisord]" in alone
    assert "[unix_http_server]" in alone


def test_an_unknown_name_in_a_template_is_an_error(tmp_path: Path) -> None:
    template = tmp_path / "template"
    template.write_text("port = $NOWHERE")
    with pytest.raises(KeyError):
        configure.render(template, {"SOMEWHERE": "1"})


def test_secrets_are_made_once_and_kept(settings: Settings) -> None:
    before = {file.name: file.read_text() for file in settings.paths.secrets.iterdir()}
    configure.make_secrets(settings)
    assert {file.name: file.read_text() for file in settings.paths.secrets.iterdir()} == before
    assert len(before["jwt_secret"].strip()) == 64


def test_a_shell_reads_every_address_as_it_is(settings: Settings) -> None:
    addresses = configure.addresses(settings)
    text = configure.assignments(addresses)
    assert dict(word.split("=", 1) for word in shlex.split(text)) == {
        name: str(value) for name, value in addresses.items()
    }
    assert configure.assignments({"MYSQL_PASSWORD": "Auth123!"}) == "MYSQL_PASSWORD=Auth123!\n"


def test_a_change_of_code_changes_its_stamp(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room/server.py").write_text("one = 1\n")
    before = configure.code_stamp([tmp_path])
    (tmp_path / "notes.txt").write_text("not code")
    assert configure.code_stamp([tmp_path]) == before
    (tmp_path / "room/server.py").write_text("one = 2\n")
    assert configure.code_stamp([tmp_path]) != before
