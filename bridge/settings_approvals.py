"""Which of a bot's answers people approve before a user sees them, and how they are asked:
`[approvals]`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo

from bridge.gates import Gate
from bridge.model import SECOND
from bridge.settings_types import Customer, MemberId, Section

MEMBER_ID = re.compile(r"[UWS][A-Z0-9]{2,20}", re.ASCII)
"""Of a person or of a user group."""
LONGEST = 30 * 86_400
"""Seconds that an approval may wait."""
Name = Annotated[str, Field(min_length=1, max_length=200)]
Names = Annotated[tuple[Name, ...], Field(max_length=100)]


class ApprovalSettings(Section):
    require: bool = False
    """Whether all that a bot says is approved first."""
    require_intents: Names = ()
    require_queues: Names = ()
    require_users: Annotated[tuple[Customer, ...], Field(max_length=100)] = ()
    """As `channel:address`, or by e-mail."""
    slack_channel: str = ""
    """Where what is in no thread is asked; none: that of SLACK_CHANNEL."""
    context: Annotated[int, Field(ge=0, le=10)] = 4
    """How many of the last messages are shown there beside a draft."""
    reviewers: Names = ()
    """Queues, ids of people and of user groups; none: every member of the desk."""
    escalate_to: Annotated[tuple[MemberId, ...], Field(max_length=100)] = ()
    """Who is asked, too, after three quarters of the time."""
    quorum: Annotated[int, Field(ge=1, le=20)] = 1
    expires_in: Annotated[float, Field(ge=10, le=LONGEST)] = 900.0
    on_timeout: Literal["approve", "reject"] = "reject"

    def made(self) -> Gate:
        return Gate(
            reviewers=self.reviewers,
            others=self.escalate_to,
            quorum=self.quorum,
            expires_in=int(self.expires_in * SECOND),
            on_timeout=self.on_timeout,
            everything=self.require,
            intents=_folded(self.require_intents),
            queues=frozenset(self.require_queues),
            users=_folded(self.require_users),
        )


def _folded(names: Sequence[str]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)


def _known(given: ApprovalSettings, info: ValidationInfo) -> ApprovalSettings:
    queues = {queue.name for queue in (info.data or {}).get("queues", ())}
    if queues and (faults := list(_faults(given, queues))):
        raise ValueError("; ".join(faults))
    return given


def _faults(given: ApprovalSettings, queues: set[str]) -> Iterator[str]:
    for name in given.require_queues:
        if name not in queues:
            yield f"require_queues: there is no queue {name}"
    for name in given.reviewers:
        if name not in queues and not MEMBER_ID.fullmatch(name):
            yield f"reviewers: {name} is no queue, and no id of a person or a user group"


Approvals: Any = Annotated[ApprovalSettings, AfterValidator(_known)]
