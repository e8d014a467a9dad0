"""Which conversation a command is for: by its user, its id, a handoff, a thread or a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bridge.model import AgentId, ContactId, ConversationId, HandoffId, MessageId, WorkspaceId
from bridge.quick import quick


@quick
@dataclass(frozen=True, slots=True)
class ToUser:
    """A conversation by its user's address; it is made when it does not exist yet."""

    workspace_id: WorkspaceId
    conversation_id: ConversationId
    contact_id: ContactId
    channel: str
    address: str
    name: str = ""
    email: str = ""
    avatar_url: str = ""
    locale: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    page_url: str = ""
    page_title: str = ""
    device: str = ""
    time_zone: str = ""


@dataclass(frozen=True, slots=True)
class ToConversation:
    id: ConversationId


@dataclass(frozen=True, slots=True)
class ToHandoff:
    id: HandoffId


@quick
@dataclass(frozen=True, slots=True)
class ToThread:
    """A thread of the desk. A message for a thread that is not known yet waits for it."""

    team: str
    channel: str
    ts: str

    @property
    def key(self) -> str:
        return f"thread:{self.team}:{self.channel}:{self.ts}"


@dataclass(frozen=True, slots=True)
class ToMessage:
    """The message with this id (`msg_…`) or this source. One by a source unknown yet waits for
    it."""

    id: MessageId | None = None
    source: str = ""

    @property
    def key(self) -> str:
        return f"source:{self.source}"


@dataclass(frozen=True, slots=True)
class ToBot:
    """Every conversation of a bot; `EVERY_BOT` means all bots there are."""

    workspace_id: WorkspaceId
    id: str


EVERY_BOT = "*"


@dataclass(frozen=True, slots=True)
class ToAgent:
    """An agent's seat, by the id of the desk's network."""

    workspace_id: WorkspaceId
    id: AgentId


@dataclass(frozen=True, slots=True)
class ToAll:
    """The whole floor of a workspace."""

    workspace_id: WorkspaceId


@dataclass(frozen=True, slots=True)
class ToPost:
    """The message that a post on the desk shows. One for a post that is not known yet waits."""

    team: str
    channel: str
    ts: str

    @property
    def key(self) -> str:
        return f"post:{self.team}:{self.channel}:{self.ts}"


Address: TypeAlias = (
    ToUser | ToConversation | ToHandoff | ToThread | ToMessage | ToPost | ToBot | ToAgent | ToAll
)
