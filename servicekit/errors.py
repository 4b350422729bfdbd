"""The ways in which work fails, named by what has to be done about it."""


class PermanentError(Exception):
    """Trying again cannot help; the text says why."""


class UnavailableError(Exception):
    """A dependency does not answer now; trying again later will help."""


class StoppedError(Exception):
    """The process is shutting down and the work was broken off; someone else will do it."""
