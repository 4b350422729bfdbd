"""A MongoDB that asks who one is: the services do their work, and a stolen login does no other."""

import io
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pymongo
import pytest
from bson import ObjectId
from pymongo.errors import OperationFailure

from servicekit.gridfs import backup
from tests.support import files, tus
from tests.support.broker import Broker
from tests.support.client import Client
from tests.support.files import Document
from tests.support.mongod import Mongod
from tests.support.multipart import form, part
from tests.support.process import sweep
from tests.support.project import ROOT
from tests.support.stack import Stack
from tests.support.users import NewUser
from tests.support.wait import until
from tests.support.workers import Workers

UNAUTHORIZED = 13  # MongoDB's error_codes.yml
COLLECTIONS = (
    "videos.fs.files",
    "videos.fs.chunks",
    "videos.sweeps",
    "videos.uploads",
    "mp3s.fs.files",
    "mp3s.fs.chunks",
    "mp3s.links",
    "mp3s.webhook_endpoints",
    "mp3s.webhook_secrets",
    "mp3s.webhook_deliveries",
)
OTHERS = ("videos.other", "admin.system.users", "local.startup_log", "other.fs.files")
NAMES = ("admin", "gateway", "converter", "notification", "sweep")


class Secured:
    """A MongoDB with the product's users."""

    def __init__(self, mongod: Mongod) -> None:
        self._mongod = mongod
        self._passwords = {name: secrets.token_hex(16) for name in NAMES}
        self.change_users("make")
        mongod.ask_for_users()

    def change_users(self, action: str) -> None:
        """Run the program of setup-host.sh."""
        given = {f"MONGODB_{n.upper()}_PASSWORD": p for n, p in self._passwords.items()}
        subprocess.run(
            [sys.executable, ROOT / "scripts/mongodb_users.py", action, self._mongod.address],
            env={"PATH": os.environ["PATH"]} | given,
            check=True,
            timeout=60,
        )

    def uri(self, service: str) -> str:
        """A service's MONGODB_URI, or the administrator's."""
        user = "video2mp3_admin" if service == "admin" else service
        return f"mongodb://{user}:{self._passwords[service]}@{self._mongod.address}"


