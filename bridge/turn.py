"""What one decision is written on while `decide` thinks.

A Turn starts from a Case and ends as a Decision. It knows how to say something, to change owner and
to note what is to be done; when it is right to do so is the business of `talk.py` and
`handoffs.py`.
"""

from __future__ import annotations

from typing import Any

from bridge import attributes
from bridge.cases import Case, Decision
from bridge.changes import audited, changes_of
from bridge.claiming import must_go_online
from bridge.commands import EVERY_BOT, Command, Rejected, ToUser
from bridge.effects import (
    CallBot,
    Effect,
    FetchFiles,
    Line,
    Linger,
    Mark,
    OpenThread,
    Outward,
    PostLine,
    PostMessage,
    PutMark,
    RefreshCard,
    SendToUser,
)
from bridge.events import Event, Kind
from bridge.filing import all_kept, linked, most_parts
from bridge.keys import is_person
from bridge.memory import NO_MEMORY
from bridge.model import (
    LEAVING,
    Author,
    Button,
    Contact,
    Conversation,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Mode,
    Role,
    Standing,
    Thread,
    Visibility,
    derive_id,
    given,
    replace,
)
from bridge.policy import Policy
from bridge.texts import SOMEONE, Occasion, by_language, leave_hint, split

_OF_CONTACT = ("name", "email", "avatar_url", "locale")
_OF_CONVERSATION = ("locale", "page_url", "page_title", "device", "time_zone")
DESKBRIDGE = Author(Role.SYSTEM, "deskbridge", "")


