"""What comes in by e-mail: the user's words, or a remark for agents, and never a 5xx."""

from __future__ import annotations

import base64
import itertools
import json
from collections.abc import AsyncIterator, Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.email import door
from adapters.email.tokens import Tokens
from bridge.commands import Block, Resolve, ToConversation
from bridge.errors import Refused
from bridge.model import ConversationId, Message, Mode, Role, Status, Visibility
from bridge.stores import LATEST
from tests.adapters.email.server import BEARER, OURS, SAMS, SECRET, Post, post
from tests.adapters.email.test_story import asks
from tests.bridge.driver import ANA, CNV
from tests.bridge.running import in_file

TOKEN = Tokens([b"k" * 32]).of(CNV)
TO = f"reply+{TOKEN}@in.shop.example"
NUMBERS = itertools.count(1)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Post]:
    async with post(in_file(tmp_path)) as made:
        await asks(made)
        yield made


def written(text: str = "Thank you", **headers: str) -> EmailMessage:
    mail = EmailMessage()
    named = {"From": SAMS, "To": TO, "Message_ID": f"<{next(NUMBERS)}@home.example>", **headers}
    for name, value in named.items():
        if value:
            mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


async def heard(it: Post) -> list[Message]:
    """What the user said after the first words, in the chat or by e-mail."""
    found = await it.house.reads.history(CNV, LATEST, 100)
    return [message for message in found if message.author.role is Role.USER][1:]


async def remarks(it: Post) -> list[str]:
    found = await it.house.reads.history(CNV, LATEST, 100)
    return [m.text for m in found if m.visibility is Visibility.INTERNAL]


# --- who hands in, and how -----------------------------------------------------------------------


WRONG = ("", "Bearer", "Bearer wrong", f"Token {SECRET}x", "Basic %%%", "Basic \xff", "Basic dTpw")


async def test_mailgun_posts_whole_e_mails_only_where_the_address_says_so(it: Post) -> None:
    content = urlencode({"body-mime": bytes(written()).decode(), "recipient": TO}).encode()
    headers = {**BEARER, "Content-Type": FORM}
    answer = await it.door.post("/email/inbound/mime", content=content, headers=headers)
    assert answer.json()["status"] == "taken"


