"""People, channels, messages and files of a workspace, as plain records."""

from dataclasses import dataclass, field

from sandbox.slack.config import Json


@dataclass(slots=True)
class User:
    """A person or a bot user. `is_stranger` means of another workspace (Slack Connect).

    `dnd_until` is when notifications are heard again, in seconds since the epoch.
    """

    id: str
    name: str
    real_name: str
    display_name: str
    color: str
    team_id: str
    tz: str = "Europe/Paris"
    tz_offset: int = 3600
    locale: str = "en-US"
    title: str = ""
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_stranger: bool = False
    deleted: bool = False
    presence: str = "active"
    dnd_until: int = 0


@dataclass(slots=True)
class UserGroup:
    """A group of people that can be mentioned as `@handle`."""

    id: str
    handle: str
    name: str
    users: list[str]


@dataclass(slots=True)
class File:
    """An uploaded file; `shares` maps channel to the messages that show it."""

    id: str
    name: str
    mimetype: str
    content: bytes
    user: str
    created: int
    title: str = ""
    shares: dict[str, list[str]] = field(default_factory=dict)
    complete: bool = True
    deleted: bool = False

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.content)


@dataclass(slots=True)
class Message:
    """One message. `thread_ts` is the root's ts, on the root too once it has replies.

    `mentions` remembers who is mentioned, until an edit.
    """

    ts: str
    channel: str
    text: str
    user: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    icons: Json | None = None
    subtype: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    files: list[File] | None = None
    metadata: Json | None = None
    thread_ts: str | None = None
    client_msg_id: str | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] | None = None
    replies: list[str] | None = None
    reply_users: list[str] | None = None
    broadcast: bool = False
    deleted: bool = False
    tombstone: bool = False
    ephemeral_to: str | None = None
    mentions: frozenset[str] | None = None

    @property
    def is_reply(self) -> bool:
        """True for a message inside a thread that is not its root."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def author(self) -> str | None:
        """Who wrote it, as thread statistics count it."""
        return self.user or self.bot_id


@dataclass(slots=True)
class Channel:
    """A channel or direct message; `timeline` holds, ascending, what its root view shows."""

    id: str
    name: str
    created: int
    creator: str
    members: dict[str, None] = field(default_factory=dict)
    topic: str = ""
    purpose: str = ""
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False
    im_user: str | None = None
    messages: dict[str, Message] = field(default_factory=dict)
    timeline: list[str] = field(default_factory=list)
    last_micros: int = 0
    last_read: dict[str, str] = field(default_factory=dict)
    mentions: dict[str, list[str]] = field(default_factory=dict)
    ephemerals: dict[tuple[str, str], Message] = field(default_factory=dict)
    graveyard: list[Message] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The `channel_type` of its events."""
        if self.im_user is not None:
            return "im"
        return "group" if self.is_private else "channel"


@dataclass(slots=True)
class AppIdentity:
    """The installed app: its ids, how it appears, and whether people may write to it."""

    id: str
    bot_id: str
    bot_user: str
    name: str
    home_tab: bool = True
    messages_tab: bool = True
    read_only: bool = False


@dataclass(slots=True)
class Team:
    """The workspace itself."""

    id: str
    name: str
    domain: str
