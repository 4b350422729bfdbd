#!/usr/bin/env python3
"""Make or remove the services' users in MongoDB, with the rights of scripts/mongodb-roles.json."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

ADMIN = "video2mp3_admin"
TIMEOUT_MS = 10_000
ROLE_EXISTS, USER_EXISTS = 51002, 51003  # MongoDB's error_codes.yml has no name for them
NO_SUCH_USER, NO_SUCH_ROLE = 11, 31  # UserNotFound, RoleNotFound

Admin = Database[dict[str, Any]]
Rights = Mapping[str, list[str]]  # by collection: {"videos.fs.files": ["find"]}


def roles() -> dict[str, Rights]:
    """The rights of each service."""
    text = Path(__file__).with_name("mongodb-roles.json").read_text(encoding="utf-8")
    read: dict[str, Rights] = json.loads(text)
    return read


def password_of(user: str) -> str:
    """From the environment, as .env names it: MONGODB_GATEWAY_PASSWORD."""
    name = "ADMIN" if user == ADMIN else user.upper()
    return os.environ[f"MONGODB_{name}_PASSWORD"]


def privileges(rights: Rights) -> list[dict[str, Any]]:
    """The rights in MongoDB's own form."""
    found = []
    for place, actions in rights.items():
        database, _, collection = place.partition(".")
        found.append({"resource": {"db": database, "collection": collection}, "actions": actions})
    return found


def make(admin: Admin) -> None:
    """Make each user, or give the one that is there its rights and its password of now."""
    for name, rights in roles().items():
        given = {"privileges": privileges(rights), "roles": []}
        _make_or_update(admin, "Role", name, given, ROLE_EXISTS)
        _make_user(admin, name, name)
    _make_user(admin, ADMIN, "root")


def _make_user(admin: Admin, name: str, role: str) -> None:
    given = {"pwd": password_of(name), "roles": [{"role": role, "db": "admin"}]}
    _make_or_update(admin, "User", name, given, USER_EXISTS)


def _make_or_update(
    admin: Admin, kind: str, name: str, given: Mapping[str, Any], exists: int
) -> None:
    try:
        admin.command({f"create{kind}": name, **given})
    except OperationFailure as error:
        if error.code != exists:
            raise
        admin.command({f"update{kind}": name, **given})


def remove(admin: Admin) -> None:
    """Remove the users and their roles; those that are not there are no failure."""
    for name in roles():
        _drop(admin, "User", name, NO_SUCH_USER)
        _drop(admin, "Role", name, NO_SUCH_ROLE)
    _drop(admin, "User", ADMIN, NO_SUCH_USER)


def _drop(admin: Admin, kind: str, name: str, missing: int) -> None:
    try:
        admin.command(f"drop{kind}", name)
    except OperationFailure as error:
        if error.code != missing:
            raise


def client(address: str) -> pymongo.MongoClient[dict[str, Any]]:
    """As the administrator, where MongoDB asks who one is and knows it already."""
    known = pymongo.MongoClient[dict[str, Any]](
        address,
        username=ADMIN,
        password=password_of(ADMIN),
        serverSelectionTimeoutMS=TIMEOUT_MS,
        socketTimeoutMS=TIMEOUT_MS,
    )
    with suppress(OperationFailure):  # no such user yet
        known.admin.command("ping")
        return known
    return pymongo.MongoClient[dict[str, Any]](
        address, serverSelectionTimeoutMS=TIMEOUT_MS, socketTimeoutMS=TIMEOUT_MS
    )


def main() -> None:
    """Exit code 1: MongoDB did not answer, or refused."""
    parser = argparse.ArgumentParser(
        prog="mongodb_users.py",
        description=__doc__,
        epilog="Their passwords are read from the environment: MONGODB_GATEWAY_PASSWORD and so on.",
    )
    parser.add_argument("action", choices=("make", "remove"))
    parser.add_argument("address", help="HOST:PORT")
    options = parser.parse_args()
    try:
        with client(f"mongodb://{options.address}") as connected:
            {"make": make, "remove": remove}[options.action](connected.admin)
    except PyMongoError as error:
        sys.exit(f"mongodb_users.py: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