async def test_who_has_not_the_secret_is_turned_away(it: Post) -> None:
    for header in WRONG:
        headers = {b"Authorization": header.encode("latin-1")} if header else {}
        answer = await it.door.post("/email/inbound", content=bytes(written()), headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
    assert await heard(it) == []


BASIC = "Basic " + base64.b64encode(f"mail:{SECRET}".encode()).decode()
FORM, PARTS = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


def wrapped() -> Iterator[tuple[str, bytes]]:
    """The same kind of e-mail, each one another."""
    mails = (bytes(written()).decode() for _ in itertools.count())
    part = 'Content-Disposition: form-data; name="email"'
    yield "message/rfc822", next(mails).encode()
    yield FORM, urlencode({"email": next(mails)}).encode()
    yield PARTS, f"--b\r\n{part}\r\n\r\n{next(mails)}\r\n--b--\r\n".encode()
    yield PARTS, f'--b\r\n{part}; filename="a.eml"\r\n\r\n{next(mails)}\r\n--b--\r\n'.encode()
    yield "application/json", json.dumps({"RawEmail": next(mails)}).encode()
    unnamed = bytes(written(To="")).decode()
    yield FORM, urlencode({"body-mime": unnamed, "recipient": TO.upper()}).encode()


async def test_it_is_taken_in_every_wrapping(it: Post) -> None:
    for kind, content in wrapped():
        answer = await it.comes(content, headers={"Authorization": BASIC, "Content-Type": kind})
        assert (answer.status_code, answer.json()["status"]) == (200, "taken"), kind
    assert [message.text for message in await heard(it)] == ["Thank you"] * 6


NO_MAIL = [
    ("message/rfc822", b""),
    ("message/rfc822", b"no e-mail"),
    ("message/rfc822", b"From: nobody\n\nhello"),
    ("application/json", b"{}"),
    ("application/json", b'{"raw": 1}'),
    ("application/json", b"{"),
    (PARTS, b"--x"),
    ("multipart/form-data", b""),
    (FORM, b"email="),
]


def endless() -> Iterator[bytes]:
    """Mail that would take minutes, and gigabytes."""
    head = f"From: {SAMS}\nTo: {TO}\n".encode()
    parts = b"Content-Type: multipart/mixed; boundary=b\n\n"
    yield head + parts + b"--b\n\n" * 10_001
    yield head + parts + b"--b\n" + b"X: y\n" * 100_001
    yield head + b"X: y\n" * 60_000 + b"\nhello"
    yield head + b"Content-Type: multipart/mixed\n" * 101 + b"\nhello"


async def test_what_nobody_writes_is_refused_before_it_is_read(it: Post) -> None:
    for content in endless():
        assert (await it.comes(content)).status_code == 422


async def test_a_header_that_never_ends_is_read_as_far_as_anybody_writes_one(it: Post) -> None:
    """The library needs the square of its length for the parameters of one."""
    mail = bytes(written()).replace(b'charset="utf-8"', b'charset="utf-8"; x="' + b";" * 200_000)
    assert b";;" in mail
    assert (await it.comes(mail)).json()["status"] == "taken"
    assert [message.text for message in await heard(it)] == ["Thank you"]


async def test_what_is_no_e_mail_is_refused_in_words(it: Post) -> None:
    for kind, content in NO_MAIL:
        answer = await it.comes(content, headers={**BEARER, "Content-Type": kind})
        assert answer.status_code in (400, 422), (kind, content)
        assert answer.json()["error"]["message"]


# --- whose words it is ---------------------------------------------------------------------------


async def test_a_token_that_is_not_ours_belongs_to_nobody(it: Post) -> None:
    other = Tokens([b"x" * 32]).of(CNV)
    unknown = Tokens([b"k" * 32]).of(ConversationId("cnv_" + "0" * 24))
    changed = TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1")
    for token in (other, unknown, changed, TOKEN[:-1], TOKEN + "0", ""):
        answer = await it.comes(written(To=f"reply+{token}@in.shop.example"))
        assert answer.json() == {"status": "ignored", "reason": "unknown_recipient"}
    assert await heard(it) == []


@pytest.mark.parametrize("second", ["\r\nFrom: eve@evil.example", ", eve@evil.example"])
async def test_who_names_two_senders_is_not_taken_for_either(it: Post, second: str) -> None:
    """The mail server may have vouched for the other one."""
    mail = bytes(written("Send it to Eve")).replace(
        f"From: {SAMS}".encode(), f"From: {SAMS}{second}".encode()
    )
    assert b"eve@" in mail
    assert (await it.comes(mail)).json()["status"] == "noted"
    assert await heard(it) == []
    assert "eve@evil.example" in (await remarks(it))[0]


async def test_without_plus_addresses_the_answered_message_id_says_whose_it_is(it: Post) -> None:
    mail = written(To="reply@in.shop.example", References=f"<a@b> <{TOKEN}.7@shop.example>")
    assert (await it.comes(mail)).json()["status"] == "taken"


async def test_who_is_blocked_is_not_heard_by_e_mail_either(it: Post) -> None:
    house = it.house
    by = ANA.as_author()
    await house.do(Block(house.key(), house.clock.now, ToConversation(CNV), by, asker=ANA))
    for _ in range(2):
        assert (await it.comes(written())).json()["status"] == "refused"
    assert {message.held_for for message in await heard(it)} == {"blocked"}
    assert await remarks(it) == []


async def test_who_else_answers_is_a_remark_and_not_the_customer(it: Post) -> None:
    mail = written("~~~ <!channel> **mine**", From="Eve <eve@else.example>")
    for _ in range(2):
        assert (await it.comes(mail)).status_code == 200
    assert await heard(it) == []
    (told,) = await remarks(it)
    assert told.startswith("✉️ `eve@else.example` answered the e-mail to s…@home.example")
    assert "~~~~\n~ ~ <!channel> **mine**\n~~~~" in told


AUTOMATIC: list[dict[str, str]] = [
    {"Auto_Submitted": "auto-replied"},
    {"Precedence": "bulk"},
    {"Return_Path": "<>"},
    {"X_Autoreply": "yes"},
    {"List_Id": "<a.b.example>"},
    {"From": "no-reply@home.example"},
]


async def test_machines_are_noted_and_never_answered(it: Post) -> None:
    for headers in AUTOMATIC:
        answer = await it.comes(written("I am on holiday", **headers))
        assert answer.json()["status"] == "noted"
    assert await heard(it) == []
    told = await remarks(it)
    assert len(told) == len(AUTOMATIC)
    assert "A machine answered the e-mail to s…@home.example" in told[0]
    assert "I am on holiday" in told[0]
    await it.house.later(3_600)
    assert it.host.taken == []


def report(action: str) -> bytes:
    return (
        f"From: Mail Delivery <MAILER-DAEMON@mx.example>\nTo: {TO}\nMessage-ID: <2@mx>\n"
        "MIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nSorry.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n"
        f"Final-Recipient: rfc822; {SAMS}\nAction: {action}\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 <sam>\n  User unknown\n--b--\n"
    ).encode()


async def test_what_came_back_is_told_with_the_reason(it: Post) -> None:
    assert (await it.comes(report("failed"))).json()["status"] == "noted"
    told = "⚠️ The e-mail to s…@home.example came back: `550 5.1.1 <sam> User unknown`"
    assert await remarks(it) == [told]


async def test_what_is_only_late_is_no_bounce(it: Post) -> None:
    await it.comes(report("delayed"))
    (told,) = await remarks(it)
    assert "machine" in told


async def test_a_bounce_without_our_address_is_found_by_what_it_returns(it: Post) -> None:
    bare = f"From: mailer-daemon@mx.example\nTo: {OURS}\n\nMessage-ID: <{TOKEN}.4@shop.example>\n"
    await it.comes(bare.encode())
    assert await remarks(it) == ["⚠️ The e-mail to s…@home.example came back."]


async def test_two_machines_that_answer_each_other_come_to_an_end(
    it: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "BURST", 3)
    statuses = [(await it.comes(written(Precedence="bulk"))).status_code for _ in range(5)]
    assert statuses == [200] * 3 + [429] * 2


# --- what is said --------------------------------------------------------------------------------


async def test_files_come_with_it_and_what_is_not_taken_is_named(it: Post) -> None:
    mail = written("See below")
    mail.add_attachment(PNG, "image", "png", filename="photo.png")
    mail.add_attachment(b"MZ\x90\x00", "application", "octet-stream", filename="setup.exe")
    mail.add_attachment(PNG, "image", "png", cid="<logo@x>", disposition="inline")
    assert (await it.comes(mail)).json()["status"] == "taken"
    (said,) = await heard(it)
    assert [file.name for file in said.attachments] == ["photo.png"]
    (told,) = await remarks(it)
    assert "Not shown here: setup.exe (of a kind that is not taken)." in told


async def test_many_files_and_many_words_are_cut_and_the_whole_is_there(
    it: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MAX_FILES", 1)
    monkeypatch.setattr(door, "MAX_WORDS", 50)
    mail = written("x" * 60)
    for n in range(3):
        mail.add_attachment(PNG, "image", "png", filename=f"{n}.png")
    await it.comes(mail)
    (said,) = await heard(it)
    assert (len(said.text), len(said.attachments)) == (51, 1)
    assert "1.png (too many), 2.png (too many)" in (await remarks(it))[0]


async def test_agents_are_told_where_the_whole_is_not_kept(
    it: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise Refused("no_room")

    monkeypatch.setattr(door.Door, "_keep", full)
    await it.comes(written("Thank you"))
    assert [message.text for message in await heard(it)] == ["Thank you"]
    assert "⚠️ The whole e-mail is not kept: there is no room." in (await remarks(it))[0]


async def test_an_e_mail_that_says_nothing_is_nothing(it: Post) -> None:
    assert (await it.comes(written(""))).json()["status"] == "empty"
    assert await heard(it) == []


async def test_after_the_end_it_is_as_when_they_write_after_the_end(it: Post) -> None:
    house = it.house
    await house.do(Resolve(house.key(), house.clock.now, house.thread, ANA))
    await house.later(3_600)
    await it.comes(written("One more thing", From=f"Sam Rivera <{SAMS.upper()}>"))
    view = await house.reads.view_of(CNV)
    assert view is not None
    assert (view.handoff.status, view.conversation.mode) == (Status.RESOLVED, Mode.BOT)
    told = [
        call.body["data"]["message"]["text"] for call in house.bot.calls if "message" in call.type
    ]
    assert told[-1] == "One more thing"
    assert view.contact.name == "Sam"


# --- whatever comes ------------------------------------------------------------------------------

HEAD = f"From: {SAMS}\r\nTo: {TO}\r\n".encode()
NASTY = st.sampled_from(
    [
        *(
            b"\x00",
            b"\xff",
            b"=?utf-8?B?!?=",
            b"=?x-none?q?=ff?=",
            b"charset=hex",
            b'charset="\x00"',
        ),
        *(
            b"--b\r\n",
            b"--b--",
            b"\r\n\r\n",
            b"\n",
            b": ",
            b"> ",
            b"##-",
            b"<div>",
            b"<!--",
            b"-- \r\n",
        ),
        *(b"Content-Type: multipart/mixed; boundary=b\r\n", b"Content-Type: text/html\r\n"),
        *(b"Content-Type: text/plain; charset=utf-7\r\n", b"Content-Type: message/rfc822\r\n"),
        *(b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: uuencode\r\n"),
        *(b"Content-Transfer-Encoding: quoted-printable\r\n", b"=ZZ", b"begin 666 x\r\n"),
        *(
            b"Content-Disposition: attachment; filename*0*=x'y'%ff; filename*9=z\r\n",
            b"filename*=%",
        ),
        *(
            b"From: =?utf-8?q?=00?= <a@b>\r\n",
            b'From: "unclosed <a@b\r\n',
            b"Auto-Submitted: x\r\n",
        ),
        *(
            b"Message-ID: \xf0\x9f\r\n",
            b"References: " + TOKEN.encode() + b"\r\n",
            b"Action: failed\r\n",
        ),
    ]
)


async def test_whatever_comes_is_answered_and_never_with_a_fault_of_ours(it: Post) -> None:
    @settings(
        max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(st.lists(NASTY | st.binary(max_size=20), max_size=30), st.booleans())
    def broken(parts: list[bytes], ours: bool) -> None:
        mails.append((HEAD if ours else b"") + b"".join(parts))

    mails: list[bytes] = []
    broken()
    for mail in mails:
        it.house.clock.move(60)
        answer = await it.door.post("/email/inbound", content=mail, headers=BEARER)
        assert answer.status_code in (200, 422), (mail, answer.text)


async def test_parts_within_parts_without_end_are_refused_at_once(it: Post) -> None:
    for levels, statuses in ((90, (200,)), (100_000, (422,))):
        parts = b"".join(
            b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
            for n in range(levels)
        )
        answer = await it.comes(HEAD + parts + b"\r\nhello")
        assert answer.status_code in statuses
