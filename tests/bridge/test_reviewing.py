"""Approvals before those who decide, performed: once, where they belong, as they are by then."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bridge import perform
from bridge.commands import Claim, Delivered, NotDelivered
from bridge.errors import Refused, Retry, Unknown
from bridge.favours import AskApproval, CallReviewers, RefreshApproval
from bridge.gates import Approval, Stand
from bridge.lists import Lists
from bridge.model import Contact, HandoffId, Message, Micros, Thread
from bridge.ports import Receipt
from bridge.reviewing import Reviewing, Shown
from bridge.stores import Lanes, Reads, Work
from tests.bridge.driver import CNV, SAM, START, World
from tests.bridge.test_gates import approval

PLACE = ("T1", "C1", "5.0")
HND = HandoffId("hnd_1")
HERE = Thread(HND, 1, "T1", "C1", "1.0")


@dataclass
class Books:
    """What there is to read, and lanes that are ours."""

    approval_: Approval | None = field(default_factory=approval)
    contact_: Contact | None = field(default_factory=lambda: World().contact)
    thread_: Thread | None = None
    ours: bool = True
    wanted: list[int] = field(default_factory=list)

    async def approval(self, id: str) -> Approval | None:
        return self.approval_

    async def contact(self, conversation: str) -> Contact | None:
        return self.contact_

    async def thread(self, handoff: HandoffId) -> Thread | None:
        return self.thread_

    async def before(self, conversation: str, seq: int, limit: int) -> list[Message]:
        self.wanted.append(limit)
        return [cast(Message, "said")][:limit]

    async def begin(self, work: Work) -> Work | None:
        return work if self.ours else None


@dataclass
class Reviewers:
    """A desk that writes down what it is to show."""

    asked: list[tuple[Shown, str]] = field(default_factory=list)
    called: list[tuple[tuple[str, ...], str]] = field(default_factory=list)
    drawn: list[Shown] = field(default_factory=list)
    there: Receipt | None = None

    @property
    def reviewer(self) -> Reviewers:
        return self

    async def ask_approval(self, shown: Shown, key: str) -> Receipt:
        self.asked.append((shown, key))
        return Receipt(PLACE)

    async def asked_approval(self, shown: Shown, key: str, since: Micros) -> Receipt | None:
        return self.there

    async def call_reviewers(self, shown: Shown, whom: tuple[str, ...], key: str) -> Receipt:
        self.called.append((whom, key))
        return Receipt(PLACE)

    async def redraw_approval(self, shown: Shown) -> None:
        self.drawn.append(shown)


def made(books: Books, desk: object, said: int = 4) -> Reviewing:
    reads, lists, lanes = cast(Reads, books), cast(Lists, books), cast(Lanes, books)
    return Reviewing(reads, lists, lanes, desk, lambda: START, said)


def work(effect: Any, **fields: Any) -> Work:
    return replace(
        Work(Claim(1, f"desk:approval:apr_1:{CNV}", "w.1"), CNV, effect, START), **fields
    )


ASK, REFRESH = AskApproval("apr_1"), RefreshApproval("apr_1")


async def test_where_nobody_decides_about_drafts_it_is_told_so() -> None:
    told = await perform.unreviewed(work(ASK), ASK)
    assert told == NotDelivered(work(ASK).claim, START, "no_desk")


async def test_a_draft_is_shown_with_what_was_said_last() -> None:
    desk = Reviewers()
    done = await made(Books(), desk).show(work(ASK), ASK)
    assert isinstance(done, Delivered)
    assert (done.place, done.shown) == (PLACE, 1)
    ((shown, key),) = desk.asked
    assert (list(map(str, shown.said)), key) == (["said"], "apr_1")
    assert shown.contact
    assert shown.contact.id == SAM.contact_id


@pytest.mark.parametrize("said", [0, 1, 10])
async def test_so_much_of_what_was_said_is_shown_as_the_settings_say(said: int) -> None:
    desk, books = Reviewers(), Books()
    await made(books, desk, said).show(work(ASK), ASK)
    ((shown, _),) = desk.asked
    assert (books.wanted, bool(shown.said)) == ([said] if said else [], bool(said))
    assert shown.contact


async def test_in_a_thread_and_about_no_conversation_it_is_shown_alone() -> None:
    desk, in_thread = Reviewers(), Books(approval(handoff_id=HND), thread_=HERE)
    await made(in_thread, desk).show(work(ASK), ASK)
    await made(Books(approval(epoch=0)), desk).show(work(ASK), ASK)
    first, second = (shown for shown, _ in desk.asked)
    assert (first.thread, first.said) == (HERE, ())
    assert (second.contact, second.said) == (None, ())
    with pytest.raises(Retry):  # it is being opened
        await made(Books(approval(handoff_id=HND)), desk).show(work(ASK), ASK)


async def test_one_of_which_nobody_knows_is_looked_for_before_it_is_shown_again() -> None:
    desk = Reviewers(there=Receipt(("T1", "C1", "4.0")))
    done = await made(Books(), desk).show(work(ASK, doubtful=True), ASK)
    assert isinstance(done, Delivered)
    assert (done.place, desk.asked) == (("T1", "C1", "4.0"), [])
    desk.there = None
    with pytest.raises(Unknown):
        await made(Books(), desk).show(work(ASK, doubtful=True), ASK)
    await made(Books(), desk).show(work(ASK, doubtful=True, waited=True), ASK)
    assert len(desk.asked) == 1
    with pytest.raises(Retry):
        await made(Books(ours=False), desk).show(work(ASK, doubtful=True, waited=True), ASK)


async def test_reviewers_are_called_once_to_what_waits_still() -> None:
    desk, again = Reviewers(), CallReviewers("apr_1", ("U1",))
    others = replace(again, again=True)
    waiting = Books(approval(place=PLACE))
    await made(waiting, desk).show(work(again), again)
    await made(waiting, desk).show(work(others), others)
    assert desk.called == [(("U1",), "apr_1/again"), (("U1",), "apr_1/others")]
    for quiet in (approval(), approval(place=PLACE, status=Stand.APPROVED)):
        await made(Books(quiet), desk).show(work(again), again)
    desk.there = Receipt(PLACE)
    await made(waiting, desk).show(work(again, doubtful=True), again)
    assert len(desk.called) == 2


async def test_a_card_is_drawn_again_where_it_stands() -> None:
    desk = Reviewers()
    await made(Books(), desk).show(work(REFRESH), REFRESH)
    assert desk.drawn == []
    await made(Books(approval(place=PLACE)), desk).show(work(REFRESH), REFRESH)
    assert len(desk.drawn) == 1


async def test_without_a_desk_for_it_or_without_it_nothing_is_shown() -> None:
    for books, desk in ((Books(), object()), (Books(None), Reviewers())):
        with pytest.raises(Refused):
            await made(books, desk).show(work(ASK), ASK)
