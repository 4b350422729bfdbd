"""What only the notifier's place in the cluster can tell of SMTP: for the doctor, as JSON."""

import json
import os
import sys

from send.email import try_login
from servicekit.errors import UnavailableError
from settings import MailSettings, Settings


def checkup(settings: MailSettings) -> dict[str, object]:
    """Whether the mail server lets us in: empty, or the problem."""
    try:
        try_login(settings)
    except UnavailableError as error:
        return {"problem": str(error)}
    return {}


if __name__ == "__main__":
    json.dump(checkup(Settings.load(os.environ).mail), sys.stdout)
