"""What only auth's place in the cluster can tell of MySQL: for the doctor, as JSON."""

import json
import os
import sys
from contextlib import closing

import MySQLdb

from mysql import MySqlServer
from settings import MySqlSettings, Settings


def checkup(settings: MySqlSettings, email: str) -> dict[str, object]:
    """MySQL's time in seconds since 1970, and whether `email` is a user; or the problem."""
    try:
        account = (settings.user, settings.password, settings.database)
        connection = MySqlServer(settings).connect(*account)
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT UNIX_TIMESTAMP(), COUNT(*) FROM user WHERE email = %s", (email,))
            time, users = cursor.fetchone()
    except MySQLdb.Error as error:
        return {"problem": f"MySQL: {error}"}
    return {"time": float(time), "user": bool(users)}


if __name__ == "__main__":
    json.dump(checkup(Settings.load(os.environ).mysql, sys.argv[1]), sys.stdout)
