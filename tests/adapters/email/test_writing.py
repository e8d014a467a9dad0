"""What a letter looks like, and to whom it can go."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest

from adapters.email.tokens import Tokens
from adapters.email.writing import Writer, deliverable
from bridge.errors import Refused
from bridge.letters import Letter
from bridge.model import Attachment, Author, Role
from tests.adapters.email.server import OURS, SITE, configured
from tests.bridge.driver import CNV
from tests.bridge.test_mailman import CONTACT, CONVERSATION, said

FILE = Attachment("bill\r\n.pdf", "application/pdf", 9, "fil_1")
GONE = Attachment("old.pdf", "application/pdf", 0, "gone:")


def written(letter: Letter, **config: Any) -> EmailMessage:
    return message_from_bytes(raw(letter, **config).replace(b"\r\n", b"\n"), policy=default)


def raw(letter: Letter, **config: Any) -> bytes:
    made = configured(1, **config)
    return Writer(made, Tokens(made.keys)).write(letter, 1_700_000_000_000_000)


def letter(text: str = "Hello", page: str = "", locale: str = "", **more: Any) -> Letter:
    conversation = replace(CONVERSATION, page_url=page, locale=locale)
    return Letter(conversation, CONTACT, (replace(said(4), text=text, **more),), 4)


def bodies(mail: EmailMessage) -> tuple[str, str]:
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    return plain.get_content(), html.get_content()


def test_it_is_plain_words_and_html_in_seven_bits_and_no_machine_answers_it() -> None:
    mail = written(
        letter("Bon **jour** ☕ <script>alert(1)</script> ![x](https://t.example/p.png)")
    )
    assert bytes(mail).isascii()
    plain, html = bodies(mail)
    assert "Bon **jour** ☕ <script>" in plain
    assert "<strong>jour</strong> ☕ &lt;script&gt;" in html
    assert "<img" not in html
    assert "<script" not in html
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Auto-Response-Suppress"] == "All"
    assert mail["Precedence"] == "bulk"


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("de-AT", "Ihr Gespräch mit The Shop"),
        ("fr", "Votre conversation avec The Shop"),
        ("es", "Su conversación con The Shop"),
        ("ja", "Your conversation with The Shop"),
    ],
)
def test_it_speaks_the_users_language(locale: str, words: str) -> None:
    mail = written(letter(locale=locale))
    assert mail["Subject"] == words


@pytest.mark.parametrize(
    ("page", "link"),
    [
        (f"{SITE}/cart?order=7#secret", f"{SITE}/cart"),
        ("https://SHOP.example:443/cart", "https://SHOP.example:443/cart"),
        ("https://evil.example/cart", ""),
        ("javascript:alert(1)", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_it_links_to_the_page_and_only_to_our_own_sites(page: str, link: str) -> None:
    plain, html = bodies(written(letter(page=page)))
    assert (f"Continue in the chat: {link}\n" in plain) == bool(link)
    assert ("href=" in html) == bool(link)
    assert (f'href="{link}"' in html) == bool(link)
    assert "secret" not in plain + html


def test_files_are_named_and_wait_in_the_chat() -> None:
    plain, html = bodies(written(letter("", attachments=(FILE, GONE))))
    for body in (plain, html):
        assert "📎 bill .pdf" in body
        assert "There are files for you in the chat." in body
        assert "old.pdf" not in body


def test_addresses_and_message_ids_stand_beside_their_names_however_long_they_are() -> None:
    domain = f"{'long.' * 20}example"
    more = {"name": "\u00dcber " * 20, "answers_to": f"reply@{domain}"}
    head = raw(letter(), address=f"help@{domain}", **more).partition(b"\r\n\r\n")[0]
    for name in (b"Reply-To", b"Message-ID", b"In-Reply-To", b"References"):
        assert re.search(rb"^%b: \S+%b>?\r$" % (name, domain.encode()), head, re.MULTILINE)
    assert f"<help@{domain}>".encode() in head


def test_answers_are_asked_for_only_where_they_can_come_in() -> None:
    token = Tokens([b"k" * 32]).of(CNV)
    mail = written(letter())
    assert mail["Reply-To"] == f"reply+{token}@in.shop.example"
    assert mail["Message-ID"] == f"<{token}.4@shop.example>"
    assert mail["References"] == mail["In-Reply-To"] == f"<{token}.0@shop.example>"
    assert bodies(mail)[0].startswith("##- ")
    plain_address = written(letter(), plus=False)
    assert plain_address["Reply-To"] == "reply@in.shop.example"
    deaf = written(letter(), secret="")
    assert deaf["Reply-To"] is None
    assert "##-" not in deaf.as_string()
    assert "simply answer" not in bodies(deaf)[0]
    made = configured(1, secret="")
    assert Writer(made, Tokens(made.keys)).envelope_from(letter()) == OURS


def test_names_are_one_line_each() -> None:
    author = Author(Role.AGENT, "U1", "Ana\r\nBcc: all@x.example")
    mail = written(letter(author=author), name="The\nShop\x00")
    assert mail["From"] == f"The Shop <{OURS}>"
    assert "Ana Bcc: all@x.example:\nHello" in bodies(mail)[0]
    nameless = written(letter(author=Author(Role.AGENT)), name="")
    assert "Our team:\nHello" in bodies(nameless)[0]
    assert nameless["Subject"] == "Your conversation with our team"


def test_an_address_is_as_mail_servers_take_it_or_refused() -> None:
    assert deliverable(" sam+x@B\u00fccher.example ") == "sam+x@xn--bcher-kva.example"
    for wrong in (
        "",
        "sam",
        "a b@c.example",
        "a@b",
        "a@b..c",
        "<a@b.c>",
        "a,b@c.d",
        f"{'a' * 65}@b.c",
    ):
        with pytest.raises(Refused):
            deliverable(wrong)


def test_a_token_is_found_by_any_key_and_in_any_writing() -> None:
    old, new = Tokens([b"a" * 32]), Tokens([b"b" * 32, b"a" * 32])
    token = old.of(CNV)
    assert new.find(["nothing", f"<REPLY+{token.upper()}@x>"]) == CNV
    assert old.find([new.of(CNV)]) is None
    assert old.find([]) is None
