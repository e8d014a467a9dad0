"""From the chat into an e-mail and back, over a real mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from email.utils import make_msgid

import pytest

from bridge.commands import Describe, ToConversation, UserRead, UserSaid
from bridge.effects import Line
from bridge.model import Author, Message, Role, Visibility
from bridge.views import CustomerPost, LinePost
from storage.queries import LATEST
from tests.adapters.email.server import AFTER, OURS, SAMS, SITE, Post, post
from tests.bridge.driver import CNV, SAM

USER = replace(SAM, email=SAMS, page_url=f"{SITE}/cart?token=private#x", locale="en-GB")


@pytest.fixture
async def it(database_url: str) -> AsyncIterator[Post]:
    async with post(database_url) as made:
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
    quoted = "\n".join(f"> {line}" for line in mail.get_body(("plain",)).get_content().splitlines())  # type: ignore[union-attr]
    answer.set_content(f"{text}\n\nOn Mon, 23 Nov 2026 at 10:00, The Shop <{OURS}> wrote:\n{quoted}\n")
    return answer


async def test_what_was_not_read_goes_by_e_mail_once_and_the_answer_is_in_the_thread(
    it: Post,
) -> None:
    await asks(it)
    await it.house.replies("It is on its **way**.")
    await it.house.later(60)
    await it.house.replies("You have it <tomorrow>.")
    await it.house.later(AFTER - 1)
    assert it.host.taken == []
    await it.house.later(1)
    (mail,) = it.host.mails
    assert (mail["To"], mail["From"]) == (SAMS, f"The Shop <{OURS}>")
    plain = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
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
    assert "📧 All of the e-mail." not in [p.text for p in posts]
    filed = await it.house.files.find(whole.attachments[0].ref)
    assert filed is not None
    assert b"".join([piece async for piece in it.house.files.read(filed)]) == bytes(answer)
    await it.house.replies("You are welcome.")
    await it.house.later(AFTER)
    assert "You are welcome." in it.host.mails[1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert it.host.mails[1]["Message-ID"] != mail["Message-ID"]
    assert it.host.mails[1]["References"] == mail["References"]
