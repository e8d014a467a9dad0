"""What leaves the house: a table of ways to write a note, mistype a word, give something away, or
write too late or in somebody else's handoff, none of which reaches the customer; and of ways to
answer, each of which does. One process and one handoff serve the whole table.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from sandbox.slack import seed
from sandbox.slack.person import Person
from sandbox.slack.seed import ORDERS
from tests.scenarios.beginnings import with_a_human
from tests.scenarios.customer import Customer
from tests.scenarios.stage import Stage
from tests.scenarios.thread import Thread, buttons, plain

NOTES = (
    "!n check the courier",
    "!note check the courier",
    "!N check the courier",
    "!NOTE check the courier",
    "!n: check the courier",
    "!n",
    "   !n after blanks",
    "> !n in a quote",
    "`!n in code`",
    "```!n in a block of code```",
    "*!n in bold*",
    "_!note in italics_",
    "！n by a keyboard with wide letters",
    "!n\nbelow the prefix",
    ";; check the courier",
    ";;check the courier",
    "  ;; after blanks",
    "> ;; in a quote",
    "`;; in code`",
    "；；wide",
    " // check the courier",
    "> // in a quote",
    " /n check the courier",
    "🔒 check the courier",
    "🔒check the courier",
    ":lock: check the courier",
    "> 🔒 in a quote",
    "note: check the courier",
    "Note: check the courier",
    "NOTE : check the courier",
    "*note:* check the courier",
    "internal: check the courier",
    "INTERNAL: check the courier",
    "Internal note: check the courier",
    "> internal: in a quote",
    "• note: in a list",
    "“note: in quotation marks”",
    "\u200bnote: behind a character that nobody sees",
)
MENTIONS = ("@Ben what do you think?", "ask @orders-team about him", "@here he is angry")
MISTYPED = (
    "!refund now",
    "!asign @Ben",
    "!resolv",
    "!resolved",
    "!reslove silent",
    "!esolve done",
    "! resolve",
    "!!resolve",
    "!-resolve",
    "!snoze 2h",
    "!snooze sometime",
    "!priority highest",
    "!assign somebody",
    "!release please",
    "!42",
    "!Thanks for waiting",
    "!important: keep the box",
    "> !refund",
    "`!refund`",
    "*!refund* now",
    "！refund",
    " /resolve done",
    " /assign me",
)
GIVEN_AWAY = (
    "Use 4111 1111 1111 1111 until Monday",
    "card 5500-0055-5555-5559, 12/27",
    "Send it to DE89 3704 0044 0532 0130 00",
    "password: hunter22",
    "The password is Sommer2026",
    "Try sk_live_abcdefghijklmnop1234",
    "Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123",
    "AKIAIOSFODNN7EXAMPLE",
    "```-----BEGIN RSA PRIVATE KEY-----\nMIIE```",
    "It is in https://wiki.corp/returns",
    "See https://northwind.slack.com/archives/C06DESK0RD5/p1763700000000100",
    "!r my api_key = 0123456789abcdef",
)
ELSEWHERE = (
    "I know this one",
    "!r I know this one",
    "> I know this one",
    "Hello :wave:",
    "!refund in another's",
)
"""By Ben, while Ana has it; and by Ana after the end."""
ANSWERS = {
    "It leaves today": "It leaves today",
    "!r It leaves today": "It leaves today",
    "!R: It leaves today": "It leaves today",
    "!r !n is how we begin a note": "!n is how we begin a note",
    "Note that it leaves today": "Note that it leaves today",
    "Notes: none, it is new": "Notes: none, it is new",
    "Internally it is called Heron": "Internally it is called Heron",
    "The note: it is in the box": "The note: it is in the box",
    "Wow!": "Wow!",
    "Resolve it by a call": "Resolve it by a call",
    "; one is no note": "; one is no note",
    ":) hello": ":) hello",
    "5 < 6 & 7 > 6": "5 < 6 & 7 > 6",
    "Order 1009, parcel 00340434161094042557": "Order 1009, parcel 00340434161094042557",
    "Call +44 20 7946 0958": "Call +44 20 7946 0958",
    "https://shop.example/orders/1009": "<https://shop.example/orders/1009>",
    "In /orders you see it": "In /orders you see it",
    "*Bold* and _thin_": "**Bold** and *thin*",
    "> you asked\nYes": "> you asked\n\nYes",
    "First line\nsecond line": "First line\nsecond line",
    "Your password is reset": "Your password is reset",
    "📦 on its way": "📦 on its way",
}


@dataclass(slots=True)
class Desk:
    """Sam, whom Ana answers, Ben who would like to, a guest, and a handoff that is over."""

    sam: Customer
    thread: Thread
    ended: Thread
    ana: Person
    ben: Person
    guest: Person
    left: Customer

    async def stays(self, who: Person, thread: Thread, text: str, mark: str) -> str:
        """It is written and marked, and the customers have heard nothing of it."""
        heard, left = await self.sam.texts(), await self.left.texts()
        ts = await who.reply(ORDERS, thread.ts, text)
        await thread.has_mark(ts, mark)
        assert await self.sam.texts() == heard
        assert await self.left.texts() == left
        return ts

    async def is_held(self, who: Person, thread: Thread, text: str, *offered: str) -> None:
        before = len(await thread.lines())
        await self.stays(who, thread, text, "✋")
        line = (await thread.line_after(before))[0]
        assert "was not sent to" in plain(line)
        assert buttons(line) == list(offered)


@pytest.fixture(scope="module")
async def desk(on_sqlite: Stage) -> AsyncIterator[Desk]:
    left, ended, ana = await with_a_human(on_sqlite)
    await ana.reply(ORDERS, ended.ts, "!resolve")
    await ended.card_begins("Resolved")
    sam, thread, ana = await with_a_human(on_sqlite)
    await on_sqlite.oracle.post("member", {"channel": ORDERS, "user": seed.GIL, "on": True})
    ben, guest = on_sqlite.agent(seed.BEN), on_sqlite.agent(seed.GIL)
    yield Desk(sam, thread, ended, ana, ben, guest, left)
    await on_sqlite.clear()


def test_the_table_is_long_enough() -> None:
    kept_in = (NOTES, MENTIONS, MISTYPED, GIVEN_AWAY, ELSEWHERE, ELSEWHERE)
    assert sum(len(ways) for ways in kept_in) >= 60
    assert len(ANSWERS) >= 20


@pytest.mark.parametrize("text", [*NOTES, *MENTIONS])
async def test_a_note_stays_inside(desk: Desk, text: str) -> None:
    await desk.stays(desk.ana, desk.thread, text, "🔒")


@pytest.mark.parametrize("text", MISTYPED)
async def test_a_mistyped_word_is_held(desk: Desk, text: str) -> None:
    await desk.is_held(desk.ana, desk.thread, text, "send_held", "keep_as_note")


@pytest.mark.parametrize("text", GIVEN_AWAY)
async def test_what_would_be_given_away_is_held(desk: Desk, text: str) -> None:
    await desk.is_held(desk.ana, desk.thread, text, "send_held", "keep_as_note")


@pytest.mark.parametrize("text", [*ELSEWHERE, GIVEN_AWAY[0]])
async def test_words_in_somebody_elses_handoff_are_held(desk: Desk, text: str) -> None:
    offered = ("send_held", "take_over_and_send", "join_and_send", "keep_as_note")
    await desk.is_held(desk.ben, desk.thread, text, *offered)


@pytest.mark.parametrize("text", ELSEWHERE)
async def test_words_after_the_end_are_held(desk: Desk, text: str) -> None:
    await desk.is_held(desk.ana, desk.ended, text, "send_held", "keep_as_note")


@pytest.mark.parametrize("text", ["It is me, Gil", "!r It is me, Gil", "!resolve", "@Ana hello"])
async def test_words_of_a_guest_are_held(desk: Desk, text: str) -> None:
    await desk.is_held(desk.guest, desk.thread, text, "send_held", "keep_as_note")


@pytest.mark.parametrize(("text", "arrives"), ANSWERS.items())
async def test_an_answer_arrives(desk: Desk, text: str, arrives: str) -> None:
    heard = await desk.sam.texts()
    ts = await desk.ana.reply(ORDERS, desk.thread.ts, text)
    await desk.sam.has_heard(*heard, arrives)
    await desk.thread.has_mark(ts, "✅")
