"""What is looked up for an effect, and what an effect becomes that has lost its ground."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest

from bridge.commands import BotAnswered, Claim, Delivered, NotDelivered, Routed, TimerFired
from bridge.effects import (
    CallBot,
    Mark,
    OpenThread,
    PostMessage,
    PostPreview,
    PutMark,
    PutReaction,
    RefreshCard,
    SendMail,
    SendToUser,
    SetTimer,
    ShowSeen,
    TimerKind,
)
from bridge.errors import DeliveryError, Refused, Retry, Unknown
from bridge.filing import NoFiles
from bridge.links import Links
from bridge.mailman import Mailman
from bridge.model import (
    DEFAULT_WORKSPACE,
    Attachment,
    Author,
    Contact,
    ContactId,
    Conversation,
    ConversationId,
    Handoff,
    HandoffId,
    Message,
    MessageId,
    Role,
    Standing,
    Status,
    Thread,
)
from bridge.perform import Performer
from bridge.policy import Policy
from bridge.ports import BotReply, Receipt
from bridge.recent import Recent
from bridge.showing import Showing
from bridge.stores import Work
from bridge.transfers import Transfers
from bridge.views import CustomerPost, View
from tests.bridge.fakes import AbleDesk, FakeBot, FakeChannel, PlainDesk, ReactingDesk

CNV, HND, MSG = ConversationId("cnv_1"), HandoffId("hnd_1"), MessageId("msg_1")
CONTACT = Contact(ContactId("con_1"), DEFAULT_WORKSPACE, "webchat", "v1", name="Sam")
CONVERSATION = Conversation(CNV, DEFAULT_WORKSPACE, CONTACT.id, "webchat", "v1", bot_id="robo")
HANDOFF = Handoff(HND, DEFAULT_WORKSPACE, CNV, Status.QUEUED)
MESSAGE = Message(MSG, CNV, DEFAULT_WORKSPACE, 1, 1, Author(Role.USER), "hello")
THREAD = Thread(HND, 1, "T1", "C1", "1.0")


class Known:
    """Reads of a store that holds just this."""

    def __init__(self, **holds: Any) -> None:
        self.holds = {
            "view": View(HANDOFF, CONVERSATION, CONTACT),
            "thread": THREAD,
            "message": MESSAGE,
            "conversation": CONVERSATION,
            "contact": CONTACT,
            "before": [],
            **holds,
        }

    def __getattr__(self, name: str) -> Any:
        async def read(*_asked: Any) -> Any:
            return self.holds[name]

        return read


def performer(desk: Any = None, bots: Any = None, channels: Any = None, **holds: Any) -> Performer:
    reads: Any = Known(**holds)
    lanes: Any = None
    known = channels or {}
    transfers = Transfers(NoFiles(), lanes, desk, known, lambda: 7)
    links = Links([b"k" * 32], "https://desk.example")
    showing = Showing(reads, lanes, desk, Policy(), lambda: 7, transfers)
    mailman = Mailman(reads, known, lambda: 7)
    return Performer(reads, known, bots or {}, lambda: 7, showing, transfers, links, mailman)


def work(effect: Any, **more: Any) -> Work:
    return Work(Claim(1, f"desk:{CNV}", "w.1"), CNV, effect, since=1, **more)


async def test_without_routing_nobody_is_looked_for() -> None:
    look = work(SetTimer(TimerKind.ROUTE, 1, 0))
    assert await performer().perform(look) == Routed(look.claim, look.since)


def test_only_the_last_few_things_are_remembered() -> None:
    recent: Recent[str, int] = Recent(most=2)
    for number, key in enumerate("abc"):
        recent.put(key, number)
    assert [recent.get(key) for key in "abc"] == [None, 1, 2]


async def test_a_timer_has_nothing_to_do_but_to_fire() -> None:
    timer = SetTimer(TimerKind.PATIENCE, 7, 1)
    assert await performer().perform(work(timer)) == TimerFired(work(timer).claim, 7)


async def test_letters_are_the_mailmans() -> None:
    timer, letter = SetTimer(TimerKind.MAIL, 7, 1, "1"), SendMail(0, 1)
    assert await performer().perform(work(timer)) == TimerFired(work(timer).claim, 7)
    assert await performer().perform(work(letter)) == Delivered(work(letter).claim, 7)


async def test_without_a_desk_its_effects_wait_for_one() -> None:
    with pytest.raises(Retry, match="no_desk"):
        await performer().perform(work(OpenThread(HND, 1)))


async def test_a_root_without_a_place_may_or_may_not_be_there() -> None:
    class Vague(PlainDesk):
        async def open(self, view: View, key: str) -> Receipt:
            return Receipt(None)

    with pytest.raises(Unknown, match="no_place"):
        await performer(Vague()).perform(work(OpenThread(HND, 1)))


async def test_nothing_is_posted_where_there_is_no_thread() -> None:
    with pytest.raises(Refused, match="no_thread"):
        await performer(PlainDesk(), thread=None).perform(work(PostMessage(HND, MSG)))


async def test_a_card_without_a_thread_is_drawn_when_the_thread_opens() -> None:
    desk = PlainDesk()
    result = await performer(desk, thread=None).perform(work(RefreshCard(HND)))
    assert isinstance(result, Delivered)
    assert desk.cards == []


@pytest.mark.parametrize(
    ("effect", "holds"),
    [
        (PostMessage(HND, MSG), {"message": replace(MESSAGE, deleted=True)}),
        (PostMessage(HND, MSG), {"message": None}),
        (PostMessage(HND, MSG, part=1, parts=2), {}),
        (PostPreview(HND), {}),
    ],
)
async def test_what_has_become_of_nothing_is_done_without_a_post(
    effect: Any, holds: dict[str, Any]
) -> None:
    desk = PlainDesk()
    result = await performer(desk, **holds).perform(work(effect))
    assert isinstance(result, Delivered)
    assert desk.posted == []


async def test_for_a_handoff_that_is_gone_nothing_is_posted_or_opened() -> None:
    with pytest.raises(Refused, match="no_handoff"):
        await performer(PlainDesk(), view=None).perform(work(PostMessage(HND, MSG)))
    opening = work(OpenThread(HND, 1))
    result = await performer(PlainDesk(), view=None).perform(opening)
    assert result == NotDelivered(opening.claim, 7, "no_handoff")


async def test_a_part_of_a_long_message_takes_nothing_along() -> None:
    desk = PlainDesk()
    again = work(PostMessage(HND, MSG, 0, 2), attempts=2)
    result = await performer(desk).perform(again)
    assert isinstance(result, Delivered)
    assert (len(desk.posted), result.joined) == (1, ())


async def test_a_call_is_not_begun_when_it_may_outlive_the_lease() -> None:
    late = work(PostMessage(HND, MSG), begin_by=time.monotonic() - 1)
    with pytest.raises(Retry, match="too_late") as caught:
        await performer(PlainDesk()).perform(late)
    assert not caught.value.counts


async def test_a_users_emoji_is_shown_by_a_desk_that_can() -> None:
    able, effect = ReactingDesk(), PutReaction("s:1", "👍", True)
    for desk in (able, PlainDesk()):
        assert isinstance(await performer(desk).perform(work(effect)), Delivered)
    assert able.reacted == [("s:1", "👍", True)]


async def test_a_mark_goes_where_it_was_written_or_wherever_we_have_posted_it() -> None:
    desk, places = AbleDesk(), [("T1", "C1", "1.7"), ("T1", "C2", "2.7")]
    for effect in (PutMark("s:1", Mark.TAKEN), PutMark("", Mark.TAKEN, message_id=MSG)):
        assert isinstance(await performer(desk, posts_of=places).perform(work(effect)), Delivered)
    assert [where for where, _ in desk.marked] == ["s:1", *places]


@dataclass
class SeeingDesk(PlainDesk):
    """Shows how far users have read."""

    shown: list[tuple[str, str]] = field(default_factory=list)

    async def seen(self, source: str, before: str) -> None:
        self._meet(lambda: self.shown.append((source, before)))


async def test_how_far_a_user_has_read_is_shown_where_there_is_time_for_it() -> None:
    able, effect = SeeingDesk(), ShowSeen("s:2", "s:1")
    able.moods.say(Retry("rate_limited"))
    for desk in (able, able, PlainDesk()):
        assert isinstance(await performer(desk).perform(work(effect)), Delivered)
    assert able.shown == [("s:2", "s:1")]


async def test_a_users_post_carries_the_call_of_who_has_it() -> None:
    desk = PlainDesk()
    await performer(desk).perform(work(PostMessage(HND, MSG, mention="U1")))
    [(_, post)] = desk.posted
    assert isinstance(post, CustomerPost)
    assert (post.text, post.mention) == ("hello", "U1")


@pytest.mark.parametrize("holds", [{}, {"message": None}, {"conversation": None}])
async def test_without_a_channel_the_message_is_not_delivered(holds: dict[str, Any]) -> None:
    result = await performer(**holds).perform(work(SendToUser(MSG)))
    assert result == NotDelivered(work(SendToUser(MSG)).claim, 7, "no_channel")


@pytest.mark.parametrize("part", [1, 3])
async def test_what_has_fewer_parts_by_now_needs_no_more_sends(part: int) -> None:
    channel = FakeChannel()
    gone = Attachment("a.png", "image/png", 5, "fil_1").taken_back()
    message = replace(MESSAGE, attachments=(gone,))
    effect = SendToUser(MSG, part=part, parts=4)
    made = performer(channels={"webchat": channel}, message=message)
    result = await made.perform(work(effect))
    assert isinstance(result, Delivered)
    assert channel.sent == []


class Finding(FakeChannel):
    """Knows what became of a send, or raises."""

    there: ClassVar[list[Any]] = []

    async def find(
        self, conversation: Any, out: Any, key: str, since: int, doubted_at: int
    ) -> Receipt | None:
        found = self.there[0]
        if isinstance(found, Exception):
            raise found
        return Receipt(found) if found else None


PLACE = ("channel", "page", "m_1")


async def test_where_a_message_went_is_told() -> None:
    class Placing(FakeChannel):
        async def send(self, conversation: Any, message: Any, key: str) -> Receipt:
            return Receipt(PLACE)

    result = await performer(channels={"webchat": Placing()}).perform(work(SendToUser(MSG)))
    assert result == Delivered(work(SendToUser(MSG)).claim, 7, PLACE)


@pytest.mark.parametrize(
    "leaves", [replace(MESSAGE, deleted=True), replace(MESSAGE, standing=Standing.FAILED)]
)
async def test_what_does_not_leave_any_more_is_not_sent(leaves: Message) -> None:
    channel = FakeChannel()
    result = await performer(channels={"webchat": channel}, message=leaves).perform(
        work(SendToUser(MSG))
    )
    assert isinstance(result, Delivered)
    assert channel.sent == []


@pytest.mark.parametrize(
    ("channel", "there", "sent_parts", "wanted"),
    [
        (FakeChannel(), None, 0, None),
        (FakeChannel(), None, 1, ()),
        (Finding(), None, 0, None),
        (Finding(), PLACE, 0, PLACE),
    ],
)
async def test_a_doubtful_send_is_never_repeated(
    channel: FakeChannel, there: Any, sent_parts: int, wanted: Any
) -> None:
    """None: an agent is asked; else where it is, as far as one knows."""
    Finding.there[:] = [there]
    message = replace(MESSAGE, sent_parts=sent_parts)
    effect = work(SendToUser(MSG), doubtful=True)
    made = performer(channels={"webchat": channel}, message=message)
    result = await made.perform(effect)
    if wanted is None:
        assert result == NotDelivered(effect.claim, 7, "unknown_outcome")
    else:
        assert result == Delivered(effect.claim, 7, wanted or None)
    assert channel.sent == []


async def test_what_an_echo_settled_after_an_agent_asked_for_it_again_is_not_sent_again() -> None:
    channel = FakeChannel()
    made = performer(channels={"webchat": channel}, message=replace(MESSAGE, sent_parts=1))
    assert await made.perform(work(SendToUser(MSG))) == Delivered(work(SendToUser(MSG)).claim, 7)
    assert channel.sent == []


async def test_while_its_echo_may_come_a_doubtful_send_waits() -> None:
    Finding.there[:] = [Unknown("no_echo_yet")]
    with pytest.raises(Unknown, match="no_echo_yet"):
        await performer(channels={"webchat": Finding()}).perform(
            work(SendToUser(MSG), doubtful=True)
        )


@pytest.mark.parametrize("holds", [{}, {"contact": None}, {"conversation": None}])
async def test_without_a_bot_its_call_is_not_delivered(holds: dict[str, Any]) -> None:
    call = CallBot("message.created", 1, MSG)
    assert await performer(**holds).perform(work(call)) == NotDelivered(
        work(call).claim, 7, "no_bot"
    )


@pytest.mark.parametrize("handoff", [{"title": ""}, {"title": "help", "priority": "huge"}])
async def test_a_bot_that_hands_over_in_no_known_way_is_refused(handoff: dict[str, Any]) -> None:
    with pytest.raises(DeliveryError, match="bot_bad_answer"):
        await _answer(handoff)


class Correcting(FakeChannel):
    corrected: ClassVar[list[str]] = []

    async def correct(self, conversation: Conversation, message: Message) -> None:
        self.corrected.append(message.text)


@pytest.mark.parametrize("doubtful", [False, True])
async def test_an_edit_is_a_correction_of_what_was_sent_and_no_new_message(doubtful: bool) -> None:
    channel = Correcting()
    channel.corrected.clear()
    effect = work(SendToUser(MSG, change="edit"), doubtful=doubtful)
    result = await performer(channels={"webchat": channel}).perform(effect)
    assert isinstance(result, Delivered)
    assert (channel.corrected, channel.sent) == (["hello"], [])


async def test_a_channel_that_cannot_correct_is_sent_nothing() -> None:
    channel = FakeChannel()
    effect = work(SendToUser(MSG, change="delete"))
    result = await performer(channels={"webchat": channel}).perform(effect)
    assert result == NotDelivered(effect.claim, 7, "cannot_correct")
    assert channel.sent == []


async def test_of_what_has_failed_meanwhile_nothing_is_corrected() -> None:
    channel = Correcting()
    channel.corrected.clear()
    failed = replace(MESSAGE, standing=Standing.FAILED)
    effect = work(SendToUser(MSG, change="edit"))
    result = await performer(channels={"webchat": channel}, message=failed).perform(effect)
    assert isinstance(result, Delivered)
    assert channel.corrected == []


async def test_a_bot_may_hand_over_at_once() -> None:
    result = await _answer({"title": "help"})
    assert isinstance(result, BotAnswered)
    assert result.handoff is not None
    assert result.handoff.title == "help"


async def _answer(handoff: dict[str, Any]) -> Any:
    class Handing(FakeBot):
        async def call(self, call: Any) -> BotReply:
            return BotReply(handoff=handoff)

    bots: Any = {"robo": Handing()}
    return await performer(bots=bots).perform(work(CallBot("message.created", 1, MSG)))
