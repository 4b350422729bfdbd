"""The jobs: every question about them and every change of them goes through here."""

from servicekit.jobs.by_announcer import AnnouncerChanges
from servicekit.jobs.by_converter import ConverterChanges
from servicekit.jobs.by_gateway import GatewayChanges
from servicekit.jobs.by_sweeper import SweeperChanges


class Jobs(GatewayChanges, AnnouncerChanges, ConverterChanges, SweeperChanges):
    """All jobs in MongoDB; what may be asked is in `queries`, who changes what in `by_…`."""
