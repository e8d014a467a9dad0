"""Letters performed: who is there gets none, and what was read meanwhile is not in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bridge.commands import Claim, Delivered, NotDelivered, TimerFired
from bridge.effects import SendMail, SetTimer, TimerKind
from bridge.errors import Refused, Retry
from bridge.letters import Letter
from bridge.mailman import Mailman
from bridge.model import SECOND, Author, Contact, Conversation, Message, MessageId, Role, Standing
from bridge.stores import Work
from tests.bridge.driver import CNV, SAM
from tests.bridge.fakes import FakeChannel

HOME = "sam@home.example"
TIMER = SetTimer(TimerKind.MAIL, 1, 1, "4")
LETTER = SendMail(2, 4)
WORK = Work(Claim(1, f"mail:{CNV}", "w.1"), CNV, LETTER, 0)
CONVERSATION = Conversation(CNV, SAM.workspace_id, SAM.contact_id, "webchat", "sam", created_at=1)
CONTACT = Contact(SAM.contact_id, SAM.workspace_id, "webchat", "sam", email=HOME)


def said(seq: int) -> Message:
    author = Author(Role.AGENT, "U1", "Ana")
    return Message(MessageId(f"m{seq}"), CNV, SAM.workspace_id, seq, seq, author, f"{seq}")


@dataclass
class Store:
    conversation_: Conversation | None = CONVERSATION
    contact_: Contact | None = CONTACT
    said: dict[int, Message] = field(default_factory=dict)

    async def conversation(self, _id: str) -> Conversation | None:
        return self.conversation_

    async def contact(self, _id: str) -> Contact | None:
        return self.contact_

    async def between(self, _id: str, after: int, to: int) -> list[Message]:
        return [self.said.get(seq) or said(seq) for seq in range(after + 1, to + 1)]


@dataclass
class Chat(FakeChannel):
    there: bool = True

    async def is_there(self, conversation: str) -> bool:
        return self.there


@dataclass
class Stub:
    name: str = "email"
    went: list[Letter] = field(default_factory=list)
    error: Refused | None = None

    def routes(self, receive: object) -> list[Any]:
        return []

    async def mail(self, letter: Letter) -> None:
        if self.error:
            raise self.error
        self.went.append(letter)


def mailman(store: Store, chat: FakeChannel, mailer: Stub | None = None, **more: int) -> Mailman:
    reads: Any = store
    now = more.pop("now", 1_000 * SECOND)
    return Mailman(reads, {"webchat": chat}, lambda: now, mailer, 120 * SECOND, **more)


async def test_who_is_there_is_looked_for_again_and_who_left_is_written_to() -> None:
    with pytest.raises(Retry) as caught:
        await mailman(Store(), Chat()).look(WORK, TIMER)
    assert (caught.value.after, caught.value.counts) == (30.0, False)
    fired = await mailman(Store(), Chat(there=False)).look(WORK, TIMER)
    assert fired == TimerFired(WORK.claim, 1_000 * SECOND)
    assert isinstance(await mailman(Store(), FakeChannel()).look(WORK, TIMER), TimerFired)


async def test_a_process_that_has_just_started_takes_everybody_to_be_there() -> None:
    with pytest.raises(Retry):
        await mailman(Store(), Chat(there=False), since=900 * SECOND).look(WORK, TIMER)


async def test_who_has_read_or_is_gone_for_good_is_not_looked_for() -> None:
    read = Store(replace(CONVERSATION, read_seq=4))
    assert isinstance(await mailman(read, Chat()).look(WORK, TIMER), TimerFired)
    assert isinstance(await mailman(Store(None), Chat()).look(WORK, TIMER), TimerFired)


async def test_the_letter_has_what_is_unread_when_it_goes() -> None:
    stub = Stub()
    store = Store(replace(CONVERSATION, read_seq=3))
    result = await mailman(store, Chat(), stub).send(WORK, LETTER)
    assert isinstance(result, Delivered)
    assert result.place == ("email", HOME, "4")
    assert [m.seq for m in stub.went[0].messages] == [4]


async def test_a_letter_waits_for_what_may_yet_be_taken_back() -> None:
    """A reply in its undo window, or one whose files are to come, is not the user's yet."""
    stub, store = Stub(), Store()
    store.said = {4: replace(said(4), standing=Standing.PENDING, rev=0)}
    with pytest.raises(Retry) as caught:
        await mailman(store, Chat(), stub).send(WORK, LETTER)
    assert (stub.went, caught.value.counts) == ([], False)
    store.said = {}
    await mailman(store, Chat(), stub).send(WORK, LETTER)
    assert [m.seq for m in stub.went[0].messages] == [3, 4]


@pytest.mark.parametrize(
    "store",
    [
        Store(None),
        Store(contact_=None),
        Store(contact_=replace(CONTACT, email="")),
        Store(replace(CONVERSATION, read_seq=4)),
    ],
)
async def test_where_nothing_is_left_to_write_nothing_goes(store: Store) -> None:
    stub = Stub()
    result = await mailman(store, Chat(), stub).send(WORK, LETTER)
    assert isinstance(result, Delivered)
    assert (result.place, stub.went) == (None, [])


async def test_without_a_mailer_it_is_told_and_a_refusal_is_the_outboxs_business() -> None:
    result = await mailman(Store(), Chat()).send(WORK, LETTER)
    assert isinstance(result, NotDelivered)
    assert result.reason == "mail_off"
    with pytest.raises(Refused):
        await mailman(Store(), Chat(), Stub(error=Refused("x"))).send(WORK, LETTER)
