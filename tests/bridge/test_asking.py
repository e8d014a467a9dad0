"""A question to colleagues elsewhere, and what comes back: notes, until the handoff ends."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bridge.commands import (
    Accepted,
    AddNote,
    AgentDeleted,
    AgentEdited,
    AgentSaid,
    Answer,
    Ask,
    Claim,
    Rejected,
    Resolve,
    ToMessage,
    ToThread,
)
from bridge.consulting import Consulting
from bridge.effects import Line, Mark
from bridge.errors import Refused, Retry, Unknown
from bridge.favours import AskElsewhere
from bridge.lanes import lane_of
from bridge.model import (
    DEFAULT_WORKSPACE,
    Agent,
    AgentId,
    Attachment,
    HandoffId,
    Message,
    MessageId,
    Micros,
    Role,
    Thread,
    Visibility,
    given,
)
from bridge.ports import Receipt
from bridge.stores import Work
from bridge.views import CustomerPost, LinePost, View
from tests.bridge.driver import ANA, CNV, GUEST
from tests.bridge.fakes import AbleDesk, Moods
from tests.bridge.house import House, house
from tests.bridge.running import in_file
from tests.bridge.test_talk import handed_over, lines, marks

EXPERT = Agent(AgentId("U5"), "Eva", member=False)
BELOW = ToThread("T1", "C5", "1.0")
WORD = "slack:T1:C1:2.1"


@dataclass
class AskingDesk(AbleDesk):
    """Knows one other place, C5."""

    asks: dict[str, str] = field(default_factory=dict)
    """By key, what was asked."""
    asking: Moods = field(default_factory=Moods)

    async def ask(self, view: View, question: Message, place: str, key: str) -> Receipt:
        if place != BELOW.channel:
            raise Refused("no_such_place")
        error = self.asking.next()
        if error is None or self.asking.lost:
            self.asks[key] = question.text
        if error is not None:
            raise error
        return Receipt((BELOW.team, place, f"{len(self.asks)}.0"))

    async def asked(self, place: str, key: str, since: Micros) -> Receipt | None:
        self.looked.append((key, since))
        return Receipt((BELOW.team, place, "1.0")) if key in self.asks else None


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[House]:
    async with house(in_file(tmp_path), AskingDesk()) as made:
        store = made.store
        made.performer.ask = Consulting(made.reads, store, made.desk, made.clock).ask
        await made.hands_over()
        yield made


async def asks(desk: House, text: str = "Did it arrive?", place: str = "C5") -> None:
    await desk.do(Ask(desk.key(), desk.clock.now, desk.thread, ANA, place, text, WORD))
    await desk.quiet()


async def writes(
    desk: House, text: str, by: Agent = EXPERT, to: ToThread = BELOW, **more: Any
) -> Answer:
    source = f"slack:T1:C5:{desk.key()}"
    answer = await desk.do(AgentSaid(source, desk.clock.now, to, by, text, source, "9", **more))
    await desk.quiet()
    return answer


def shown(desk: House) -> list[tuple[str, str, str]]:
    """The notes that the thread shows: whose, what, and who is called."""
    posts = [post for _, post in desk.desk.posted if isinstance(post, CustomerPost)]
    return [(post.message.author.name, post.text, post.mention) for post in posts]


def told(desk: House) -> list[tuple[Line, str]]:
    posts = [post for _, post in desk.desk.posted if isinstance(post, LinePost)]
    return [(post.line, post.detail) for post in posts if post.line is not Line.ASSIGNED]


async def test_what_is_answered_elsewhere_is_a_note_that_calls_who_asked(desk: House) -> None:
    await asks(desk)
    assert list(desk.desk.asks.values()) == ["Did it arrive?"]
    assert told(desk) == [(Line.ASKED, "C5")]
    photo = (Attachment("box.png", "image/png", 3, "slack:F1"),)
    assert isinstance(await writes(desk, "Yes, see:", attachments=photo), Accepted)
    await writes(desk, "!n thanks", ANA)
    assert shown(desk) == [("Eva", "Yes, see:\n📎 box.png", "U1"), ("Ana", "thanks", "")]
    kept = await desk.reads.history(CNV, 1 << 60, 10)
    assert {m.visibility for m in kept if m.author.role is Role.AGENT} == {Visibility.INTERNAL}
    assert not [text for _, text in desk.channel.sent if "Yes" in text or "thanks" in text]
    assert [mark for _, mark in desk.desk.marked] == [Mark.NOTE] * 3
    conversation = given(await desk.reads.conversation(CNV))
    assert conversation.agent_at < desk.clock.now + 1  # a word elsewhere is none in the thread


async def test_an_answer_that_is_edited_is_shown_anew_and_one_that_is_deleted_stays(
    desk: House,
) -> None:
    await asks(desk)
    answer = await writes(desk, "Yes")
    assert isinstance(answer, Accepted)
    source = given(given(await desk.reads.message(answer.data["id"])).source)
    to = ToMessage(source=source)
    await desk.do(AgentEdited(desk.key(), desk.clock.now, to, EXPERT, "No, sorry", "91"))
    await desk.do(AgentDeleted(desk.key(), desk.clock.now, to))
    await desk.quiet()
    assert [text for _, text, _ in shown(desk)] == ["Yes", "No, sorry"]
    assert given(await desk.reads.by_message(source)).text == "No, sorry"


async def test_where_answers_may_come_is_known_until_the_end(desk: House) -> None:
    """An answer whose event was lost is looked for there."""
    await desk.do(AddNote(desk.key(), desk.clock.now, desk.thread, ANA, "a note is no question"))
    await asks(desk)
    handoff = given(await desk.reads.view_of(CNV)).handoff.id
    below = Thread(handoff, 1, BELOW.team, BELOW.channel, BELOW.ts)
    assert await desk.reads.questions(DEFAULT_WORKSPACE) == [below]
    await desk.do(Resolve(desk.key(), desk.clock.now, desk.thread, ANA))
    assert await desk.reads.questions(DEFAULT_WORKSPACE) == []


async def test_after_the_end_nothing_is_passed_on_and_its_author_is_told(desk: House) -> None:
    await asks(desk)
    await desk.do(Resolve(desk.key(), desk.clock.now, desk.thread, ANA))
    assert await writes(desk, "Yes") == Rejected("question_over")
    assert shown(desk) == []


async def test_words_below_anything_else_are_no_answer(desk: House) -> None:
    await asks(desk)
    answer = await writes(desk, "lunch?", to=ToThread("T1", "C5", "7.0"))
    assert answer == Accepted({"waiting": True})
    assert shown(desk) == []


async def test_what_cannot_be_put_there_is_told_with_the_reason(desk: House) -> None:
    await asks(desk, place="C6")
    assert told(desk) == [(Line.NOT_ASKED, "no_such_place\nC6")]
    assert [mark for _, mark in desk.desk.marked] == [Mark.NOTE, Mark.FAILED]


async def test_a_question_whose_answer_was_lost_is_looked_for_and_put_once(desk: House) -> None:
    desk.desk.asking.say(Unknown("no_answer"), lost=True)
    await asks(desk)
    await desk.later(20)
    await desk.later(20)
    assert len(desk.desk.asks) == 1
    assert told(desk) == [(Line.ASKED, "C5")]
    assert desk.desk.looked


async def test_one_that_did_not_arrive_is_put_again_when_it_surely_will_not(desk: House) -> None:
    desk.desk.asking.say(Unknown("no_answer"))
    await asks(desk)
    await desk.later(20)
    await desk.later(20)
    assert told(desk) == [(Line.ASKED, "C5")]
    assert desk.desk.looked


async def test_a_desk_that_can_ask_nobody_says_so(tmp_path: Path) -> None:
    async with house(in_file(tmp_path)) as made:
        await made.hands_over()
        await asks(made)
        made.performer.ask = Consulting(made.reads, made.store, made.desk, made.clock).ask
        await asks(made)
        assert told(made) == [(Line.NOT_ASKED, "no_desk\nC5")] * 2


async def test_nothing_is_put_while_it_may_be_there_or_another_is_at_it(desk: House) -> None:
    await asks(desk)
    [question] = desk.desk.asks
    desk.desk.asks.clear()
    view = given(await desk.reads.by_thread("T1", "C1", "1.0"))
    effect = AskElsewhere(view.handoff.id, MessageId(question), "C5")
    work = Work(Claim(999, "desk:ask:cnv", "nobody"), CNV, effect, 0, doubtful=True)
    ask = Consulting(desk.reads, desk.store, desk.desk, desk.clock).ask
    with pytest.raises(Unknown):
        await ask(work, effect)
    with pytest.raises(Retry, match="lane_lost"):
        await ask(replace(work, waited=True), effect)
    with pytest.raises(Refused, match="no_handoff"):
        await ask(work, replace(effect, handoff_id=HandoffId("hnd_none")))
    assert desk.desk.asks == {}


def test_only_members_ask_and_only_with_words() -> None:
    world = handed_over()
    ask = Ask(world.key(), world.tick(), world.thread, GUEST, "C5", "Did it arrive?", WORD)
    assert world.do(ask) == Rejected("not_a_member", {"rejected": "not_a_member"})
    empty = Ask(world.key(), world.tick(), world.thread, ANA, "C5", " ", WORD)
    assert world.do(empty) == Rejected("no_words", {"rejected": "no_words"})
    assert world.effects(AskElsewhere) == []
    assert marks(world) == [Mark.FAILED, Mark.FAILED]
    assert [line for line, _ in lines(world)] == [Line.REFUSED, Line.REFUSED]


def test_it_holds_up_no_words_of_the_customer() -> None:
    world = handed_over()
    world.do(Ask(world.key(), world.tick(), world.thread, ANA, "C5", "Did it arrive?"))
    [effect] = world.effects(AskElsewhere)
    assert lane_of(effect, CNV) == f"desk:ask:{CNV}"
