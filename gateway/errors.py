"""Why a request is refused."""


class RefusedError(Exception):
    """The client's doing; the text is its answer, the status goes with it.

    `retry_after` says in how many seconds the same request may do better.
    """

    def __init__(self, text: str, status: int = 400, retry_after: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
        self.retry_after = retry_after
