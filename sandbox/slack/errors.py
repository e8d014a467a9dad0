"""The refusals of the stand-in, as Slack words them."""

from collections.abc import Sequence
from typing import Any

from sandbox.slack.config import Json


class SlackError(Exception):
    """A Web API call answered with `ok: false`; `extra` goes into the answer beside the name."""

    def __init__(self, error: str, *, messages: Sequence[str] = (), **extra: Any) -> None:
        super().__init__(error)
        self.error = error
        self.extra = extra
        self.messages = list(messages)

    def answer(self) -> Json:
        """The JSON body that Slack would answer."""
        body: Json = {"ok": False, "error": self.error, **self.extra}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {text}" for text in self.messages]}
        return body


class ClientError(Exception):
    """What a person is shown by the Slack client; its text is the whole message."""


class DropConnection(Exception):
    """The connection is to be closed without a byte of answer."""