class Turn:
    """Mutable and private to one call of `decide`."""

    def __init__(self, case: Case, policy: Policy, key: str, at: Micros, cause: str = "") -> None:
        self.case = case
        self.policy = policy
        self.key = key
        self.at = at
        self.cause = cause or key
        self.actor = DESKBRIDGE
        self.conversation = _with_bot(case.conversation, policy)
        self.contact = case.contact
        self.handoff = case.handoff
        self.messages: dict[MessageId, Message] = {}
        self.events: list[Event] = []
        self.effects: list[Effect] = []
        self.ahead: tuple[Outward, ...] = ()
        self.thread: Thread | None = None
        self.data: dict[str, Any] = {}
        self.rejected: Rejected | None = None
        self.forget = False
        self.others: tuple[Contact, ...] = ()
        self.approvals = {approval.id: approval for approval in case.approvals}

    # --- looking -------------------------------------------------------------------------------

    @property
    def has_bot(self) -> bool:
        return bool(self.conversation.bot_id)

    @property
    def silenced_by(self) -> str:
        """Who paused the conversation's bot in all its conversations; empty: nobody."""
        silent = self.case.silent_bots
        bot = self.conversation.bot_id
        return (silent.get(bot) or silent.get(EVERY_BOT) or "") if bot else ""

    @property
    def open_handoff(self) -> Handoff:
        """The handoff of the case, in states that the table only reaches with one."""
        return given(self.handoff)

    @property
    def subject(self) -> Message:
        """The message of the case, for commands that the store only brings with one."""
        subject = given(self.case.subject)
        return self.messages.get(subject.id, subject)

    @property
    def unsent(self) -> int:
        """In how many parts the subject waits to be sent, while nothing of it has left; zero: the
        user may have some of it. One who reads our store has none of what has no `rev`."""
        subject = self.case.subject
        return self.case.unsent or int(subject is not None and subject.is_unseen)

    @property
    def _at_hand(self) -> HandoffId | None:
        """The handoff, unless it was over before this turn: user and bot have moved on then."""
        handoff = self.handoff
        if handoff and (handoff.is_open or handoff is not self.case.handoff):
            return handoff.id
        return None

    def must_go_online(self, command: Command) -> bool:
        """Whether it takes the handoff for somebody who may not take it before they are online."""
        return must_go_online(command, self.handoff, self.case.bench, self.policy)

    # --- changing ------------------------------------------------------------------------------

    def note(self, kind: Kind, actor: Author, /, **body: Any) -> None:
        """Adds an event."""
        moved_on = actor.role in (Role.USER, Role.BOT)
        handoff = self._at_hand if moved_on or not self.handoff else self.handoff.id
        conversation = self.conversation
        named = derive_id("evt", self.key, len(self.events))
        where, epoch = conversation.id, conversation.epoch
        self.events.append(
            Event(kind, self.at, where, actor, handoff, epoch, body, named, self.cause)
        )

    def do(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def own(self, mode: Mode) -> None:
        """The owner changes: whoever spoke for the old one is fenced off from here on. With the
        bot, rules begin anew."""
        conversation = self.conversation
        self.conversation = replace(
            conversation,
            mode=mode,
            epoch=conversation.epoch + 1,
            unanswered_since=0,
            memory=NO_MEMORY if mode is Mode.BOT else conversation.memory,
        )

    def change(self, **fields: Any) -> Handoff:
        """Changes the handoff; the card follows."""
        handoff = self.open_handoff
        self.handoff = replace(handoff, version=handoff.version + 1, **fields)
        return self.handoff

    def say(
        self,
        author: Author,
        text: str,
        *,
        visibility: Visibility = Visibility.PUBLIC,
        standing: Standing = Standing.SENT,
        **fields: Any,
    ) -> Message:
        """A new message in the next place. Only one that leaves raises the conversation's rev."""
        leaves = visibility is Visibility.PUBLIC and standing in LEAVING
        conversation = self.conversation
        seq, rev = conversation.seq + 1, conversation.rev + leaves
        since = conversation.created_at or self.at
        self.conversation = replace(conversation, seq=seq, rev=rev, created_at=since)
        message = Message(
            id=MessageId(derive_id("msg", self.key, len(self.messages))),
            conversation_id=conversation.id,
            workspace_id=conversation.workspace_id,
            seq=seq,
            rev=rev if leaves else 0,
            author=author,
            text=text,
            visibility=visibility,
            standing=standing,
            sent_at=fields.pop("sent_at", self.at),
            **fields,
        )
        self.messages[message.id] = message
        return message

    def show(self, message: Message) -> Message:
        """Keeps a changed message; a user who may see it gets a new rev of it."""
        if message.leaves and not message.is_unseen:
            rev = self.conversation.rev + 1
            self.conversation = replace(self.conversation, rev=rev)
            message = replace(message, rev=rev)
        self.messages[message.id] = message
        return message

    def deliver(self, message: Message, wait: Micros = 0) -> Message:
        """On its way to the user, in as many parts as the channel needs, but for those it has.
        What came with it is fetched first, and nothing of it leaves before `wait` is over; one who
        reads our store sees nothing of it before (no `rev` is theirs), and then all of it."""
        traits = self.policy.traits(self.conversation.channel)
        if message.attachments and not traits.files:
            message = self.messages[message.id] = replace(linked(message), attachments=())
        whole = all_kept(message)
        if wait:
            self.do(Linger(message.id, self.at + wait))
        if not whole:
            self.do(FetchFiles(message.id))
        if traits.reads_store:
            at_once = whole and not wait
            unseen = message if at_once else replace(message, standing=Standing.PENDING, rev=0)
            self.messages[message.id] = unseen
            return unseen
        parts = most_parts(message, traits.max_text)
        left = range(min(message.sent_parts, parts - 1), parts)
        self.do(*(SendToUser(message.id, part, parts) for part in left))
        message = replace(message, standing=Standing.PENDING)
        self.messages[message.id] = message
        return message

    def correct(self, message: Message, change: str) -> None:
        """`edit` or `delete`: what the user's channel shows of it is to follow, whole."""
        if not self.policy.traits(self.conversation.channel).reads_store:
            self.do(SendToUser(message.id, change=change))

    def meet(self, to: ToUser, **also: Any) -> None:
        """What is newly known of the user; an empty field says nothing. `also`: other fields of
        the conversation that change with it."""
        known = self.contact
        told: dict[str, Any] = {
            name: new
            for name in _OF_CONTACT
            if (new := getattr(to, name)) and new != getattr(known, name)
        }
        if to.attributes:
            together = attributes.merged(known.attributes, to.attributes)
            told |= {"attributes": together} if together != known.attributes else {}
        if told:
            self.contact = replace(known, **told, updated_at=self.at)
        page = {name: new for name in _OF_CONVERSATION if (new := getattr(to, name))}
        self.conversation = replace(self.conversation, **page, **also)

    @property
    def locale(self) -> str:
        """The user's."""
        return self.conversation.locale or self.contact.locale or "en"

    @property
    def topics(self) -> list[str]:
        """Labels by what the user chose before they began to write, for their first handoff."""
        if self.conversation.handoff_id:
            return []
        told, topics = self.contact.attributes, self.policy.topics
        return [label for (name, value), label in topics.items() if told.get(name) == value]

    def wording(self, occasion: Occasion, **values: str) -> str:
        """The desk's own words for the occasion; empty: the settings silence it."""
        locale, handoff = self.locale, self.handoff
        name = handoff.assignee_name if handoff and is_person(handoff.assignee or "") else ""
        values = {
            "agentName": name or by_language(SOMEONE, locale),
            "userName": self.contact.name,
            "leaveHint": leave_hint(self.policy.end_command, locale),
            **values,
        }
        own = self.policy.own_texts(self.contact, handoff) if handoff else ()
        return self.policy.texts.say(occasion, locale, values, bot=self.has_bot, own=own)

    def tell_user(
        self, occasion: Occasion, buttons: tuple[Button, ...] = (), **values: str
    ) -> None:
        """The same to the user."""
        handoff = self.handoff and self.handoff.id
        if text := self.wording(occasion, **values):
            self.deliver(self.say(DESKBRIDGE, text, buttons=buttons, handoff_id=handoff))

    def tell_bot(self, type: str, *, stretch: tuple[int, int] | None = None, **body: Any) -> None:
        if self.has_bot:
            epoch = self.conversation.epoch
            self.do(CallBot(type, epoch, None, self._at_hand, body or None, stretch))

    def post(self, message: Message, mention: str = "") -> None:
        """Its words into the handoff's thread, in as many parts as the desk needs; the first one
        calls `mention`."""
        handoff, parts = self.open_handoff.id, len(split(message.text, self.policy.desk_max_text))
        by_agent = message.author.role is Role.AGENT and message.visibility is Visibility.PUBLIC
        marked = by_agent and not message.source
        self.do(PostMessage(handoff, message.id, 0, parts, mention, marked))
        self.do(*(PostMessage(handoff, message.id, part, parts) for part in range(1, parts)))

    def line(self, line: Line, message: Message | None = None, **fields: str) -> None:
        """A line in the handoff's thread."""
        if self.handoff:
            about = message.id if message else None
            self.do(PostLine(self.handoff.id, line, about, **fields))

    def mark(self, source: str | None, mark: Mark, *, fresh: bool = False) -> None:
        if source:
            self.do(PutMark(source, mark, fresh))

    def mark_message(self, message: Message, mark: Mark, *, fresh: bool = False) -> None:
        """Where it was written, or where we posted an agent's words that were written elsewhere."""
        if message.source:
            self.mark(message.source, mark, fresh=fresh)
        elif message.handoff_id and message.author.role is Role.AGENT:
            self.do(PutMark("", mark, fresh, message.id))

    def reject(self, reason: str, **data: Any) -> None:
        self.rejected = Rejected(reason, data)

    def fence(self) -> None:
        """The bot may not speak now; who may, and since when."""
        handoff, conversation = self.handoff, self.conversation
        has = handoff is not None and handoff.is_open
        self.reject(
            "human_in_control",
            epoch=conversation.epoch,
            by=given(handoff).assignee_name if has else conversation.paused_by or self.silenced_by,
            handoff_id=given(handoff).id if has else None,
            mode=str(conversation.mode),
        )

    # --- the end -------------------------------------------------------------------------------

    def decision(self) -> Decision:
        before, after = self.case.handoff, self.handoff
        opens = any(isinstance(effect, OpenThread) for effect in self.effects)
        if (before and after and before.id == after.id and after.version > before.version) or (
            after and not opens and self._turned()
        ):
            self.do(RefreshCard(after.id))
        return Decision(
            self.conversation,
            self.contact,
            self.handoff,
            tuple(self.messages.values()),
            self._audited(),
            tuple(self.effects),
            self.thread,
            self.data,
            self.ahead,
            self.forget,
            self._stirs(),
            self.others,
            tuple(a for a in self.approvals.values() if a not in self.case.approvals),
        )

    def _audited(self) -> tuple[Event, ...]:
        """The events, with what has changed; there is one for each change of what is tracked."""
        case, subject = self.case, self.case.subject
        changes = changes_of(
            (case.conversation, self.conversation),
            (case.contact, self.contact),
            (case.handoff, self.handoff),
            (subject, self.messages.get(subject.id, subject) if subject else None),
        )
        if changes and not self.events:
            self.note(Kind.STATE_CHANGED, self.actor)
        return audited(self.events, changes)

    def _stirs(self) -> bool:
        """Whether anything has changed by which routing goes."""
        if not self.policy.routes:
            return False
        before, after = self.case.handoff, self.handoff
        return self._turned() or (after is not before and _routed_by(before) != _routed_by(after))

    def _turned(self) -> bool:
        """Whether it is now another's turn to write, which the card of an open handoff shows."""
        turned = self.conversation.awaiting is not self.case.conversation.awaiting
        return turned and self.handoff is not None and self.handoff.is_open


def _routed_by(handoff: Handoff | None) -> object:
    return handoff and (
        *(handoff.id, handoff.status, handoff.queue, handoff.assignee),
        bool(handoff.ends_at),
    )


def _with_bot(conversation: Conversation, policy: Policy) -> Conversation:
    """The settings may have given the channel another bot, or none, since the last command."""
    bot = policy.bot_for(conversation.channel)
    bot_id = bot.id if bot else ""
    return conversation if conversation.bot_id == bot_id else replace(conversation, bot_id=bot_id)