@pytest.fixture(scope="module")
def secured(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    with Mongod(stack, tmp_path_factory.mktemp("mongod")) as mongod:
        yield Secured(mongod)


def test_the_services_do_all_their_work_with_their_own_rights(
    secured: Secured,
    workers: Workers,
    broker: Broker,
    new_user: NewUser,
    clip: bytes,
    silent_clip: bytes,
) -> None:
    gateway = workers.gateway(MONGODB_URI=secured.uri("gateway"))
    converter = workers.converter(MONGODB_URI=secured.uri("converter"))
    user = Client(gateway.url, new_user().client.token)
    done, failed = (
        user.send_form(form(part("file", content, "v.mp4"))).headers["X-Job-Id"]
        for content in (clip, silent_clip)
    )
    until(lambda: _job(user, failed)["state"] == "failed", "the silent one is told")
    until(lambda: _job(user, done)["state"] == "done", "the other one is converted")
    assert user.download(_job(user, done)["mp3_fid"]).content[:3] == b"ID3"
    link = user.request("POST", f"/jobs/{done}/links").headers["Location"]
    assert user.request("GET", link).content[:3] == b"ID3"
    feed = user.request("POST", "/feed").headers["Location"]
    assert user.request("GET", feed).ok
    assert user.request("DELETE", "/links").status_code == 204
    assert user.request("GET", link).status_code == 410
    assert user.request("GET", feed).status_code == 404
    assert user.request("POST", f"/jobs/{failed}/retry").ok
    until(lambda: _job(user, failed)["state"] == "failed", "it fails again")
    whole, ended, left_behind = (tus.begun(user, len(clip)) for _ in range(3))
    for url in (whole, ended, left_behind):
        assert tus.add(user, url, 0, clip[:-1]).status_code == 204
    resumed = tus.add(user, whole, len(clip) - 1, clip[-1:]).headers["X-Job-Id"]
    until(lambda: _job(user, resumed)["state"] == "done", "the resumed one is converted")
    assert user.request("DELETE", ended, tus.VERSION).status_code == 204
    with files.connect(secured.uri("admin")) as mongo:
        mongo["videos"]["uploads"].update_many({}, {"$set": {"expires": datetime.now(UTC)}})
    for each in (done, failed, resumed):
        assert user.request("DELETE", f"/jobs/{each}").status_code == 204
    sweep(secured.uri("sweep"), SWEEP_AGE="1", VIDEO_RETENTION_DAYS="1", MP3_RETENTION_DAYS="1")
    with files.connect(secured.uri("admin")) as mongo:
        left = {place: _count(mongo, place) for place in COLLECTIONS}
    assert left == dict.fromkeys(COLLECTIONS, 0) | {"videos.sweeps": 1, "mp3s.links": 1}
    for process in (gateway, converter):
        assert "mongodb://" not in process.log and "not authorized" not in process.log


def _job(user: Client, job: str) -> dict[str, Any]:
    return dict(user.request("GET", f"/jobs/{job}").json())


def _count(mongo: pymongo.MongoClient[Document], place: str) -> int:
    database, _, collection = place.partition(".")
    return mongo[database][collection].count_documents({})


def attempts(place: str) -> dict[str, tuple[str, Document]]:
    """What can be done to a collection, by its name: a database and a command."""
    database, _, collection = place.partition(".")
    nothing = {"_id": ObjectId()}
    index = {"key": {"stolen": 1}, "name": "stolen"}
    commands: dict[str, Document] = {
        "find": {"find": collection, "filter": nothing},
        "insert": {
            "insert": collection,
            "documents": [{"_id": ObjectId(), "stolen": secrets.token_hex()}],
        },
        "update": {"update": collection, "updates": [{"q": nothing, "u": {"$set": {"a": 1}}}]},
        "remove": {"delete": collection, "deletes": [{"q": nothing, "limit": 1}]},
        "index": {"createIndexes": collection, "indexes": [index]},
        "unindex": {"dropIndexes": collection, "index": "stolen"},
        "drop": {"drop": collection},
        "modify": {"collMod": collection, "validationLevel": "off"},
        "stats": {"collStats": collection},
        "list indexes": {"listIndexes": collection},
    }
    return {f"{name} {place}": (database, command) for name, command in commands.items()}


CURRENT_OP = {"$currentOp": {"allUsers": True}}
SERVER: dict[str, tuple[str, Document]] = {
    "make a user": ("admin", {"createUser": "thief", "pwd": "x", "roles": ["root"]}),
    "change a password": ("admin", {"updateUser": "gateway", "pwd": "x"}),
    "show the users": ("admin", {"usersInfo": 1}),
    "widen a role": ("admin", {"updateRole": "sweep", "roles": ["root"]}),
    "drop videos": ("videos", {"dropDatabase": 1}),
    "drop mp3s": ("mp3s", {"dropDatabase": 1}),
    "move a collection": ("admin", {"renameCollection": "mp3s.fs.files", "to": "mp3s.gone"}),
    "read the log": ("admin", {"getLog": "global"}),
    "read the parameters": ("admin", {"getParameter": "*"}),
    "read the command line": ("admin", {"getCmdLineOpts": 1}),
    "see what others do": ("admin", {"aggregate": 1, "pipeline": [CURRENT_OP], "cursor": {}}),
    "status": ("admin", {"serverStatus": 1}),
    "stop the server": ("admin", {"shutdown": 1, "force": True}),
}
FILES, CHUNKS = "fs.files", "fs.chunks"
ALLOWED = {
    "gateway": {
        **{f"videos.{FILES}": ["find", "insert", "update", "remove", "index"]},
        **{f"videos.{CHUNKS}": ["find", "insert", "remove", "index"]},
        "videos.sweeps": ["find"],
        "videos.uploads": ["find", "insert", "update", "remove", "index"],
        **{f"mp3s.{name}": ["find", "remove"] for name in (FILES, CHUNKS)},
        "mp3s.links": ["find", "insert", "update", "remove", "index"],
        "mp3s.webhook_endpoints": ["find", "insert", "update", "remove", "index"],
        "mp3s.webhook_secrets": ["find", "insert", "update", "remove"],
        "mp3s.webhook_deliveries": ["update"],
    },
    "converter": {
        **{f"videos.{FILES}": ["find", "update", "remove"]},
        **{f"videos.{CHUNKS}": ["find", "remove"]},
        **{f"mp3s.{FILES}": ["find", "insert", "update", "remove", "index"]},
        **{f"mp3s.{CHUNKS}": ["find", "insert", "remove", "index"]},
        "mp3s.webhook_endpoints": ["find"],
        "mp3s.webhook_deliveries": ["insert", "update", "index"],
    },
    "notification": {
        "mp3s.webhook_endpoints": ["find", "update"],
        "mp3s.webhook_secrets": ["find", "insert", "update"],
        "mp3s.webhook_deliveries": ["find", "update"],
    },
    "sweep": {
        **{f"{name}.{FILES}": ["find", "update", "remove"] for name in ("videos", "mp3s")},
        **{f"{name}.{CHUNKS}": ["find", "remove"] for name in ("videos", "mp3s")},
        "videos.sweeps": ["find", "insert", "update"],
        "videos.uploads": ["find", "remove"],
    },
    "nobody": {},
}


@pytest.mark.parametrize("service", ALLOWED)
def test_a_stolen_login_opens_its_own_table_and_nothing_else(
    service: str, secured: Secured, mongod_uri: str
) -> None:
    tried = dict(SERVER)
    for place in COLLECTIONS + OTHERS:
        tried |= attempts(place)
    uri = mongod_uri if service == "nobody" else secured.uri(service)
    with files.connect(uri) as mongo:
        opened = {name for name, call in tried.items() if _is_allowed(mongo, *call)}
    table = ALLOWED[service].items()
    assert opened == {f"{action} {place}" for place, actions in table for action in actions}


@pytest.fixture
def mongod_uri(secured: Secured) -> str:
    """Without a login."""
    return f"mongodb://{secured.uri('admin').rpartition('@')[2]}"


def _is_allowed(mongo: pymongo.MongoClient[Document], database: str, command: Document) -> bool:
    """Whether MongoDB lets a login do it; any answer but that it must not is an error."""
    try:
        answer = mongo[database].command(command)
    except OperationFailure as refused:
        assert refused.code == UNAUTHORIZED, (command, refused)
        return False
    assert "writeErrors" not in answer, (command, answer)
    return True


@pytest.mark.parametrize(("service", "database"), [("gateway", "videos"), ("converter", "mp3s")])
def test_a_service_takes_and_restores_a_backup_of_its_database_with_its_rights(
    service: str, database: str, secured: Secured
) -> None:
    with files.connect(secured.uri("admin")) as mongo:
        backup.clear(mongo[database], "fs.files")  # what a stolen login could insert
        stored = files.store(mongo[database], [b"some", b"thing"], "a", "video/mp4", {})
    dumps = {"fs.files": io.BytesIO(), "fs.chunks": io.BytesIO()}
    with files.connect(secured.uri(service)) as mongo:
        for name, dump in dumps.items():
            backup.dump(mongo[database], name, dump)
        backup.clear(mongo[database], "fs.files")
        assert not files.content(mongo[database], stored)
        for name in ("fs.chunks", "fs.files"):
            dumps[name].seek(0)
            backup.load(mongo[database], name, dumps[name])
        assert files.content(mongo[database], stored) == b"something"


@pytest.mark.parametrize("collection", ["links", "webhook_endpoints", "webhook_secrets"])
def test_the_gateway_takes_and_restores_a_backup_of_what_users_made(
    collection: str, secured: Secured
) -> None:
    dump = io.BytesIO()
    with files.connect(secured.uri("gateway")) as mongo:
        database = mongo["mp3s"]
        backup.clear(database, collection)
        database[collection].insert_one({"_id": "somebody"})
        backup.dump(database, collection, dump)
        backup.clear(database, collection)
        assert database[collection].find_one() is None
        dump.seek(0)
        backup.load(database, collection, dump)
        assert database[collection].find_one() == {"_id": "somebody"}


def test_making_the_users_again_changes_nothing(secured: Secured) -> None:
    secured.change_users("make")
    with files.connect(secured.uri("gateway")) as mongo:
        assert mongo["videos"]["fs.files"].find_one({"_id": 1}) is None
