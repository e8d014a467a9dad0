"""What is on its way to the app, and what came back, over whichever transport."""

from dataclasses import dataclass

HTTP_OK_CLASS = 2


@dataclass(slots=True)
class Outgoing:
    """An event on its way; `attempt` counts repeats, `reason` says why it is repeated.

    `twin` sends it a second time. `via` is the socket that had it last (0: none), for a repeat
    goes to another one. `unheard` lets the app's answer get lost; `cut` loses the socket too.
    """

    body: bytes
    id: str
    kind: str
    attempt: int = 0
    reason: str = ""
    twin: bool = False
    via: int = 0
    unheard: bool = False
    cut: bool = False

    def repeat(self, reason: str) -> "Outgoing":
        """The next attempt at the same event."""
        return Outgoing(self.body, self.id, self.kind, self.attempt + 1, reason, via=self.via)


@dataclass(slots=True)
class Reply:
    """What the app answered; `status` 0 means no answer, then `failure` says why.

    An acknowledgement over a socket counts as 200, its payload as a JSON body.
    """

    status: int
    body: bytes = b""
    content_type: str = ""
    no_retry: bool = False
    failure: str = ""

    @property
    def accepted(self) -> bool:
        """2xx in time."""
        return self.status // 100 == HTTP_OK_CLASS

    @property
    def reason(self) -> str:
        """The `x-slack-retry-reason` of a repeat after this answer."""
        return self.failure or "http_error"
