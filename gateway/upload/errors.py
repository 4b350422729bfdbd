"""Why an upload is refused."""


class RefusedError(Exception):
    """The client's doing; the text is its answer, the status goes with it."""

    def __init__(self, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.text = text
        self.status = status
