"""From the chat into an e-mail and back, over a real mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from copy import deepcopy
from dataclasses import replace
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path

import pytest

from bridge.commands import Describe, ToConversation, UserRead, UserSaid
from bridge.effects import Line
from bridge.errors import Refused
from bridge.model import Author, Message, Role, Visibility
from bridge.stores import LATEST
from bridge.telling import Notifies
from bridge.views import CustomerPost, LinePost
from tests.adapters.email.server import AFTER, OURS, SAMS, SITE, Post, post
from tests.bridge.driver import CNV, SAM
from tests.bridge.running import in_file

USER = replace(SAM, email=SAMS, page_url=f"{SITE}/cart?token=private#x", locale="en-GB")


@pytest.fixture
async def everywhere(database_url: str) -> AsyncIterator[Post]:
    async with post(database_url) as made:
        yield made


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Post]:
    async with post(in_file(tmp_path)) as made:
        yield made


async def asks(it: Post) -> None:
    """Sam asks in the chat, leaves, and Ana has it."""
    house = it.house
    await house.do(UserSaid(house.key(), house.clock.now, USER, "Where is my parcel?"))
    await house.hands_over()


async def said(it: Post) -> list[Message]:
    return await it.house.reads.history(CNV, LATEST, 100)


def lines(it: Post) -> list[tuple[Line, str, str]]:
    posts = [each for _, each in it.house.desk.posted if isinstance(each, LinePost)]
    wanted = (Line.MAILED, Line.NOT_MAILED)
    return [(each.line, each.name, each.detail) for each in posts if each.line in wanted]


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def answer_to(mail: EmailMessage, text: str, **headers: str) -> EmailMessage:
    answer = EmailMessage()
    given = {
        "From": f"Sam Rivera <{SAMS}>",
        "To": mail["Reply-To"],
        "Subject": f"Re: {mail['Subject']}",
        "In-Reply-To": mail["Message-ID"],
        "Message-ID": make_msgid(domain="home.example"),
    }
    for name, value in {**given, **headers}.items():
        answer[name.replace("_", "-")] = value
    quoted = "\n".join(f"> {line}" for line in text_of(mail).splitlines())
    answer.set_content(
        f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, The Shop <{OURS}> wrote:\n{quoted}\n"
    )
    return answer


async def test_what_was_not_read_goes_by_e_mail_once_and_the_answer_is_in_the_thread(
    everywhere: Post,
) -> None:
    it = everywhere
    await asks(it)
    await it.house.replies("It is on its **way**.")
    await it.house.later(60)
    await it.house.replies("You have it <tomorrow>.")
    await it.house.later(AFTER - 1)
    assert it.host.taken == []
    await it.house.later(1)
    (mail,) = it.host.mails
    assert (mail["To"], mail["From"]) == (SAMS, f"The Shop <{OURS}>")
    plain = text_of(mail)
    html = text_of(mail, "html")
    assert plain.index("Ana:\nIt is on its **way**.") < plain.index("You have it <tomorrow>.")
    assert "<strong>way</strong>" in html
    assert "You have it &lt;tomorrow&gt;." in html
    assert f"{SITE}/cart\n" in plain
    assert "private" not in plain + html
    assert it.host.taken[0].mail_from == mail["Reply-To"]
    assert lines(it) == [(Line.MAILED, "s…@home.example", "")]
    await it.house.later(10 * AFTER)
    assert len(it.host.taken) == 1

    answer = answer_to(mail, "Thank you!\nSam")
    for _ in range(2):
        taken = await it.comes(answer)
        assert taken.status_code == 200
        assert taken.json()["conversation_id"] == CNV
    thanks = [m for m in await said(it) if m.author.role is Role.USER][-1]
    assert (thanks.text, thanks.visibility) == ("Thank you!\nSam", Visibility.PUBLIC)
    posts = [p for _, p in it.house.desk.posted if isinstance(p, CustomerPost)]
    assert [p.text for p in posts].count("Thank you!\nSam") == 1
    whole = (await said(it))[-1]
    assert (whole.visibility, whole.attachments[0].name) == (Visibility.INTERNAL, "e-mail.eml")
    assert "✉️ All of the e-mail." not in [p.text for p in posts]
    filed = await it.house.files.find(whole.attachments[0].ref)
    assert filed is not None
    assert b"".join([piece async for piece in it.house.files.read(filed)]) == bytes(answer)
    await it.house.replies("You are welcome.")
    await it.house.later(AFTER)
    assert "You are welcome." in text_of(it.host.mails[1])
    assert it.host.mails[1]["Message-ID"] != mail["Message-ID"]
    assert it.host.mails[1]["References"] == mail["References"]


async def test_who_is_there_or_reads_in_time_gets_no_e_mail(it: Post) -> None:
    await asks(it)
    it.chat.there = True
    await it.house.replies("one")
    await it.house.later(AFTER)
    await it.house.later(10 * AFTER)
    it.chat.there = False
    here = await it.house.reads.conversation(CNV)
    assert here is not None
    await it.house.do(UserRead(it.house.key(), it.house.clock.now, ToConversation(CNV), here.seq))
    await it.house.later(AFTER)
    assert it.host.taken == []
    await it.house.replies("two")
    await it.house.later(AFTER)
    assert "two" in it.host.mails[0].as_string()
    assert "one" not in text_of(it.host.mails[0])


REFUSALS = [
    ({"RCPT": ["550 5.1.1 No such user"]}, "smtp_550_5.1.1"),
    ({"DATA": ["554 Looks like spam"]}, "smtp_554"),
]


@pytest.mark.parametrize(("says", "reason"), REFUSALS)
async def test_what_the_server_refuses_is_told_in_the_thread_and_not_tried_again(
    it: Post, says: dict[str, list[str]], reason: str
) -> None:
    await asks(it)
    it.host.says = deepcopy(says)
    await it.house.replies("one")
    await it.house.later(AFTER)
    await it.house.later(3_600)
    assert it.host.taken == []
    assert lines(it) == [(Line.NOT_MAILED, "s…@home.example", reason)]


TROUBLES = [
    {"RCPT": ["450 4.2.0 Greylisted, come again"]},
    {"MAIL": ["DROP"]},
    {"DATA": ["451 Later"]},
    {"MAIL": ["530 5.7.0 Not from you"]},
]


@pytest.mark.parametrize("says", TROUBLES)
async def test_what_did_not_go_is_sent_again_until_it_goes(
    it: Post, says: dict[str, list[str]]
) -> None:
    await asks(it)
    it.host.says = deepcopy(says)
    await it.house.replies("one")
    await it.house.later(AFTER)
    assert ("smtp_530_5.7.0" in await it.mailer.fault()) == ("530" in str(says))
    await it.house.later(61)
    assert len(it.host.taken) == 1
    assert await it.mailer.fault() == ""
    assert lines(it) == [(Line.MAILED, "s…@home.example", "")]


async def test_a_lost_answer_is_the_same_e_mail_once_more(it: Post) -> None:
    await asks(it)
    it.host.says = {"DATA": ["DROP"]}
    await it.house.replies("one")
    await it.house.later(AFTER)
    await it.house.later(16)
    first, second = it.host.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert lines(it) == [(Line.MAILED, "s…@home.example", "")]


async def test_an_address_to_which_nothing_can_be_sent_is_told(it: Post) -> None:
    await asks(it)
    by, house = Author(Role.SYSTEM, "crm"), it.house
    for address in ("sam@", "sam, ben@x.example", "sam@x..y", "\u00e9t\u00e9@x.example"):
        to = ToConversation(CNV)
        await house.do(Describe(house.key(), house.clock.now, to, by, {"email": address}))
        await house.replies("one")
        await house.later(AFTER)
    assert [reason for _, _, reason in lines(it)] == ["bad_address"] * 4
    assert it.host.taken == []


async def test_the_team_is_told_by_e_mail_and_the_same_key_is_the_same_e_mail(it: Post) -> None:
    assert isinstance(it.mailer, Notifies)
    for key in ("alert:1", "alert:1", "alert:2"):
        text = "1 goal at risk\n\n- #42 · größer\n"
        await it.mailer.notify("lead@shop.example", "1 goal\nat risk", text, key)
    first, second, third = it.host.mails
    assert (first["To"], first["Subject"]) == ("lead@shop.example", "1 goal at risk")
    assert first["From"] == f"The Shop <{OURS}>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert text_of(first) == "1 goal at risk\n\n- #42 · größer\n"
    assert first["Message-ID"] == second["Message-ID"] != third["Message-ID"]
    assert it.host.taken[0].mail_from == OURS
    it.host.says = {"RCPT": ["550 5.1.1 No such user"]}
    with pytest.raises(Refused, match=r"smtp_550_5\.1\.1"):
        await it.mailer.notify("lead@shop.example", "x", "y", "alert:3")
